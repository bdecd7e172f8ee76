import subprocess
import sys

from tests.architecture.source import ROOT

# Each costs from a quarter of a second to four seconds of CPU: docs/dependencies.md.
HEAVY = (
    *("alembic", "chromadb", "litellm", "mcp", "openai", "slack_bolt", "telegram"),
    *("docx", "matplotlib", "numpy", "onnxruntime"),
    *("openpyxl", "pptx", "pypdf", "tokenizers"),
)


def test_the_program_loads_no_heavy_package() -> None:
    """Importing the command line loads no package that only some commands or settings need."""
    code = f"import sys, bot.cli.main; print(*sorted(sys.modules.keys() & set({HEAVY!r})))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("\n", "")
