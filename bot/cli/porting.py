"""`export` and `import`."""

from pathlib import Path

import click

from bot.app import App
from bot.cli.session import Session


@click.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.pass_obj
def export_(session: Session, folder: Path) -> None:
    """Write profile, facts and the audit log into DIR as readable files."""
    from bot.portable.run import export_to

    async def work(app: App) -> list[str]:
        return await export_to(app, folder)

    files = session.run(work)
    click.echo(f"Exported to {folder}: {', '.join(files)}.")


@click.command("import")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.pass_obj
def import_(session: Session, folder: Path) -> None:
    """Read the files of an export back as outside text; a card asks whether they are your own.

    Nothing is changed when one has a mistake.
    """
    from bot.portable.run import import_from

    async def work(app: App) -> list[str]:
        return await import_from(app, folder)

    lines = session.run(work, lead=None)
    click.echo("\n".join(lines) or "Nothing differs: nothing was changed.")


COMMANDS = (export_, import_)
