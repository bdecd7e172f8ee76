"""Loads litellm once, off the event loop, with everything off that talks or listens by itself."""

import asyncio
import logging
import os
import warnings
from typing import Any

_QUIET = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "httpx", "openai", "httpcore")

_NOISE = (
    ".*conflict with protected namespace.*",
    ".*attribute on the instance is deprecated.*",
    ".*`ReadOnly` qualifier.*",
)


async def load_litellm() -> Any:  # noqa: ANN401 - a module without types
    """Return the module; the first call imports it in a thread (seconds of CPU)."""
    return await asyncio.to_thread(_load)


def _load() -> Any:  # noqa: ANN401 - as above
    # Without these it fetches a price list and reads a .env file of the working directory.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    import litellm

    for message in _NOISE:
        # litellm ignores these itself, once, when it is imported; filters may be reset since.
        warnings.filterwarnings("ignore", message=message)
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.drop_params = True
    litellm.disable_aiohttp_transport = True
    litellm.turn_off_message_logging = True
    for name in _QUIET:
        # Their lines may hold addresses with keys in them.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return litellm
