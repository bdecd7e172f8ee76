"""Which actions there are: one that is not configured is not offered."""

from pathlib import Path
from typing import Any

from adapters.when.lazy import LazyWhen
from bot.config import Config
from core.memory.knowledge import Knowledge
from core.memory.profile.book import ProfileBook
from core.operations.own.access import GrantAccess
from core.operations.own.facts import Remember, SearchMemory
from core.operations.own.listing import ReminderList, TaskList
from core.operations.own.profile import ChangeProfile
from core.operations.own.reminders import CancelReminder, SetReminder
from core.operations.own.take_in import TakeIn
from core.operations.own.todos import TaskAdd, TaskDone
from core.operations.own.vouch import Vouch, Vouching
from core.ports.action import Action
from core.ports.documents import DocumentReader
from core.ports.event_log import EventLog
from core.ports.read_models import ReadModels


def files_root(config: Config) -> Path:
    """Return the folder of `file.write` and of attachments."""
    return config.actions.files.root or config.data_dir / "files"


def build_actions(
    config: Config,
    log: EventLog,
    rows: ReadModels,
    knowledge: Knowledge,
    profiles: ProfileBook,
    documents: DocumentReader,
) -> list[Action[Any]]:
    """Return every configured action."""
    when = LazyWhen()
    own: list[Action[Any]] = [
        TaskAdd(when),
        TaskDone(log, rows),
        SetReminder(when, rows),
        TaskList(log, rows),
        CancelReminder(rows),
        ReminderList(log, rows),
        Remember(knowledge, log, rows),
        SearchMemory(knowledge, rows),
        TakeIn(),
        GrantAccess(),
        ChangeProfile(profiles),
        Vouch(Vouching(log, rows, profiles)),
    ]
    return [*own, *_files(config), *_mail(config), *_http(config), *_reading(config, documents)]


def _files(config: Config) -> list[Action[Any]]:
    from adapters.files.file_write import FileWrite
    from adapters.files.note_append import NoteAppend
    from adapters.files.safe_files import SafeFiles

    home = config.data_dir
    journal = home / "journal"
    notes = SafeFiles(home / "notes", journal / "notes", home=home)
    files = SafeFiles(files_root(config), journal / "files", closed=(home,), home=home)
    return [NoteAppend(notes), FileWrite(files)]


def _mail(config: Config) -> list[Action[Any]]:
    smtp = config.actions.mail.smtp
    if smtp is None:
        return []
    from adapters.files.root import FileRoot
    from adapters.mail.delivery import SmtpConfig
    from adapters.mail.smtp import MailSend

    password = smtp.password.get_secret_value() if smtp.password else None
    settings = SmtpConfig(
        host=smtp.host,
        port=smtp.port,
        user=smtp.user,
        password=password,
        tls=smtp.tls,
        sender=smtp.from_,
    )
    home = config.data_dir
    return [MailSend(settings, FileRoot(files_root(config), closed=(home,), home=home))]


def _reading(config: Config, documents: DocumentReader) -> list[Action[Any]]:
    """Return how the web is read: pages where `actions.web` is written, searches with a service."""
    if "web" not in config.actions.model_fields_set:
        return []
    from adapters.web.client import SafeClient
    from adapters.web.fetch import WebFetch
    from adapters.web.providers import SearchConfig
    from adapters.web.search import WebSearch

    web = config.actions.web
    fetch = WebFetch(SafeClient(allow_private=web.fetch.allow_private), documents)
    if web.search is None:
        return [fetch]
    key = web.search.key.get_secret_value() if web.search.key else None
    said = web.search
    service = SearchConfig(said.provider, said.url, key, said.usd_per_search)
    return [WebSearch(service), fetch]


def _http(config: Config) -> list[Action[Any]]:
    if not config.actions.http.allow:
        return []
    from adapters.web.client import SafeClient
    from adapters.web.http_request import HttpRequest

    http = config.actions.http
    return [HttpRequest(SafeClient(allow_private=http.allow_private), http.allow)]
