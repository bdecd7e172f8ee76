"""The configuration: `load_config(path, environ)` gives a `Config` or says all that is wrong."""

from bot.config.config import Config
from bot.config.errors import ConfigError
from bot.config.load import load_config

__all__ = ["Config", "ConfigError", "load_config"]
