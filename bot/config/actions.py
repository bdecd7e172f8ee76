"""What the executor may use. An action that is not configured is not offered."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from bot.config.section import Section
from bot.config.values import (
    AllowedHost,
    Folder,
    Host,
    Mailbox,
    Port,
    Secret,
    Text,
    Url,
    not_allowed,
)

SMTP_PORTS = {"none": 25, "starttls": 587, "implicit": 465}


class Smtp(Section):
    """The server that sends mail."""

    host: Host = Field(description="Name of the server.")
    port: Port = Field(587, description="Port; 465 where `tls` is implicit, 25 where it is none.")
    user: Text | None = Field(None, description="Name to log in with; null: no log-in.")
    password: Secret | None = Field(None, description="Password to log in with.")
    tls: Literal["none", "starttls", "implicit"] = Field(
        "starttls", description="`none`, `starttls` or `implicit`."
    )
    from_: Mailbox = Field(alias="from", description="Sender address of every mail.")

    @model_validator(mode="before")
    @classmethod
    def _port_follows_tls(cls, data: Any) -> Any:  # noqa: ANN401 - anything may be written
        if isinstance(data, dict) and "port" not in data:
            tls = data.get("tls", "starttls")
            return {**data, "port": SMTP_PORTS.get(tls if isinstance(tls, str) else "", 587)}
        return data

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Refuse half a log-in."""
        if self.password and self.user is None:
            yield "user", "is needed where there is a password"
        if self.user and self.password is None:
            yield "password", "is needed where there is a user"


class Mail(Section):
    """Mail."""

    smtp: Smtp | None = Field(None, description="Server for `mail.send`; null: not offered.")


class Http(Section):
    """`http.request`."""

    allow: tuple[AllowedHost, ...] = Field(
        (), description="Hosts that may be called; empty: not offered."
    )
    allow_private: tuple[AllowedHost, ...] = Field(
        (), description="Hosts that may be at a private address."
    )


class Search(Section):
    """The service behind `web.search`."""

    provider: Literal["searxng", "brave", "tavily"] = Field(
        description="`searxng`, `brave` or `tavily`."
    )
    url: Url | None = Field(None, description="Address of the service; SearXNG needs one.")
    key: Secret | None = Field(None, description="Key; Brave and Tavily need one.")

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Refuse a service that cannot be reached as configured."""
        if self.provider == "searxng" and self.url is None:
            yield "url", "is needed for searxng"
        if self.provider != "searxng" and self.key is None:
            yield "key", f"is needed for {self.provider}"


class Fetch(Section):
    """`web.fetch`."""

    allow_private: tuple[AllowedHost, ...] = Field(
        (), description="Hosts that may be at a private address; empty: none may."
    )


class Web(Section):
    """Reading the web."""

    search: Search | None = Field(None, description="Service for `web.search`; null: not offered.")
    fetch: Fetch = Field(default_factory=Fetch, description="Settings of `web.fetch`.")


class McpServer(Section):
    """A server of tools: a program (`command`) or an address (`url`)."""

    command: Text | None = Field(None, description="Program to start.")
    args: tuple[str, ...] = Field((), description="Its arguments.")
    env: dict[str, Secret] = Field({}, description="Its environment variables.")
    url: Url | None = Field(None, description="Address of a server that runs already.")
    headers: dict[str, Secret] = Field({}, description="Headers sent to it.")

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Refuse a server with no way to it, or with two."""
        if (self.command is None) == (self.url is None):
            yield "command", "give either command or url"


def _server_name(name: str) -> str:
    if not name.replace("_", "").replace("-", "").isalnum() or not name.isascii():
        raise not_allowed("a name of letters, digits, _ and -")
    return name


class Mcp(Section):
    """Tools of others."""

    servers: dict[Annotated[str, AfterValidator(_server_name)], McpServer] = Field(
        {}, description="Servers by name; their tools are called `mcp.NAME.TOOL`."
    )


class Files(Section):
    """`file.write`."""

    root: Folder | None = Field(
        None, description="Folder to write in; null: `files` under `data_dir`."
    )


class Calendar(Section):
    """The calendar has no settings yet."""


class Sandbox(Section):
    """The sandbox has no settings yet."""


class Actions(Section):
    """Settings of actions."""

    calendar: Calendar = Field(default_factory=Calendar, description="No settings yet.")
    mail: Mail = Field(default_factory=Mail, description="Mail.")
    web: Web = Field(default_factory=Web, description="Searching and reading the web.")
    http: Http = Field(default_factory=Http, description="Calls to services.")
    mcp: Mcp = Field(default_factory=Mcp, description="Tools of others, through MCP.")
    files: Files = Field(default_factory=Files, description="Files of the owner.")
    sandbox: Sandbox = Field(default_factory=Sandbox, description="No settings yet.")
