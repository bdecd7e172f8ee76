"""Start time and resident memory of the real program."""

import compileall
import statistics
from pathlib import Path

from bench.figures import Figure
from bench.piped import ROOT, Piped

START_TARGET_S = 3.0
START_PEER_S = 2.9
MEMORY_TARGET_MB = 200.0
MEMORY_PEER_MB = 130.0


def starts(folder: Path, rounds: int, messages: int) -> list[Figure]:
    """Measure `rounds` starts on a place that is in use, and the memory after `messages`."""
    for name in ("bot", "core", "adapters"):
        compileall.compile_dir(ROOT / name, quiet=1)
    with Piped(folder) as program:
        first = program.say("hello")
    prompts, replies, memory = [], [], []
    for number in range(rounds):
        with Piped(folder) as program:
            prompts.append(program.prompt_s())
            replies.append(program.say(f"hello {number}"))
            memory.append(program.memory_mb())
    with Piped(folder) as program:
        for number in range(messages):
            program.say(f"note: milk {number}" if number % 5 == 0 else f"hello again {number}")
        later = program.memory_mb()
    prompt, reply = statistics.median(prompts), statistics.median(replies)
    return [
        Figure("very first start to reply", first, "s", target=START_TARGET_S),
        Figure("start to prompt", prompt, "s", target=START_TARGET_S),
        Figure("start to first reply", reply, "s", target=START_TARGET_S, peer=START_PEER_S),
        _memory("memory after start", statistics.median(memory)),
        _memory(f"memory after {messages:,} messages", later),
    ]


def _memory(name: str, megabytes: float) -> Figure:
    return Figure(name, megabytes, "MB", target=MEMORY_TARGET_MB, peer=MEMORY_PEER_MB)
