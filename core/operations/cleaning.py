"""What an action gave back, before anything is made of it: without secrets."""

from core.domain.redaction import Redactor
from core.ports.action import ActionResult


def without_secrets(result: ActionResult, redactor: Redactor) -> ActionResult:
    """Return a result without the secrets that a server may have repeated.

    Sources too: an address can carry a key. What undoing takes stays as it is; no text is in it.
    """
    named = [source.model_dump(mode="json") for source in result.sources]
    clean = {
        "output": redactor.redact(result.output),
        "said": redactor.text(result.said),
        "sources": redactor.redact(named),
    }
    written = result.written
    if written is not None:
        written = written.model_copy(update={"place": redactor.text(written.place)})
    return ActionResult.model_validate({**dict(result), **clean, "written": written})
