"""Logs as earlier versions of Equerry left them."""

import pytest

from core.domain.canonical import canonical


def as_earlier_versions_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Store text as it is, halves of characters and NUL too, until the patch is undone."""
    for module in ("core.domain.erasable", "core.log.sealing"):
        monkeypatch.setattr(f"{module}.stored_json", lambda value: (value, canonical(value)))
