"""Three hundred turns with forty things decided, some of them more than once."""

from typing import NamedTuple

THINGS = (
    ("the invoices", "Stripe", "Paddle"),
    ("hosting", "Hetzner", "Fly"),
    ("the newsletter", "Buttondown", "Ghost"),
    ("accounting", "Lexware", "DATEV"),
    ("backups", "Borg", "Restic"),
    ("the calendar", "Fastmail", "Proton"),
    ("analytics", "Plausible", "Umami"),
    ("signatures", "Docusign", "Skribble"),
    ("the website", "Hugo", "Astro"),
    ("support mails", "Helpscout", "Zammad"),
)
PRICES = (
    ("the starter plan", "9 euros", "12 euros"),
    ("the team plan", "29 euros", "35 euros"),
    ("the workshop", "400 euros", "450 euros"),
    ("the audit", "1500 euros", "1800 euros"),
    ("the retainer", "900 euros", "1000 euros"),
    ("the ebook", "19 euros", "15 euros"),
    ("the course", "149 euros", "129 euros"),
    ("the day rate", "800 euros", "950 euros"),
    ("the setup fee", "100 euros", "50 euros"),
    ("the migration", "2000 euros", "2500 euros"),
)
MOVED = (
    ("the launch", "March", "April"),
    ("the board meeting", "Monday", "Thursday"),
    ("the tax deadline", "May", "July"),
    ("the retreat", "Lisbon", "Porto"),
    ("the photo session", "Berlin", "Hamburg"),
    ("the interview", "Tuesday", "Friday"),
    ("the conference talk", "English", "German"),
    ("the podcast", "weekly", "monthly"),
    ("the standup", "nine", "ten"),
    ("the review", "June", "September"),
)
KEPT = (
    ("the colour of the logo", "dark green"),
    ("the tone of our mails", "first names"),
    ("the licence", "Apache"),
    ("our bank", "GLS"),
    ("the printer", "Brother"),
    ("the office plants", "succulents"),
    ("the domain", "acme.example"),
    ("the payment term", "14 days"),
    ("the mascot", "an otter"),
    ("the font", "Inter"),
)
TURNS = 300


class Planted(NamedTuple):
    """A thing that was decided: what to ask, what holds, what held before."""

    question: str
    holds: str
    held: str
    line: int


def script() -> tuple[list[str], list[Planted]]:
    """Return the owner's lines, and what was decided in them."""
    lines = [f"small talk number {number}, how are you?" for number in range(TURNS)]
    planted = []
    place = iter(range(1, TURNS, 4))
    for thing, first, second in THINGS:
        lines[next(place)] = f"Let's use {first} for {thing}."
        lines[at := next(place)] = f"We switched to {second} for {thing} instead of {first}."
        planted.append(Planted(f"What do we use for {thing}?", second, first, at))
    for thing, first, _ in PRICES:
        lines[at := next(place)] = f"Decided: {thing} costs {first} because that is what sells."
        planted.append(Planted(f"What does {thing} cost?", first, "", at))
    later = []
    for thing, first, second in MOVED:
        lines[next(place)] = f"Agreed, {thing} will be {first}."
        later.append((thing, first, second))
    for thing, first in KEPT:
        lines[at := next(place)] = f"I decided that {thing} is {first}. Thanks for asking."
        planted.append(Planted(f"What is {thing}?", first, "", at))
    for thing, first, second in later:
        lines[at := next(place)] = f"From now on {thing} is {second}."
        planted.append(Planted(f"What about {thing}?", second, first, at))
    return lines, planted
