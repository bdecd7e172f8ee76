import pytest

from core.memory.learning.about import About, about_of

SINGLE = [
    ("The launch date is 5 May", "launch date", "is"),
    ("the launch date is on May 5th.", "launch date", "is"),
    ("Our launch date is May 6", "owner", "launch date"),
    ("I live in Bonn", "owner", "live in"),
    ("I've moved to Berlin", "owner", "live in"),
    ("I was born in Cologne", "owner", "born in"),
    ("We use Stripe for payments", "owner", "for payments"),
    ("I prefer Stripe for our payments", "owner", "for payments"),
    ("use Stripe for payments", "owner", "for payments"),
    ("From now on we use Adyen for payments", "owner", "for payments"),
    ("For payments we now use Adyen", "owner", "for payments"),
    ("We decided to use Adyen for payments", "owner", "for payments"),
    ("decide to use Adyen for payments", "owner", "for payments"),
    ("We switched from Stripe to Adyen for payments", "owner", "for payments"),
    ("We no longer use Stripe for payments", "owner", "for payments"),
    ("We use Stripe for payments, not PayPal", "owner", "for payments"),
    ("I'm switching to Adyen for payments", "owner", "for payments"),
    ("Let's go with Hetzner for hosting", "owner", "for hosting"),
    ("The deadline for Acme is Friday", "acme", "deadline"),
    ("The deadline of Acme is Friday", "acme", "deadline"),
    ("Acme's deadline moved to Monday", "acme", "deadline"),
    ("Acme’s deadline has been moved from Friday to Monday", "acme", "deadline"),
    ("Change the deadline for Acme to Friday", "acme", "deadline"),
    ("Actually, Acme's deadline is Tuesday", "acme", "deadline"),
    ("Acme's deadline is no longer Friday", "acme", "deadline"),
    ("The new deadline for Acme is Monday", "acme", "deadline"),
    ("The office is in Bonn", "office", "is"),
    ("The office moved to Berlin", "office", "is"),
    ("The plan is now B", "plan", "is"),
    ("Bob is now a manager", "bob", "is"),
    ("My daughter's birthday is 3 May", "daughter", "birthday"),
    ("My son's birthday is 4 June", "son", "birthday"),
    ("My phone number is +49 228 123", "owner", "phone number"),
    ("Bob's email is bob@globex.example", "bob", "email"),
    ("Bob's email: bob@globex.example", "bob", "email"),
    ("The Pro plan costs $5 per month", "pro plan", "price"),
    ("The price of the Pro plan is $6 per month", "pro plan", "price"),
    ("The budget for Apollo was raised to 20k", "apollo", "budget"),
    ("My name is Ada", "owner", "name"),
    ("I'm called Ada", "owner", "name"),
    ("My wife is Eve", "owner", "wife"),
    ("My favourite colour is blue", "owner", "favourite colour"),
    ("The wifi password is hunter2", "wifi password", "is"),
    ("Eve is the lead of Apollo", "apollo", "lead"),
    ("The lead of Apollo is Eve", "apollo", "lead"),
    ("Eve is now our lawyer", "owner", "lawyer"),
    ("The meeting with Bob moved to Tuesday", "meeting with bob", "is"),
    ("Bob lives in Rome", "bob", "live in"),
]
BESIDE = [
    ("I like tea", "owner", "like"),
    ("I like coffee", "owner", "like"),
    ("We don't like phone calls", "owner", "like"),
    ("I prefer coffee", "owner", "prefer"),
    ("I never want calls on Fridays", "owner", "never want"),
    ("I work for Acme", "owner", "work at"),
    ("We moved to Slack", "owner", "live in"),
    ("Bob moved to Sales", "bob", "live in"),
    ("I used to live in Bonn", "owner", "live in"),
    ("I live in Bonn during the week", "owner", "live in"),
    ("We also use PayPal for payments", "owner", "for payments"),
    ("We sometimes use PayPal for payments", "owner", "for payments"),
    ("My friend Bob is in Rome", "owner", "friend bob"),
    ("My friend Eve is in Oslo", "owner", "friend eve"),
    ("My daughter is allergic to nuts", "owner", "daughter"),
    ("I have two kids", "owner", "kid"),
    ("I am a vegetarian", "owner", "am"),
    ("Our client is Globex", "owner", "client"),
    ("Globex is now our client", "owner", "client"),
    ("Bob is our lawyer", "owner", "lawyer"),
    ("Bob is a plumber", "bob", "is"),
    ("Bob is tall", "bob", "is"),
    ("Bob likes chess", "bob", "like"),
    ("The meeting with Bob is on Monday", "meeting with bob", "is"),
    ("The meeting with Eve is on Tuesday", "meeting with eve", "is"),
    ("My meeting moved to Tuesday", "owner", "meeting"),
    ("The price was 5 EUR", "price", "is"),
    ("The deadline for Acme is Friday for the draft", "acme", "deadline"),
    ("The style guide is at https://acme.example/style", "style guide", "is"),
]
NOTHING = [
    "It is red",
    "This is the deadline",
    "His email is bob@globex.example",
    "Your name is Equerry",
    "The weather is nice",
    "My phone is broken",
    "The deadline is tight",
    "The password is in the vault",
    "The password is hard to guess",
    "A deadline is a date",
    "Is the deadline Friday?",
    "If the deadline is Friday, we lose",
    "Maybe the deadline is Friday",
    "The deadline might be Friday",
    "The deadline may be Friday",
    "We used Stripe for two years",
    "We use Stripe for now",
    "I use it for free",
    "I have a meeting at noon",
    "Today is Monday",
    "Tomorrow's weather is 5 degrees",
    "The deadline was moved by two days",
    "Remember the milk",
    "Remember to call Bob",
    "The one who called is Bob",
    "There is a deadline on Friday",
    "Hello there Bob",
    "Deadline Friday",
    "",
]


@pytest.mark.parametrize(("sentence", "subject", "relation"), SINGLE)
def test_what_has_one_value_may_be_replaced(sentence: str, subject: str, relation: str) -> None:
    """The key is the same however it is said, and only one value holds."""
    assert about_of(sentence) == About(subject, relation, functional=True)


@pytest.mark.parametrize(("sentence", "subject", "relation"), BESIDE)
def test_what_may_hold_beside_others_stays(sentence: str, subject: str, relation: str) -> None:
    """Open-ended, past, partial or additional statements replace nothing."""
    assert about_of(sentence) == About(subject, relation, functional=False)


@pytest.mark.parametrize("sentence", NOTHING)
def test_what_states_nothing_is_about_nothing(sentence: str) -> None:
    """Questions, guesses, unnamed subjects and passing states have no key."""
    assert about_of(sentence) is None
