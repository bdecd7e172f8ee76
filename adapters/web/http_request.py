"""`http.request`: a call to a server that the owner listed."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from adapters.web.addresses import HostList
from adapters.web.client import Request, SafeClient
from adapters.web.response import BAD, BUSY, OK, REDIRECT, SERVER_ERROR, Response
from adapters.web.urls import Target, parse_url
from core.domain.canonical import canonical
from core.domain.cards import Impact
from core.domain.errors import (
    BadInputError,
    OutcomeUnknownError,
    RefusedError,
    TransientError,
)
from core.domain.sources import Source
from core.ports.action import Action, ActionArgs, ActionContext, ActionResult, Preview

MAX_TEXT = 50_000
"""Characters of an answer that are kept: more would drown whoever reads it."""

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

_READS = frozenset({"GET", "HEAD"})
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?|")
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "idempotency-key",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_TOLD = ("content-type", "etag", "last-modified", "link", "location", "retry-after")
_NOT_DONE = frozenset({307, 308, 501, 505})


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class HttpArgs(ActionArgs):
    """A request; `json` is its body, none when it is null."""

    model_config = ConfigDict(serialize_by_alias=True)

    method: Annotated[Method, BeforeValidator(_upper)]
    url: str
    headers: dict[str, str] = Field(default_factory=dict, max_length=50)
    payload: Any = Field(default=None, alias="json")


class HttpRequest(Action[HttpArgs]):
    """Calls a listed server once; only GET and HEAD are reads.

    `allow` are the hosts of `actions.http.allow` (`host`, `host:port`, `*.domain`); about private
    addresses `client` decides. All but reads carry `Idempotency-Key: <marker>`, so that a server
    that knows the header does nothing twice.
    """

    name: ClassVar[str] = "http.request"
    summary: ClassVar[str] = "call the HTTP interface of a listed host"
    Args = HttpArgs
    control: ClassVar[frozenset[str]] = frozenset({"method", "url", "headers", "json"})
    pinned: ClassVar[frozenset[str]] = frozenset({"method", "url"})
    commits: ClassVar[bool] = True

    def __init__(self, client: SafeClient, allow: Iterable[str]) -> None:
        self._client = client
        self._allow = HostList.of(allow)

    def impact(self, args: HttpArgs) -> Impact:
        """Return none for reads, high for all else: what a server does cannot be known."""
        return "none" if args.method in _READS else "high"

    def repeatable(self, args: HttpArgs) -> bool:
        """Return whether it is a read: no server needs to know the idempotency key."""
        return args.method in _READS

    def check(self, args: HttpArgs, context: ActionContext) -> None:
        """Raise RefusedError for a host that is not listed, BadInputError for a bad header."""
        self._permit(parse_url(args.url))
        for name, value in args.headers.items():
            if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
                message = f"The header {name[:40]!r} is no header that HTTP can carry."
                raise BadInputError(message)
            if name.lower() in _OURS:
                message = f"The header {name!r} is set by Equerry; leave it out."
                raise BadInputError(message)
        if args.payload is not None and args.method in _READS:
            message = f"A {args.method} request carries no json; leave it out."
            raise BadInputError(message)

    def reaches(self, args: HttpArgs) -> str:
        """Return the server."""
        return parse_url(args.url).authority

    def preview(self, args: HttpArgs) -> Preview:
        """Name the method and the host; the whole request stands below it, argument by argument."""
        try:
            host = parse_url(args.url).authority
        except RefusedError:
            host = args.url
        return Preview(title=f"{args.method} to {host}")

    async def run(self, args: HttpArgs, context: ActionContext) -> ActionResult:
        """Make the call; `output` has `status`, some `headers`, and `json` or `text`."""
        self.check(args, context)
        if args.method in _READS:
            request = Request(args.method, args.url, args.headers)
            response = await self._client.read(request, self._permit)
            self._judge_read(response, context)
        else:
            request = _effect(args, context.marker)
            response = await self._client.send(request, context.commit_point, self._permit)
            self._judge_effect(args.method, response, context)
        return ActionResult(
            output=_output(response),
            said=f"{args.method} {response.url} answered {response.status}.",
            sources=(Source(kind="web", ref=response.url),),
        )

    def _permit(self, target: Target) -> None:
        if not self._allow.has(target.host, target.port):
            message = f"{target.authority} is not on the list actions.http.allow."
            raise RefusedError(message)

    def _judge_read(self, response: Response, context: ActionContext) -> None:
        """Let every status through that is an answer; raise where asking again may help."""
        if response.status in BUSY or response.status >= SERVER_ERROR:
            message = f"{response.url} answered {response.status}."
            plain = f"it was answered with {response.status}"
            raise TransientError(message, retry_after=_pause(response, context), plain=plain)

    def _judge_effect(self, method: str, response: Response, context: ActionContext) -> None:
        """Raise unless the server says that it did it; only a broken one leaves that open."""
        status, where = response.status, f"{method} {response.url}"
        if OK <= status < REDIRECT:
            return
        if status in BUSY:
            message = f"{where} answered {status}: nothing was done, it is to be tried later."
            raise TransientError(message, retry_after=_pause(response, context))
        if status in _NOT_DONE or BAD <= status < SERVER_ERROR:
            message = f"{where} was refused with {status}."
            raise RefusedError(message, plain=f"it was refused with {status}")
        if status >= SERVER_ERROR:
            message = f"{where} answered {status}; it may have had its effect."
            raise OutcomeUnknownError(message)


def _effect(args: HttpArgs, marker: str) -> Request:
    headers = {**args.headers, "Idempotency-Key": marker}
    body = b""
    if args.payload is not None:
        body = canonical(args.payload).encode()
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
    return Request(args.method, args.url, headers, body)


def _pause(response: Response, context: ActionContext) -> float | None:
    return response.retry_after(context.now)


def _output(response: Response) -> dict[str, Any]:
    told = {name: response.headers[name] for name in _TOLD if name in response.headers}
    output: dict[str, Any] = {"status": response.status, "headers": told}
    text = response.text()
    if len(text) <= MAX_TEXT and response.complete:
        try:
            return {**output, "json": response.json()}
        except ValueError:
            return {**output, "text": text}
    return {**output, "text": text[:MAX_TEXT], "cut": True}
