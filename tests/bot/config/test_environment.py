from decimal import Decimal
from pathlib import Path

import pytest

from bot.config import ConfigError, load_config
from bot.config.keys import all_keys


def problems(**environ: str) -> tuple[str, ...]:
    """Return the lines an environment is refused with."""
    with pytest.raises(ConfigError) as caught:
        load_config(None, environ)
    return caught.value.problems


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start every test in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_variables_override_the_file(nowhere: Path) -> None:
    """A variable outranks the file and leaves what it does not name."""
    (nowhere / "config.yaml").write_text("budget: {day_usd: 1, goal_usd: 1}\nllm: {api_base: null}")
    environ = {
        "EQUERRY_BUDGET__DAY_USD": "0.10",
        "EQUERRY_LLM__TIERS__FAST__MODEL": "openai/x",
        "EQUERRY_LLM__API_KEY": "123456",
        "EQUERRY_TELEGRAM__OWNER_IDS": "[1, 2]",
        "EQUERRY_DIGEST__CHART": "false",
        "EQUERRY_DATA_DIR": "elsewhere",
        "EQUERRY_GATES__ACTIONS": '{"mail.*": "inbox"}',
        "EQUERRY_ACTIONS__MAIL__SMTP": '{"host": "h", "from": "a@b.c"}',
        "EQUERRY_ACTIONS__MAIL__SMTP__PORT": "2525",
    }
    config = load_config(None, environ)
    assert config.budget.day_usd == Decimal("0.10")
    assert config.budget.goal_usd == 1
    assert config.llm.tiers.fast.model == "openai/x"
    assert config.llm.api_key is not None
    assert config.llm.api_key.get_secret_value() == "123456"
    assert config.telegram.owner_ids == (1, 2)
    assert config.digest.chart is False
    assert config.data_dir == nowhere / "elsewhere"
    assert config.gates.actions["mail.*"].route == "inbox"
    assert config.actions.mail.smtp is not None
    assert config.actions.mail.smtp.port == 2525


def test_section_is_merged(nowhere: Path) -> None:
    """A section given as JSON is laid over the file's key by key."""
    (nowhere / "config.yaml").write_text("budget: {day_usd: 1, goal_usd: 1}")
    config = load_config(None, {"EQUERRY_BUDGET": '{"day_usd": 3}'})
    assert config.budget.day_usd == 3
    assert config.budget.goal_usd == 1


def test_empty_is_null(nowhere: Path) -> None:
    """An empty variable takes a value away."""
    (nowhere / "config.yaml").write_text("llm: {api_key: abc}\nprofile: {quiet_hours: '1:00-2:00'}")
    config = load_config(None, {"EQUERRY_LLM__API_KEY": "", "EQUERRY_PROFILE__QUIET_HOURS": "null"})
    assert config.llm.api_key is None
    assert config.profile.quiet_hours is None


def test_unknown_variable() -> None:
    """A variable that names no key is a mistake, with the likely one."""
    assert problems(EQUERRY_LLM__APIKEY="x") == (
        "EQUERRY_LLM__APIKEY: there is no such key; did you mean EQUERRY_LLM__API_KEY?",
    )
    assert "docs/configuration.md" in problems(EQUERRY_ZZZ="x")[0]


def test_reserved_variables(nowhere: Path) -> None:
    """Names with another use, and those of other programs, are left alone."""
    environ = {"EQUERRY_NO_SKIPS": "1", "EQUERRYX": "1", "HOME": "/"}
    assert load_config(None, environ).data_dir == nowhere / "data"


def test_wrong_value_names_the_variable() -> None:
    """A refused value says which variable it came from; values that are not JSON too."""
    amount, ids = problems(EQUERRY_BUDGET__DAY_USD="lots", EQUERRY_SLACK__OWNER_IDS="U1")
    assert amount.startswith("EQUERRY_BUDGET__DAY_USD (budget.day_usd): 'lots' is not allowed: it")
    assert ids == "EQUERRY_SLACK__OWNER_IDS (slack.owner_ids): 'U1' is not JSON."


def test_wrong_section_in_the_file_is_said(nowhere: Path) -> None:
    """A variable below a section that is no mapping does not hide the mistake."""
    (nowhere / "config.yaml").write_text("llm: 5")
    assert "llm: 5 is not allowed" in problems(EQUERRY_LLM__API_KEY="x")[0]


def test_every_key_has_one_variable() -> None:
    """No two keys share a variable."""
    names = [key.variable for key in all_keys()]
    assert len(names) == len(set(names))


def test_secret_from_variable_and_file(nowhere: Path) -> None:
    """`env:NAME` and `file:PATH` are resolved; the file without its line end."""
    (nowhere / "key").write_text("from file\n")
    (nowhere / "config.yaml").write_text(
        "llm: {api_key: 'file:key'}\ntelegram: {token: 'env:EQUERRY_MINE'}\n"
        "actions: {mcp: {servers: {a: {command: x, env: {K: 'env:OTHER'}}}}}"
    )
    config = load_config(None, {"EQUERRY_MINE": "1:a", "OTHER": "deep"})
    assert config.llm.api_key is not None
    assert config.llm.api_key.get_secret_value() == "from file"
    assert config.telegram.token is not None
    assert config.telegram.token.get_secret_value() == "1:a"
    assert config.actions.mcp.servers["a"].env["K"].get_secret_value() == "deep"
    assert "from file" not in repr(config)


def test_secret_that_is_not_there(nowhere: Path) -> None:
    """A reference to nothing names the key and what was looked for."""
    (nowhere / "empty").write_text("\n")
    (nowhere / "config.yaml").write_text(
        "llm: {api_key: 'env:NOPE'}\ntelegram: {token: 'file:none'}\n"
        "slack: {app_token: 'file:empty', bot_token: ' '}"
    )
    told = "\n".join(problems())
    assert "llm.api_key: the environment variable 'NOPE' is not set or empty; set it." in told
    assert f"telegram.token: the file '{nowhere / 'none'}' cannot be read (No such file" in told
    assert f"slack.app_token: the file '{nowhere / 'empty'}' is empty" in told
    assert "slack.bot_token: *** is not allowed: it must be not empty; use null for none." in told
