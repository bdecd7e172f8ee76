"""What a provider tells of a call is believed only where it can be: the higher reading counts."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.litellm.model import LiteLlmModel
from adapters.litellm.prices import most_tokens
from adapters.litellm.usage import checked, estimated, is_fraction
from core.domain.errors import ModelRefusedError, ModelUnreachableError
from core.ports.model import ModelAnswer, ModelMessage, Usage
from tests.contracts.model import hello
from tests.servers.http import Reply, json_reply
from tests.servers.openai import Call, OpenAiServer, answer, stream, usage

TEXT = "Hello you there. "
MOST_IN = most_tokens(hello())
GUESS = Usage(tokens_in=MOST_IN, tokens_out=len(TEXT) // 3 + 2)
HALF = Usage(tokens_in=100, tokens_out=20)


def told(reply: Reply, used: object) -> Reply:
    """Return the reply with something else in the place of the usage."""
    before = json.dumps(usage()).encode()
    assert before in reply.body
    return reply._replace(body=reply.body.replace(before, json.dumps(used).encode()))


async def both(
    server: OpenAiServer, model: LiteLlmModel, change: Callable[[Reply], Reply]
) -> list[ModelAnswer]:
    """Make a call that comes whole and one that is streamed."""
    server.script(change(answer(TEXT)))
    whole = await model.complete(hello())
    server.script(change(stream([TEXT[:7], TEXT[7:]])))
    return [whole, await model.complete(hello(), lambda _: None)]


def parts(
    tokens_in: object, tokens_out: object, total: object = None, **more: object
) -> dict[str, object]:
    """Return a usage of these parts; where no total is given it tells none."""
    found = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, **more}
    return found if total is None else {**found, "total_tokens": total}


@pytest.mark.parametrize(
    "used",
    [
        None,
        {},
        "many",
        7,
        [],
        parts(0, 0, 0),
        parts(None, None),
        parts(-100, -20, -120),
        parts(10.5, 2.5, 13),
        parts("ten", "two", "twelve"),
        parts(float("nan"), float("inf"), 1),
        parts([], {}, False),
    ],
)
async def test_what_is_no_usage_is_estimated(
    server: OpenAiServer, model: LiteLlmModel, used: object
) -> None:
    """Text was written, whatever is told of it; the answer itself is none the worse."""
    for got in await both(server, model, lambda reply: told(reply, used)):
        assert got.text == TEXT
        assert got.usage == GUESS
        assert got.usd == Decimal(GUESS.tokens_in + 4 * GUESS.tokens_out) / 1_000_000


async def test_a_stream_without_a_usage_is_estimated(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """Litellm makes one up then, by the tokens of another model."""
    lines = stream([TEXT]).body.split(b"\n\n")
    silent = b"\n\n".join(line for line in lines if b'"usage"' not in line)
    server.script(stream([TEXT])._replace(body=silent))
    assert (await model.complete(hello(), lambda _: None)).usage == GUESS


def _in_field(field: str, value: object) -> Reply:
    """Return an answer without a usage whose only piece has one field."""
    lines = stream([""]).body.split(b"\n\n")
    silent = [line for line in lines if b'"usage"' not in line]
    silent[0] = silent[0].replace(b'"content": ""', f'"{field}": {json.dumps(value)}'.encode())
    return stream([""])._replace(body=b"\n\n".join(silent))


@pytest.mark.parametrize(
    ("field", "value"),
    [("refusal", TEXT * 9), ("function_call", {"name": "f", "arguments": TEXT * 9})],
)
async def test_what_is_read_from_another_field_is_estimated(
    server: OpenAiServer, model: LiteLlmModel, field: str, value: object
) -> None:
    """Without a usage it counts by its own length, like any other text."""
    server.script(_in_field(field, value))
    got = await model.complete(hello(), nobody)
    assert len(TEXT.split()) * 9 <= got.usage.tokens_out <= len(TEXT) * 9


@pytest.mark.parametrize("field", ["audio", "x_notes"])
async def test_an_answer_of_which_nothing_can_be_read_may_have_been_as_long_as_allowed(
    server: OpenAiServer, model: LiteLlmModel, field: str
) -> None:
    """What is written in a field that nobody knows, without a usage, was written all the same."""
    server.script(_in_field(field, {"data": TEXT * 9}))
    got = await model.complete(hello(), nobody)
    assert (got.text, got.usage.tokens_out) == ("", hello().max_tokens)


@pytest.mark.parametrize(
    ("used", "counts"),
    [
        (parts(100, 20, 120), HALF),
        (parts("100", 20.0, 120), HALF),
        (parts(100, 20, 90), HALF),
        (parts(100, 20, 500), Usage(tokens_in=100, tokens_out=400)),
        (parts(100, 0, 500), Usage(tokens_in=100, tokens_out=400)),
        (parts(0, 20, 120), Usage(tokens_in=MOST_IN, tokens_out=20)),
        (parts(100, 0, 0), Usage(tokens_in=100, tokens_out=GUESS.tokens_out)),
        (parts(100, 5000, 5100), Usage(tokens_in=100, tokens_out=5000)),
        (
            parts(100, 20, 120, completion_tokens_details={"reasoning_tokens": 50}),
            Usage(tokens_in=100, tokens_out=70),
        ),
        (
            parts(100, 20, 120, completion_tokens_details={"reasoning_tokens": 15}),
            HALF,
        ),
        (
            parts(100, 20, 120, prompt_tokens_details={"cached_tokens": 40}),
            Usage(tokens_in=100, tokens_out=20, cached_in=40),
        ),
        (
            parts(100, 20, 120, prompt_tokens_details={"cached_tokens": 300}),
            Usage(tokens_in=400, tokens_out=20, cached_in=300),
        ),
        (parts(100, 20, 120, prompt_tokens_details={"cached_tokens": -300}), HALF),
        (parts(5000.25, 20, 120), Usage(tokens_in=5001, tokens_out=20)),
        (parts(100, 700.5, 120), Usage(tokens_in=100, tokens_out=701)),
        (parts(100, 20, 5000.5), Usage(tokens_in=100, tokens_out=4901)),
        (parts(10**30, 20, 120), Usage(tokens_in=10**12, tokens_out=20)),
    ],
)
async def test_the_higher_reading_counts(
    server: OpenAiServer, model: LiteLlmModel, used: object, counts: Usage
) -> None:
    """Parts against the total, what was thought, what was cached, and all against the text."""
    for got in await both(server, model, lambda reply: told(reply, used)):
        assert got.usage == counts


async def test_too_few_tokens_for_the_text_are_not_believed(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """One token cannot have been all of it, whether words or arguments."""
    long = "Hello you there. " * 20
    for reply in (answer(long), answer(calls=[Call("submit_result", long)])):
        server.script(told(reply, parts(100, 1, 101)))
        got = await model.complete(hello())
        assert got.usage.tokens_out >= len(long) // 3


async def test_a_call_above_its_reservation_is_told_in_full(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """What is told is owed, also where the stream broke off behind it."""
    used = parts(9_000_000, 20, 9_000_020)
    for got in await both(server, model, lambda reply: told(reply, used)):
        assert got.usd == Decimal("9.00008") > model.ceiling(hello())
    body = told(stream([TEXT]), used).body.replace(b'"finish_reason": "stop"', b'"x": null')
    server.script(stream()._replace(body=body.replace(b"data: [DONE]", b"")))
    with pytest.raises(ModelUnreachableError, match="broke off") as caught:
        await model.complete(hello(), lambda _: None)
    assert caught.value.usd == Decimal("9.00008")


@pytest.mark.parametrize("code", [400, 402, 404, 429, 500])
@pytest.mark.parametrize("choices", [{}, {"choices": []}])
async def test_a_usage_beside_an_error_is_charged(
    server: OpenAiServer, model: LiteLlmModel, code: int, choices: dict[str, object]
) -> None:
    """A whole answer that is an error with a status of success: what it says it used is owed."""
    error = {"message": "it failed", "code": code}
    server.script(json_reply({"error": error, "usage": parts(900, 70, 970), **choices}))
    with pytest.raises(ModelUnreachableError) as caught:
        await model.complete(hello())
    assert caught.value.tokens == (900, 70)
    assert caught.value.usd == Decimal(900 + 4 * 70) / 1_000_000


@pytest.mark.parametrize("used", [{}, None, parts(0, 0, 0), parts("none", None)])
async def test_an_error_beside_no_usage_stays_a_refusal(
    server: OpenAiServer, model: LiteLlmModel, used: object
) -> None:
    """Nothing was used, so that nothing is owed."""
    server.script(json_reply({"error": {"message": "it failed", "code": 400}, "usage": used}))
    with pytest.raises(ModelRefusedError, match="it failed"):
        await model.complete(hello())


@pytest.mark.parametrize("code", [400, 402, 429, 500])
async def test_an_error_in_a_stream_is_an_answer_that_broke_off(
    server: OpenAiServer, model: LiteLlmModel, code: int
) -> None:
    """Some servers tell a failure so, behind text that is charged for."""
    begun = stream(["word " * 40], ends=False)
    error = {"error": {"message": "it failed", "code": code}, "choices": []}
    server.script(begun._replace(body=begun.body + f"data: {json.dumps(error)}\n\n".encode()))
    with pytest.raises(ModelUnreachableError) as caught:
        await model.complete(hello(), lambda _: None)
    tokens_in, tokens_out = caught.value.tokens
    assert tokens_in == MOST_IN
    assert tokens_out >= 40
    assert caught.value.usd == Decimal(tokens_in + 4 * tokens_out) / 1_000_000


async def test_too_few_tokens_for_the_prompt_are_not_believed(
    server: OpenAiServer, model: LiteLlmModel
) -> None:
    """Five tokens cannot have been a letter of 20 kB, with whatever tokenizer."""
    letter = ModelMessage(role="user", content="Dear Ada, the harbour office wrote. " * 600)
    request = hello().model_copy(update={"messages": (letter,)})
    for reply, on_delta in ((answer("Hi."), None), (stream(["Hi."]), nobody)):
        server.script(told(reply, parts(5, 20, 25)))
        got = await model.complete(request, on_delta)
        assert got.usage == Usage(tokens_in=most_tokens(request), tokens_out=20)
        server.script(told(reply, parts(4801, 20, 4821)))
        assert (await model.complete(request, on_delta)).usage.tokens_in == 4801


@pytest.mark.parametrize(
    ("each", "counts"),
    [
        ([parts(100, 20 * n, 100 + 20 * n) for n in range(1, 6)], (100, 100)),
        ([parts(100, 20, 120)] * 5, (100, 100)),
        ([parts(100, 0, 100), *[parts(0, 20, 20)] * 4], (100, 80)),
        ([parts(100, 500, 600), parts(0, 0, 0)], (100, 500)),
    ],
    ids=["so far", "of each piece", "of the prompt first", "zero at the end"],
)
async def test_a_usage_in_several_pieces_counts_as_it_is_meant(
    server: OpenAiServer,
    model: LiteLlmModel,
    each: list[dict[str, object]],
    counts: tuple[int, int],
) -> None:
    """What was used so far, or by a piece alone: the text tells which."""
    whole = stream(["word " * 16] * len(each))
    lines = [line for line in whole.body.split(b"\n\n") if b'"usage"' not in line]
    for at, used in enumerate(each, start=1):
        lines[at] = b"data: " + json.dumps({**json.loads(lines[at][6:]), "usage": used}).encode()
    server.script(whole._replace(body=b"\n\n".join(lines)))
    got = await model.complete(hello(), nobody)
    assert (got.usage.tokens_in, got.usage.tokens_out) == counts


def nobody(_: str) -> None:
    """Look at no piece."""


NUMBERS = st.integers(-5, 5000) | st.floats() | st.none() | st.text(max_size=3) | st.booleans()
DETAILS = (
    st.none()
    | st.text(max_size=3)
    | st.dictionaries(
        st.sampled_from(["cached_tokens", "cache_creation_tokens", "reasoning_tokens"]), NUMBERS
    )
)


@given(
    told=st.fixed_dictionaries(
        {},
        optional={
            "prompt_tokens": NUMBERS,
            "completion_tokens": NUMBERS,
            "total_tokens": NUMBERS,
            "prompt_tokens_details": DETAILS,
            "completion_tokens_details": DETAILS,
        },
    ),
    size=st.integers(0, 20_000),
)
def test_nothing_told_makes_a_call_cheaper_than_its_parts(told: dict[str, Any], size: int) -> None:
    """No part is lost, no cached token is more than there are, and no text is free."""
    found = checked(told, estimated(1000, size, 2048), size)
    for name, counted in (
        ("prompt_tokens", found.tokens_in),
        ("completion_tokens", found.tokens_out),
        ("total_tokens", found.tokens_in + found.tokens_out),
    ):
        part = told.get(name)
        if isinstance(part, int) and not isinstance(part, bool):
            assert counted >= part
        if is_fraction(part) and part > 6000 + size:
            assert counted >= min(part, 10**12)
    assert found.tokens_in > 0
    assert 0 <= found.cached_in + found.written_in <= found.tokens_in
    assert found.tokens_out * 64 >= min(size, 2048 * 3)
