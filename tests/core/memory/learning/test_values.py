import pytest

from core.memory.learning.about import about_of
from core.memory.learning.values import contradicts, same_value

REPLACES = [
    ("The launch date is 5 May", "The launch date is 6 May"),
    ("The launch date is 5 May", "The launch date moved to 12 May"),
    ("The launch date is 5 May", "The launch date is 5 May 2027"),
    ("Acme's deadline is Friday", "Acme's deadline moved to Monday"),
    ("The deadline for Acme is Friday", "Actually, Acme's deadline is Monday"),
    ("We use Stripe for payments", "From now on we use Adyen for payments"),
    ("I prefer Stripe for payments", "switch from Stripe to Adyen for payments"),
    ("We use Stripe for payments", "We no longer use Stripe for payments"),
    ("The office is in Bonn", "The office moved to Berlin"),
    ("I live in Bonn", "I moved to Berlin last year"),
    ("My wifi password is hunter", "My wifi password is hunter2"),
    ("The meeting with Bob is on Monday", "The meeting with Bob moved to Tuesday"),
    ("Our lawyer is Bob", "Eve is now our lawyer"),
    ("The lead of Apollo is Bob", "Eve is the lead of Apollo"),
    ("The Pro plan costs $5 per month", "The price of the Pro plan is $6 per month"),
    ("The budget for Apollo is 5k", "The budget for Apollo was raised to 20k"),
    ("The deadline is Friday", "The deadline is no longer Friday"),
]
STAYS = [
    ("My friend Bob is in Rome", "My friend Eve is in Oslo"),
    ("I like tea", "I like coffee"),
    ("The meeting with Bob is on Monday", "The meeting with Eve is on Tuesday"),
    ("Bob is a plumber", "Bob is tall"),
    ("Bob is tall", "Bob is now a manager"),
    ("Bob is now in Rome", "Bob is now a manager"),
    ("My daughter's birthday is 3 May", "My son's birthday is 4 June"),
    ("Our client is Acme", "Globex is now our client"),
    ("Bob is our lawyer", "Eve is our lawyer"),
    ("We use Stripe for payments", "We also use PayPal for payments"),
    ("We use Adyen for payments", "We no longer use Stripe for payments"),
    ("We no longer use Stripe for payments", "We use Adyen for payments"),
    ("The Pro plan costs $5 per month", "The Pro plan costs $50 per year"),
    ("I live in Bonn", "We moved to Slack"),
    ("Bob lives in Rome", "Bob moved to Sales"),
    ("I use Vim for editing and Figma for design", "I use Vim for editing"),
    ("I live in Berlin", "I used to live in Bonn"),
    ("I was born in Bonn", "I was born in 1980"),
    ("Bob's address is bob@globex.example", "Bob's address is 5 Elm Street"),
    ("The price is 10 EUR", "The price was 5 EUR"),
    ("The deadline is Friday", "The deadline is now flexible"),
    ("Acme's deadline is Friday", "Globex's deadline is Monday"),
    ("We use Stripe for payments", "We use Adyen for payments in Japan"),
]
SAME = [
    ("The launch date is 5 May", "The launch date is on May 5th"),
    ("The launch date is 5 May 2027", "the launch date is now 5 May"),
    ("The call is at 9am", "The call is at 9:00 am"),
    ("The budget is 5k", "The budget is 5,000"),
    ("The budget is $5,000", "The budget is 5000 dollars"),
    ("My phone is +49 228 123", "My phone is +49228123"),
    ("The office is in Bonn", "The office is now in Bonn."),
    ("We use Stripe for payments", "For payments we use stripe"),
    ("The lead of Apollo is Eve", "Eve is the lead of Apollo"),
    ("I moved to Bonn", "I live in Bonn"),
    ("We won the pitch!", "we won the pitch"),
]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("I use Vim for editing", "I use Vim for editing and Figma for design"),
        ("I live in Bonn", "I live in Bonn and work in Cologne"),
        ("We use Stripe for payments", "We use Stripe for payments because it is cheap"),
    ],
)
def test_a_sentence_that_says_more_is_no_duplicate(old: str, new: str) -> None:
    """What is said beside the value is not lost in a merge, the shorter one is."""
    about = about_of(new)
    assert about is not None
    assert not contradicts(old, new, about)
    assert not same_value(old, new)
    assert same_value(new, old)


@pytest.mark.parametrize(("old", "new"), REPLACES)
def test_another_value_of_the_same_replaces(old: str, new: str) -> None:
    """The later value of the same subject and relation replaces the earlier."""
    about = about_of(new)
    assert about is not None
    assert contradicts(old, new, about)
    assert not same_value(old, new)


@pytest.mark.parametrize(("old", "new"), STAYS)
def test_what_may_both_hold_stays(old: str, new: str) -> None:
    """Two facts that can both be true stay, whatever order they are said in."""
    for first, second in ((old, new), (new, old)):
        about = about_of(second)
        assert about is not None
        assert not contradicts(first, second, about)


@pytest.mark.parametrize(("old", "new"), SAME)
def test_the_same_said_differently_is_a_duplicate(old: str, new: str) -> None:
    """A value written in another way is the same value, and no contradiction."""
    about = about_of(new)
    assert same_value(old, new)
    assert about is None or not contradicts(old, new, about)
