"""A model's server that answers at once, in a process of its own: `python -m bench.model_server`.

Prints its address and serves until its standard input ends.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.openai import OpenAiServer, answer, usage


@contextmanager
def model_server() -> Iterator[str]:
    """Run the server while the `with` block lasts; give its address."""
    command = [sys.executable, "-m", "bench.model_server"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdout is None:
            message = "The server has no output."
            raise RuntimeError(message)
        yield process.stdout.readline().strip()
        process.communicate()


def main() -> None:
    """Serve."""
    with OpenAiServer() as server:
        server.always(answer("Hello. What can I do for you?", used=usage(900, 9)))
        print(server.api_base, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
