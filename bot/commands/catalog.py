"""Which commands there are."""

from collections.abc import Awaitable, Callable, Sequence

from bot.app import App
from bot.commands import control, cost, memory, portable, profile, story, summaries
from bot.commands import lists as own
from bot.commands.registry import Call, Command, Commands, Handler
from bot.reports import lists
from bot.reports.policy import policy
from bot.reports.report import Report
from bot.reports.status import current_status
from core.domain.own_words import Own
from core.goals.unclear_times import COMMAND as UNCLEAR


def _shows(report: Callable[[App], Awaitable[Report]]) -> Handler:
    async def show(call: Call) -> Sequence[str]:
        return [(await report(call.app)).text]

    return show


async def _help(_call: Call) -> Sequence[str]:
    lines = [
        f"/{command.name}{f' {command.usage}' if command.usage else ''}  {command.help}"
        for command in build_commands().all()
    ]
    cards = (
        "Cards: accept · accept 1,3 · edit field=value · reject: REASON · always, each also with a "
        "CARD behind the verb. Without one it must be the only open card here, or you reply to it."
    )
    limits = "Limit an always: up to $5, 10 times, for 30 days, until 2030-12-31."
    talk = "Everything else you write is a message to Equerry."
    return [Own("\n".join([*lines, cards, limits, talk]))]


def build_commands() -> Commands:
    """Return the commands that work."""
    return Commands(
        [
            Command("start", "what Equerry is and how it stands", control.start),
            Command("help", "this list", _help),
            Command("status", "what waits, what runs, what it cost", _shows(current_status)),
            Command("cost", "what it cost, by goal, agent and model", cost.cost),
            Command("inbox", "the cards that wait for you", own.inbox, "[CARD]"),
            Command("goals", "open goals and the newest that ended", own.goals),
            Command("stop", "stop a goal, or all that are open here", control.stop, "[GOAL | all]"),
            Command("why", "who asked, which rule, what it cost", story.why_of, "[ID]"),
            Command("undo", "show what would be undone, and ask", story.undo, "[ID]"),
            Command("remember", "remember a fact", memory.remember, "TEXT"),
            Command(
                "memory", "what is known, and what it replaced", memory.memory, memory.MEMORY_USAGE
            ),
            Command(
                "forget", "forget a fact: its words are erased", memory.forget, "[FACT | WORDS]"
            ),
            Command("profile", "who you are to Equerry; every version", profile.run, profile.USAGE),
            Command(
                "summary",
                "decisions, why, what is open and worked",
                summaries.summary,
                summaries.USAGE,
            ),
            Command("policy", "what runs by itself and what is asked", _shows(policy)),
            Command("grants", "standing permissions", control.grants, "[revoke ID]"),
            Command("agents", "the agents and their contracts", _shows(lists.agents)),
            Command("export", "write what is yours as readable files", portable.export),
            Command("pause", "nothing with an effect runs on its own", control.pause),
            Command("resume", "end a pause, and let timers go on", control.resume, "[clock | log]"),
            Command(
                "backlog",
                "what becomes of messages from while I was away",
                control.backlog,
                "all | newest | summary",
                hidden=True,
            ),
            Command(UNCLEAR, "which time was meant", control.meant, "GOAL TASK N", hidden=True),
        ]
    )
