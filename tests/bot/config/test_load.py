import os
from collections.abc import Callable
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest

from bot.config import Config, ConfigError, load_config

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes a configuration file and gives its path."""

    def write(text: str) -> Path:
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems(path: Path | None, **environ: str) -> tuple[str, ...]:
    """Return the lines a configuration is refused with."""
    with pytest.raises(ConfigError) as caught:
        load_config(path, environ)
    return caught.value.problems


def test_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file the defaults of the contract hold, under the current folder."""
    monkeypatch.chdir(tmp_path)
    config = load_config(None, {})
    assert config.data_dir == tmp_path / "data"
    assert config.profile.quiet_hours == (time(22), time(7))
    assert config.telegram.api_base == "https://api.telegram.org"
    assert config.telegram.webhook.port == 8443
    assert config.slack.http.port == 3000
    assert config.llm.timeout_s == 60
    assert config.llm.tiers.deep.model is None
    assert config.budget.operation_usd == Decimal("0.50")
    assert config.budget.month_usd == 60
    assert config.gates.min_decisions == 5
    assert config.digest.at == time(7, 30)
    assert config.actions.mail.smtp is None
    assert config.actions.files.root is None
    assert config.storage.anchor is None


def test_file_in_the_current_folder(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """./config.yaml is read when no file is named."""
    path = write("profile: {name: Ada}")
    monkeypatch.chdir(path.parent)
    assert load_config(None, {}).profile.name == "Ada"


def test_file_named_by_variable(write: Write) -> None:
    """EQUERRY_CONFIG names the file where the command line does not."""
    path = write("profile: {name: Ada}")
    assert load_config(None, {"EQUERRY_CONFIG": str(path)}).profile.name == "Ada"


def test_paths_start_at_the_file(write: Write) -> None:
    """Relative paths are below the folder of the file, wherever the program is started."""
    path = write("data_dir: d\nactions: {files: {root: ../f}}")
    config = load_config(path, {})
    assert config.data_dir == path.parent / "d"
    assert config.actions.files.root == path.parent.parent / "f"


def test_an_anchor_inside_data_dir_is_refused(write: Write) -> None:
    """Also through a link, in dots, or as data_dir itself; with the other mistakes at once."""
    path = write("storage: {anchor: data/anchor}\nbudget: {day_usd: -1}\nnope: 1")
    data = path.parent / "data"
    line = (
        f"storage.anchor: '{data}/anchor' lies in data_dir ('{data}'), where whoever changes the "
        "log can change it too; name a file elsewhere, or null."
    )
    assert line in problems(path)
    assert len(problems(path)) == 3
    data.mkdir()
    (path.parent / "link").symlink_to(data)
    for inside in ("link/a", "./x/../data/a", "data"):
        path.write_text(f"storage: {{anchor: {inside}}}", encoding="utf-8")
        assert "lies in data_dir" in problems(path)[0]
    path.write_text("storage: {anchor: data.a}\ndata_dir: link", encoding="utf-8")
    assert load_config(path, {}).storage.anchor == path.parent / "data.a"
    path.write_text("data_dir: /", encoding="utf-8")
    assert "lies in data_dir" in problems(path, EQUERRY_STORAGE__ANCHOR="/tmp/a")[0]


def test_empty_sections(write: Write) -> None:
    """A section with nothing below it, all lines commented out, has its defaults."""
    assert load_config(write("telegram:\nllm:\n  tiers:\n# end"), {}).telegram.mode == "polling"
    assert load_config(write(""), {}).digest.chart is True


def test_all_mistakes_at_once(write: Write) -> None:
    """Unknown keys, wrong types, impossible values and misfits come together, one line each."""
    path = write(
        """
telegarm: {token: abc}
telegram: {mode: webhook, owner_ids: [me], webhook: {port: 70000}}
budget: {day_usd: lots, goal_usd: -1}
digest: {at: 18:75, chart: 7}
actions: {mail: {smtp: {tls: maybe, from: x, user: u}}, http: {allow: ["https://a.b/c"]}}
"""
    )
    assert [line.partition(" is ")[0].partition(": ")[0] for line in problems(path)] == [
        "telegram.owner_ids[0]",
        "telegram.webhook.port",
        "budget.goal_usd",
        "budget.day_usd",
        "digest.at",
        "digest.chart",
        "actions.mail.smtp.host",
        "actions.mail.smtp.tls",
        "actions.mail.smtp.from",
        "actions.http.allow[0]",
        "telegarm",
        "telegram.webhook.url",
        "telegram.webhook.secret",
    ]


def test_error_text(write: Write) -> None:
    """One mistake is one line with the file; several are a headline and a line each."""
    with pytest.raises(ConfigError, match=r"config\.yaml: llm\.timeout_s: 0 is not allowed") as one:
        load_config(write("llm: {timeout_s: 0}"), {})
    assert "\n" not in str(one.value)
    with pytest.raises(ConfigError) as two:
        load_config(write("a: 1\nb: 2"), {})
    assert str(two.value).splitlines()[0].endswith("config.yaml has 2 mistakes:")
    assert len(str(two.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("profile: {timezone: Europe/Berln}", "did you mean Europe/Berlin?"),
        ("profile: {timezone: ../../etc/passwd}", "it must be a time zone name"),
        ("profile: {quiet_hours: '22:00'}", "it must be a span such as"),
        ("profile: {quiet_hours: '07:00-07:00'}", "it must be a span such as"),
        ("profile: [a]", "profile: a list is not allowed: it must be a mapping"),
        ("profile: {name: 5}", "profile.name: 5 is not allowed: it must be text"),
        ("telegarm: {}", "telegarm: there is no such key; did you mean 'telegram'?"),
        ("telegram: {webhook: {port: 70000}}", "70000 is not allowed: it must be a whole number"),
        ("budget: {goal_usd: -1}", "-1 is not allowed: it must be an amount of US dollars, 0 or"),
        ("digest: {at: 18:75}", "digest.at: '18:75' is not allowed: it must be a time of day"),
        ("actions: {http: {allow: ['https://a.b']}}", "it must be a host name such as"),
        ("telegram: {owner_ids: 5}", "telegram.owner_ids: 5 is not allowed: it must be a list"),
        ("telegram: {owner_ids: [true]}", "telegram.owner_ids[0]: true is not allowed"),
        ("slack: {owner_ids: ['@ada lovelace']}", "it must be a member id such as"),
        (
            "slack: {owner_ids: [U1], nmode: x}",
            "slack.nmode: there is no such key; did you mean 'm",
        ),
        ("llm: {api_base: 'localhost:11434'}", "it must be an address that starts with https://"),
        ("llm: {tiers: {huge: {}}}", "there is no such key; allowed: fast, balanced, deep."),
        (
            "llm: {tiers: {fast: {prices: {output_per_million: 1}}}}",
            "prices.input_per_million is needed",
        ),
        ("budget: {day_usd: .nan}", "budget.day_usd: '.nan' is not allowed"),
        ("budget: {day_usd: null}", "budget.day_usd: null is not allowed"),
        ("gates: {min_decisions: 2.5}", "gates.min_decisions: 2.5 is not allowed"),
        ("gates: {impact: {hihg: {}}}", "did you mean 'high'?"),
        ("gates: {impact: {low: {auto: 1.2}}}", "gates.impact.low.auto: 1.2 is not allowed"),
        ("gates: {actions: {'mail.*': {rout: auto}}}", "gates.actions['mail.*'].rout: there is no"),
        ("gates: {actions: {mail.send: yes please}}", "it must be 'auto', 'review', 'inbox' or"),
        ("actions: {calendar: {url: x}}", "nothing can be set here"),
        ("actions: {web: {search: {provider: searxng}}}", "search.url is needed for searxng"),
        ("actions: {web: {search: {provider: tavily}}}", "search.key is needed for tavily"),
        ("actions: {mcp: {servers: {a: {}}}}", "give either command or url"),
        ("storage: {database_url: 'mysql://u:pw@h/d'}", "storage.database_url: *** is not allowed"),
        ("data_dir: ''", "data_dir: '' is not allowed: it must be a path."),
        ("5: 6", "[5]: 5 is not allowed: it must be text."),
    ],
)
def test_one_mistake(write: Write, text: str, line: str) -> None:
    """Each mistake names the key, the value and what is allowed."""
    (found,) = problems(write(text))
    assert line in found


def test_secrets_are_not_shown(write: Write) -> None:
    """No refusal repeats a secret, in the right place or in a misspelt one."""
    text = """
telegram: {token: 98765, tokenn: leak-1, webhook: {secret: "leak 2!"}}
llm: {api_kee: leak-3, api_key: [leak-4]}
slak: {bot_token: leak-5}
storage: {redis_url: "leak-6://x"}
actions:
  mail: {smtp: {passwort: leak-7}}
  mcp: {servers: {a: {command: x, env: {K: {l: leak-8}}}}}
"""
    told = "\n".join(problems(write(text), EQUERRY_STORAGE__CHROMA_URL="leak-9"))
    assert "leak" not in told
    assert "98765" not in told
    assert "telegram.token: *** is not allowed" in told


def test_yaml_means_what_it_looks_like(write: Write) -> None:
    """A time is a time, not a number in base 60, and a leading zero is no octal number."""
    config = load_config(write("digest: {at: 18:30}\nllm: {timeout_s: 010}"), {})
    assert config.digest.at == time(18, 30)
    assert config.llm.timeout_s == 10


def test_exact_amounts(write: Write) -> None:
    """Amounts are exact decimals, as they are written."""
    config = load_config(write("budget: {operation_usd: 0.1, goal_usd: '0.30', day_usd: 1e1}"), {})
    assert config.budget.operation_usd + config.budget.operation_usd == Decimal("0.2")
    assert config.budget.goal_usd == Decimal("0.30")
    assert config.budget.day_usd == 10


def test_mail(write: Write) -> None:
    """The port follows the kind of TLS, unless it is written."""

    def port(extra: str) -> int:
        smtp = f"{{host: mail.example.com, from: Ada <a@example.com>{extra}}}"
        found = load_config(write(f"actions: {{mail: {{smtp: {smtp}}}}}"), {}).actions.mail.smtp
        assert found is not None
        assert found.from_ == "Ada <a@example.com>"
        return found.port

    assert port("") == 587
    assert port(", tls: implicit") == 465
    assert port(", tls: none") == 25
    assert port(", tls: none, port: 2525") == 2525


def test_a_configuration_cannot_be_changed() -> None:
    """What was loaded stays as it was."""
    config = Config()
    with pytest.raises(ValueError, match="frozen"):
        config.digest.chart = False  # type: ignore[misc] # this is what is refused


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"a: [1, 2\nb: 3", "this is not YAML at line 2, column 2"),
        (b"a: 1\na: 2", "this is not YAML at line 2, column 1: the key 'a' is there twice."),
        (b"a: \x01", "this is not YAML: "),
        (b"- a", "the file holds a list; it must hold a mapping"),
        (b"hello", "the file holds a single value; it must hold a mapping"),
        (b"a: \xff\xfe", "the file is not UTF-8 text (byte 3)"),
        (b"a: " + b"[" * 20000, "this "),
        (b"#" * 1_000_001, "the file is larger than 1,000,000 bytes."),
        (b"a: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
    ],
)
def test_unusable_file(tmp_path: Path, raw: bytes, line: str) -> None:
    """A file that cannot be used is refused with one sentence."""
    path = tmp_path / "config.yaml"
    path.write_bytes(raw)
    (found,) = problems(path)
    assert line in found
    assert "\n" not in found


def test_missing_file(tmp_path: Path) -> None:
    """A named file that is not there is a mistake, not the defaults."""
    assert problems(tmp_path / "no.yaml")[0].startswith("there is no such file;")


def test_folder(tmp_path: Path) -> None:
    """A folder in the place of the file is named as such."""
    assert problems(tmp_path) == ("this is a folder; name a YAML file.",)


def test_no_rights(write: Write) -> None:
    """A file without the right to read it says so."""
    path = write("")
    path.chmod(0)
    if os.access(path, os.R_OK):  # root may read everything; a folder below a file shows the rest
        assert problems(path / "x")[0].startswith("the file cannot be read: ")
    else:
        assert problems(path)[0].startswith("the file cannot be read: you have no right to")
