"""Serve a GGUF model by OpenAI's protocol on loopback: `serve.py FILE PORT`.

Ends with whoever started it, so that a test run that is killed leaves no server behind.
"""

import os
import sys
import time
from importlib import import_module

LOOPBACK = "127.0.0.1"
CONTEXT = 4096
THREADS = max(1, (os.cpu_count() or 1) - 1)
"""One core is left to others: threads that wait for one another are slow on a busy machine."""


def serve(model: str, port: int) -> None:
    """Serve one conversation at a time until the parent process is gone."""
    parent = os.getppid()
    xllamacpp = import_module("xllamacpp")  # it is in .venv-smoke only
    given = xllamacpp.CommonParams()
    given.model.path = model
    given.hostnames = [LOOPBACK]
    given.port = port
    given.n_ctx = CONTEXT
    given.n_parallel = 1
    given.use_jinja = True
    given.cpuparams.n_threads = THREADS
    server = xllamacpp.Server(given)
    print(f"serving on {server.listening_address}", flush=True)
    while os.getppid() == parent:
        time.sleep(1)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
