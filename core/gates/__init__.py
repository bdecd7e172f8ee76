"""Who may do what: policy, budget, cards, decisions, grants."""
