"""The policy table, and what each action comes to under it."""

from bot.app import App
from bot.reports.report import Report


async def policy(app: App) -> Report:
    """Return the thresholds per impact, the overrides, and each action's rule."""
    table = app.kernel.policy
    impacts = {name: t.model_dump() for name, t in table.impact.items()}
    actions = {}
    for action in app.kernel.actions.offered():
        rule = table.for_action(action.name, action.declared)
        actions[action.name] = {
            "impact": (rule.override.impact if rule.override else None) or action.declared,
            "rule": rule.text,
            "thresholds": rule.thresholds.model_dump(),
            "undo": action.undo_hint,
            "control": sorted(action.control),
        }
    data = {
        "min_decisions": table.min_decisions,
        "impact": impacts,
        "overrides": {name: o.model_dump() for name, o in table.actions.items()},
        "actions": actions,
    }
    lines = ["impact   prior  auto from  review from  (below: inbox)"]
    for name, limits in table.impact.items():
        auto = "grant only" if limits.auto is None else f"{limits.auto:.2f}"
        lines.append(f"{name:<8} {limits.prior:<6.2f} {auto:<10} {limits.review:.2f}")
    lines.append(
        f"A record counts from {table.min_decisions} decisions on; before that, the prior."
    )
    lines += [f"{name}: {told['rule']}" for name, told in actions.items()]
    return Report(data=data, text="\n".join(lines))
