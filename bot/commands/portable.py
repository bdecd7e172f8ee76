"""`/export`: what is the owner's as files under `data_dir`."""

from collections.abc import Sequence

from bot.commands.registry import Call


async def export(call: Call) -> Sequence[str]:
    """Write an export of today into `data_dir/exports` and say where."""
    from bot.portable.erasing import EXPORTS
    from bot.portable.run import export_to

    kernel = call.app.kernel
    day = kernel.clock.now().astimezone(kernel.zone).strftime("%Y-%m-%d")
    folder = call.app.config.data_dir / EXPORTS / day
    files = await export_to(call.app, folder)
    return [f"Exported to {folder}: {', '.join(files)}. `import` reads it back."]
