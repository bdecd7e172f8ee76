"""What is wrong with a configuration."""

from collections.abc import Sequence

from core.domain.errors import RefusedError


class ConfigError(RefusedError):
    """A configuration that cannot be used; `problems` holds one line for each mistake."""

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        """Say all mistakes of `where` (a file name, or the environment) at once."""
        self.where = where
        self.problems = tuple(problems)
        if len(self.problems) == 1:
            text = f"{where}: {self.problems[0]}"
        else:
            text = "\n  ".join((f"{where} has {len(self.problems)} mistakes:", *self.problems))
        super().__init__(text)
