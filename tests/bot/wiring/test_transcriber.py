"""Which model hears voice messages, where and with which key."""

from typing import Any

import pytest

from adapters.litellm.loading import close_clients
from bot.config import Config
from bot.redaction import collect_secrets
from bot.wiring.models import build_transcriber
from tests.contracts.transcriber import VOICE
from tests.servers.openai import OpenAiServer, transcript


def config(**llm: Any) -> Config:  # noqa: ANN401 - of the section
    """Return a configuration with a section for models."""
    return Config.model_validate({"llm": llm})


def test_none_is_configured() -> None:
    """Without a model there is none: nothing is looked for."""
    assert build_transcriber(config(transcription={"language": "de"})) is None
    assert build_transcriber(config()) is None


@pytest.mark.parametrize("own", [False, True])
async def test_its_server_and_key_come_before_those_of_llm(*, own: bool) -> None:
    """What it has of its own counts; the rest is that of all models. Its key is a secret."""
    with OpenAiServer() as used, OpenAiServer() as spare:
        section = {"model": "ear", "price_per_minute": "0.60", "language": "pt-BR"}
        more = {"api_base": used.api_base, "api_key": "sk-of-the-ear"} if own else {}
        general = spare if own else used
        made = config(
            api_base=general.api_base, api_key="sk-of-all", transcription={**section, **more}
        )
        used.script(transcript("olá"))
        ear = build_transcriber(made)
        assert ear is not None
        try:
            heard = await ear.transcribe(VOICE)
        finally:
            await close_clients()
        assert (heard.text, heard.model, str(heard.usd)) == ("olá", "ear", "0.20")
        assert used.keys == ["Bearer sk-of-the-ear" if own else "Bearer sk-of-all"]
        assert used.uploads[0].fields["language"] == "pt-BR"
        assert spare.keys == []
    if own:
        assert "sk-of-the-ear" in collect_secrets(made, {})
