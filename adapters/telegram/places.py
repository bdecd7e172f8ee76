"""Where a message is on Telegram, as the name of a conversation and as a receipt."""

from typing import NamedTuple

CHANNEL = "telegram"


class Place(NamedTuple):
    """A chat, and a topic or a thread of replies in it; chats of groups have negative ids.

    `root` is the message that a thread of replies grew from.
    `named` is the id that the conversation has its name from, where the group has another by now.
    """

    chat: str
    thread: int | None = None
    named: str = ""
    root: int | None = None

    @property
    def conversation(self) -> str:
        """The name of the conversation: `telegram:42`; of a topic `telegram:-100:7`.

        That of a thread of replies is `telegram:-100:r7`.
        """
        part = f":{self.thread}" if self.thread is not None else ""
        part = f":r{self.root}" if self.root is not None else part
        return f"{CHANNEL}:{self.named or self.chat}{part}"

    @property
    def is_group(self) -> bool:
        """Whether it is a group or a channel."""
        return self.chat.startswith("-")


def place_of(conversation: str) -> Place:
    """Return the place of a conversation."""
    _, chat, *part = conversation.split(":")
    if part and part[0].startswith("r"):
        return Place(chat, root=int(part[0][1:]))
    return Place(chat, int(part[0]) if part else None)


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
