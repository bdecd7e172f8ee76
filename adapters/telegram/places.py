"""Where a message is on Telegram, as the name of a conversation and as a receipt."""

from typing import NamedTuple

CHANNEL = "telegram"


class Place(NamedTuple):
    """A chat, and a topic of it; chats of groups have negative ids.

    `named` is the id that the conversation has its name from, where the group has another by now.
    """

    chat: str
    thread: int | None = None
    named: str = ""

    @property
    def conversation(self) -> str:
        """The name of the conversation: `telegram:42`, `telegram:-100:7`."""
        topic = f":{self.thread}" if self.thread is not None else ""
        return f"{CHANNEL}:{self.named or self.chat}{topic}"

    @property
    def is_group(self) -> bool:
        """Whether it is a group or a channel."""
        return self.chat.startswith("-")


def place_of(conversation: str) -> Place:
    """Return the place of a conversation."""
    _, chat, *topic = conversation.split(":")
    return Place(chat, int(topic[0]) if topic else None)


def message_name(chat: str, number: int, date: int) -> str:
    """Return the name of a message that somebody sent; its date never changes.

    A server that numbers anew, as emulators do when they start, makes no two messages one.
    """
    return f"{chat}.{number}.{date}"


def number_in(name: str, chat: str) -> int | None:
    """Return the number of a message of a chat by its name; None for one of another chat."""
    there, _, rest = name.partition(".")
    number = rest.partition(".")[0]
    return int(number) if there == chat and number.isdigit() else None


def receipt_of(chat: str, messages: list[int]) -> str:
    """Return a receipt by which messages are found again."""
    return f"{chat}:{','.join(str(one) for one in messages)}"


def read_receipt(receipt: str) -> tuple[str, list[int]] | None:
    """Return the chat and the messages of a receipt; None for one that names none."""
    chat, _, found = receipt.partition(":")
    numbers = [int(one) for one in found.split(",") if one.isdigit()]
    return (chat, numbers) if chat and numbers else None
