"""Cards and texts as Equerry makes them: what the snapshots and the pictures show."""

from datetime import date
from typing import Any

from adapters.chat.cards import Look
from core.domain.arguments import address
from core.domain.cards import CardItem, CardKind, Confidence, Impact, Ruling, Said
from core.domain.erasable import Erasable
from core.domain.sources import Source
from core.goals.asked import who_asked
from core.goals.state import GoalState
from core.operations.own.access import GrantAccess
from core.ports.chat_surface import CardView

LOOK = Look(today=date(2026, 11, 23))
MAIL = (
    "Hi Bob, the invoice for November is attached. It is due on 15 December.\n"
    "Would you rather have it by post as well? Then send me the address, please.\n"
    "\nThe hours are listed on the second page.\n\nBest\nAnn"
)
DIFFERENCE = (
    "@@ -3,3 +3,4 @@\n ## Prices\n-Studio day: $640\n+Studio day: $680\n"
    "+Half a day: $360\n \n ## Travel"
)
ARTICLE = """\
# Offer for *Acme*

I compared **three** hosts; [the notes](https://example.org/notes) have ~~all~~ most numbers.

1. Move the `DNS` first
2. Then the shop
    - keep the old one for a week
    - [x] backup is made

> Do not touch the shop on Friday.
> — you, in March

| Host | Days | Price |
|---|---|---|
| Alpha | 2 | $12.00 |
| Beta | 14 | $8.50 |

```python
def due(day):
\treturn day + 14
```

---
Shall I ask Beta for 2*3*4 days? See <https://example.org/a_b_c>.
"""


def item(title: str, action: str = "mail.send", **more: Any) -> CardItem:  # noqa: ANN401 - any field of an item
    """Return an item of a card; `more` overrides its fields."""
    fields: dict[str, Any] = {
        "marker": f"m-{title}",
        "task": "t1",
        "action": action,
        "args": Erasable.of({}, "s"),
        "title": Erasable.of(title, "s"),
        "body": Erasable.of("", "s"),
        "ruling": ruling(),
        "editable": ("text",),
    }
    return CardItem(**{**fields, **more})


def ruling(impact: Impact = "high", rule: str = "mail is always asked", *sources: Source) -> Ruling:
    """Return a ruling of someone with a record."""
    return Ruling(
        route="review",
        rule=rule,
        reasons=(),
        impact=impact,
        confidence=Confidence(claimed=0.86, earned=0.69, accepted=18, decided=21),
        sources=sources,
    )


def card(
    title: str,
    *items: CardItem,
    kind: CardKind = "operation",
    **more: Any,  # noqa: ANN401 - any field of a view
) -> CardView:
    """Return an open card; `more` overrides its fields."""
    fields: dict[str, Any] = {
        "card": "CAB2CD34E",
        "goal": "G41",
        "kind": kind,
        "conversation": "telegram:7",
        "title": title,
        "why": "you asked: “send Bob the invoice once it is ready” (G41).",
        "route": "review",
        "items": items,
    }
    return CardView(**{**fields, **more})


INVOICE = Source(kind="file", ref="invoice-114.pdf")
BOB = Source(kind="mail", ref="bob@acme.com", title="Re: November")


def mail(*to: str, body: str = MAIL, **more: Any) -> CardItem:  # noqa: ANN401 - any field of an item
    """Return the item of a mail, as its action and the gate make it."""
    recipients = to or ("bob@acme.com",)
    others = f" and {len(recipients) - 1} more" if len(recipients) > 1 else ""
    fields: dict[str, Any] = {
        "args": Erasable.of(
            {"to": [*recipients], "subject": "Invoice 2026-114", "body": body}, "s"
        ),
        "body": Erasable.of(body, "s"),
        "control": ("to", "cc", "subject", "attachments"),
        "editable": ("to", "cc", "subject", "body", "attachments"),
        "says": (Said(by="planner", text=Erasable.of("Bob waits for it.", "s")),),
    }
    return item(f"Send mail to {address(recipients[0])}{others}", **{**fields, **more})


def mail_card(**more: Any) -> CardView:  # noqa: ANN401 - any field of a view
    """Return the card of a mail with a long body and two sources."""
    asked = mail(
        ruling=ruling("high", "mail is always asked", INVOICE, BOB),
        origins={"body": (INVOICE, BOB)},
    )
    return card("Send mail to bob@acme.com", asked, **more)


def hidden_card() -> CardView:
    """Return the card of a mail that hides who gets it, and says more than a message holds."""
    body = "\n".join(f"{n}. The hours of day {n} are on the second page." for n in range(1, 121))
    hiding = f"Bob Smith of Acme, accounts payable {'and again ' * 20}<attacker@evil.example>"
    asked = mail(hiding, "bob@аcme.com", body=body)
    return card(asked.title.text, asked)


def tainted_card() -> CardView:
    """Return the card of a mail whose address a web page gave, in a plan made with a mail read."""
    page = Source(kind="web", ref="https://acme.example/team", title="Our team: trust this page")
    asked = mail(
        "kim@acme.example",
        body="Hello Kim,\nhere is the offer you wanted.",
        ruling=ruling("high", "outside text", page, BOB),
        origins={"to": (page,), "": (BOB,)},
    )
    return card(asked.title.text, asked, why="you asked: “send Kim the offer” (G51).")


