"""The owner's voice in the prompt of the agent that writes."""

from core.agents.contract import Contract

WRITER = "assistant"


def in_voice(contract: Contract, voice: str) -> Contract:
    """Return the assistant's contract with the owner's voice in its rules; others as they are."""
    if contract.name != WRITER or not voice:
        return contract
    told = f"{contract.prompt}\nThe owner's voice: {' '.join(voice.split())}"
    return contract.model_copy(update={"prompt": told})
