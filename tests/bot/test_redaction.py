import logging
from io import StringIO

from bot.config import Config
from bot.redaction import RedactingFilter, collect_secrets
from core.domain.redaction import Redactor

CONFIG = Config.model_validate(
    {
        "telegram": {"token": "tg-token", "webhook": {"secret": "hook"}},
        "storage": {
            "redis_url": "redis://host/0",
            "database_url": "postgresql://me:p%40ss@host/db",
        },
        "llm": {"tiers": {"deep": {"api_key": "deep-key"}}},
        "actions": {
            "mcp": {"servers": {"a": {"url": "http://x", "headers": {"X": "header-key"}}}},
            "mail": {"smtp": {"host": "h", "from": "a@b.c", "user": "u", "password": "mail-pw"}},
        },
    }
)


def test_secrets_of_the_configuration() -> None:
    """Every secret is found, however deep; of addresses only the password, as it is used too."""
    assert collect_secrets(CONFIG, {}) == {
        "tg-token",
        "hook",
        "p%40ss",
        "p@ss",
        "deep-key",
        "header-key",
        "mail-pw",
    }


def test_secrets_of_the_environment() -> None:
    """Variables that hold keys by their name count; short values and other names do not."""
    environ = {
        "OPENAI_API_KEY": "openai-key",
        "GITHUB_TOKEN": "github-token",
        "AWS_SECRET_ACCESS_KEY": "aws-secret",
        "USE_TOKEN": "yes",
        "HOME": "/home/somebody",
    }
    assert collect_secrets(Config(), environ) == {"openai-key", "github-token", "aws-secret"}


def test_more_names_of_secrets() -> None:
    """Bare names and passwords of addresses count; what may be anything must look like a key."""
    environ = {
        "TOKEN": "bare-token",
        "SMTP_PASS": "smtp-pass",
        "DEPLOY_PAT": "deploy-pat",
        "STRIPE_KEY": "rk_live_0123456789",
        "DATABASE_URL": "postgres://me:db-pass%21@db.example/x",
        "SORT_KEY": "created_at",
        "SSH_KEY": "/home/somebody/.ssh/id_ed25519",
        "HOMEPAGE": "https://acme.example/@me",
    }
    found = {"bare-token", "smtp-pass", "deploy-pat", "rk_live_0123456789"}
    assert collect_secrets(Config(), environ) == found | {"db-pass%21", "db-pass!"}


def log(secret: str) -> tuple[logging.Logger, StringIO]:
    """Return a logger whose handler filters, and what it writes."""
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(RedactingFilter(Redactor([secret])))
    logger = logging.Logger("test")  # noqa: LOG001 - one of its own, outside the tree of loggers
    logger.addHandler(handler)
    return logger, out


def test_log_lines() -> None:
    """Messages and their arguments reach the log without secrets."""
    logger, out = log("hunter22")
    logger.warning("call with %s and %d", "hunter22", 5)
    assert out.getvalue() == "call with [secret] and 5\n"


def test_log_tracebacks() -> None:
    """Tracebacks and stacks do as well."""
    logger, out = log("hunter22")
    try:
        int("hunter22")
    except ValueError:
        logger.exception("it failed", stack_info=True)
    assert "with base 10: '[secret]'" in out.getvalue()
    assert "hunter22" not in out.getvalue()


def test_log_with_wrong_arguments() -> None:
    """A record whose arguments do not fit is kept, without them."""
    logger, out = log("hunter22")
    logger.warning("hunter22 %d", "x")
    assert out.getvalue() == "[secret] %d (its arguments do not fit)\n"