def access_card() -> CardView:
    """Return the card by which a stranger asks to be let in."""
    args = {"channel": "telegram", "standing": "owner", "ident": "66", "name": "Bob (the owner)"}
    form = GrantAccess.Args.model_validate(args)
    shown = GrantAccess().preview(form)
    eve = Source(kind="chat", ref="telegram:66", title="Bob (the owner)")
    asked = item(
        shown.title,
        "access.grant",
        args=Erasable.of(args, "s"),
        body=Erasable.of(shown.body, "s"),
        ruling=ruling("high", "access", eve),
        undo=GrantAccess.undo_hint,
        editable=(),
        control=tuple(args),
        origins={"": (eve,)},
        asks_twice=True,
    )
    goal = GoalState(id="G60A66", origin="access", by="stranger", sources=(eve,))
    return card(shown.title, asked, why=who_asked(goal))


def file_card() -> CardView:
    """Return the card of a file that changes, which may be granted for always."""
    change = item(
        "Change prices.md",
        "file.write",
        args=Erasable.of({"path": "prices.md"}, "s"),
        control=("path",),
        editable=("path",),
        body=Erasable.of(DIFFERENCE, "s"),
        ruling=ruling("medium", "confidence 0.69 is below 0.85 (auto)"),
        undo="puts the old text back",
    )
    return card("Change prices.md", change, why="you asked: “raise my day rate” (G12).")


def list_card(*impacts: Impact) -> CardView:
    """Return a card with one item for each impact."""
    things = ("Add “Send contract” to your tasks", "Note to acme.md", "Mail to kim@acme.com")
    actions = ("task.add", "note.append", "mail.send")
    items = [
        item(
            thing,
            action,
            undo="takes it out again" if impact == "low" else None,
            ruling=ruling(impact, "first time"),
            args=Erasable.of({"to": ["kim@acme.com"]} if action == "mail.send" else {}, "s"),
            control=("to",),
        )
        for thing, action, impact in zip(things, actions, impacts, strict=False)
    ]
    return card(
        f"{len(items)} decisions: Onboard Acme",
        *items,
        why="you asked: “Onboard Acme” (G44).",
    )


def decided(view: CardView, verdict: str | None, note: str = "", *changes: str) -> CardView:
    """Return a card as it stands after it was decided; without a verdict it expired."""
    return view.model_copy(
        update={
            "state": "decided" if verdict else "expired",
            "verdict": verdict,
            "decided_by": "owner:telegram:7" if verdict else None,
            "decided_at": "09:14" if verdict else None,
            "note": note,
            "difference": changes,
        }
    )


def unknown_card() -> CardView:
    """Return the card of a mail whose end was never seen."""
    lost = mail(editable=(), says=())
    why = "It may have happened: no answer in 240 s. You asked: “send Bob the invoice” (G41)."
    return card("Do it again? Send mail to bob@acme.com", lost, kind="unknown", why=why)


def undo_card() -> CardView:
    """Return the card of something that is taken back."""
    said = "Wrote prices.md (412 bytes, replaced)."
    args = {"marker": "5f0c2b9e77aa41d0", "action": "file.write", "said": said}
    undo = item(
        "Undo file.write",
        "operation.undo",
        args=Erasable.of(args, "s"),
        control=tuple(args),
        editable=(),
        ruling=ruling("low", "undo asks"),
    )
    why = "you asked: “Undo file.write 5f0c2b9e” (G50)."
    return card("Undo file.write", undo, kind="undo", why=why)


def budget_card() -> CardView:
    """Return the card of work that stands at its limit."""
    title = "Raise the budget of this day by $2.00"
    raised = item(
        title,
        "budget",
        args=Erasable.of({"scope": "day", "raise_usd": "2.00", "then": "go on"}, "s"),
        body=Erasable.of("accept: raise · edit then=cheaper: finish cheaper · reject: stop", "s"),
        editable=("raise_usd", "then"),
        ruling=ruling("high", "budget"),
    )
    why = "Today's $5.00 are used up. It was asked for “Compare hosts” (G47)."
    return card(title, raised, kind="budget", why=why)


def notice_card() -> CardView:
    """Return a card that only tells something."""
    why = (
        "The provider refused it (401). Until then the offline model answers. "
        "Accept once it is set."
    )
    return card("The model's key does not work", kind="notice", why=why)


def cards() -> dict[str, CardView]:
    """Return a card of each kind, and of each end that one can have."""
    changes = ("- subject: Invoice 2026-114", "+ subject: Your invoice for November")
    return {
        "mail": mail_card(),
        "mail_hidden": hidden_card(),
        "tainted": tainted_card(),
        "access": access_card(),
        "file": file_card(),
        "list": list_card("low", "low", "high"),
        "list_low": list_card("low", "low"),
        "unknown": unknown_card(),
        "undo": undo_card(),
        "budget": budget_card(),
        "notice": notice_card(),
        "accepted": decided(mail_card(), "accept"),
        "edited": decided(mail_card(), "edit", "", *changes),
        "rejected": decided(mail_card(), "reject", "wait for the signed contract"),
        "expired": decided(mail_card(), None, "G41 was stopped; ask again to start over"),
    }
