import sys

from tests.architecture.source import imports, modules

# What core may use besides itself and the standard library: values, text and time; no I/O.
# import-linter names the worst of the rest; this list also holds for what nobody thought of.
ALLOWED = {
    "core",
    "dateparser",
    "dateutil",
    "pydantic",
    "pydantic_core",
    "snowballstemmer",
    "tenacity",
    "tzlocal",
    "yaml",
}

# Parts of the standard library that reach outside: a port and an adapter are made for these.
OUTSIDE = {
    "ftplib",
    "http.client",
    "http.server",
    "imaplib",
    "multiprocessing",
    "poplib",
    "smtplib",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "urllib.request",
}


def test_core_imports_values_only() -> None:
    """Core imports nothing but itself, the standard library and a few packages without I/O."""
    allowed = ALLOWED | sys.stdlib_module_names
    found = [
        f"{path}:{line}: {name}"
        for path, tree in modules("core")
        for line, name in imports(tree)
        if name.partition(".")[0] not in allowed
    ]
    assert found == []


def test_core_reaches_nothing_outside() -> None:
    """Core opens no connection, database or process by way of the standard library."""
    found = [
        f"{path}:{line}: {name}"
        for path, tree in modules("core")
        for line, name in imports(tree)
        if any(f"{name}.".startswith(f"{outside}.") for outside in OUTSIDE)
    ]
    assert found == []
