"""`python -m bench.locomo FILE`: how much of the evidence recall finds, through the command line.

Each conversation gets an empty data_dir; its turns go in through `memory ingest`, its questions
through one `memory search --batch -`, a line in, a line out.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bench.conversations import (
    DEPTHS,
    SPLITS,
    Asked,
    Conversation,
    Scores,
    Turn,
    by_category,
    conversations,
    recall_table,
    scores,
)
from bench.figures import percentile
from bench.piped import ROOT

NO_FILE = (
    "No LoCoMo file was given, so nothing was measured: the data (CC BY-NC 4.0) is not part of "
    "Equerry; its file is locomo10.json of github.com/snap-research/locomo."
)


def measured(
    one: Conversation, folder: Path, took: list[float]
) -> tuple[float, list[tuple[int, Scores]]]:
    """Return the seconds of taking a conversation in, and the scores of its questions.

    The milliseconds of each question are added to `took`.
    """
    command = [sys.executable, "-m", "bot", "--config", str(_config(folder)), "memory"]
    lengths = {turn.id: turn.length for turn in one.turns}
    lines = folder / "turns.jsonl"
    lines.write_text("".join(f"{_line(turn)}\n" for turn in one.turns), encoding="utf-8")
    start = time.perf_counter()
    subprocess.run(
        [*command, "ingest", str(lines)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    ingest_s = time.perf_counter() - start
    scored = []
    with _asking(command) as (told, answers):
        for asked in one.questions:
            start = time.perf_counter()
            found = _ask(told, answers, asked)
            took.append((time.perf_counter() - start) * 1000)
            scored.append((asked.category, scores(asked.evidence, found, lengths)))
    return ingest_s, scored


def main() -> None:
    """Measure a file and print the means of each category."""
    parser = argparse.ArgumentParser(prog="python -m bench.locomo", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="the data: locomo10.json or a part")
    parser.add_argument("--split", choices=[*SPLITS, "all"], default="all")
    given = parser.parse_args()
    if given.file is None:
        print(NO_FILE)
        return
    ingests: list[float] = []
    took: list[float] = []
    scored: list[tuple[int, Scores]] = []
    for one in conversations(given.file, given.split):
        with tempfile.TemporaryDirectory(prefix="equerry-locomo-") as folder:
            ingest_s, some = measured(one, Path(folder), took)
        print(
            f"{one.name}: {len(one.turns)} turns in {ingest_s:.1f} s", file=sys.stderr, flush=True
        )
        ingests.append(ingest_s)
        scored += some
    if not scored:
        print(f"{given.file} has no conversation of {given.split}.")
        return
    print(recall_table(by_category(scored)))
    print(
        f"\n{len(ingests)} conversations; ingest {statistics.fmean(ingests):.1f} s each; a question"
        f" {statistics.median(took):.1f} ms median, {percentile(took, 95):.1f} ms p95"
        f" ({len(took):,} questions)"
    )


@contextmanager
def _asking(command: list[str]) -> Iterator[tuple[IO[str], IO[str]]]:
    process = subprocess.Popen(
        [*command, "search", "--batch", "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    with process:
        if process.stdin is None or process.stdout is None:
            raise BrokenPipeError
        yield process.stdin, process.stdout


def _ask(told: IO[str], answers: IO[str], asked: Asked) -> list[str]:
    told.write(json.dumps({"query": asked.text, "k": DEPTHS[-1]}) + "\n")
    told.flush()
    answer = json.loads(answers.readline())
    return list(dict.fromkeys(str(hit["id"]) for hit in answer["results"]))


def _config(folder: Path) -> Path:
    config = folder / "config.yaml"
    config.write_text(json.dumps({"data_dir": str(folder / "data")}), encoding="utf-8")
    return config


def _line(turn: Turn) -> str:
    line = {
        "id": turn.id,
        "text": turn.text,
        "at": turn.at.isoformat(),
        "speaker": turn.speaker,
        "source": turn.source,
    }
    return json.dumps(line, ensure_ascii=False)


if __name__ == "__main__":
    main()
