"""The model that is always there: plain English by rules, no key, no network, no cost."""
