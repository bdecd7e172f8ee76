"""What is written where, and who may read it."""

from stat import S_IMODE

from tests.scenarios.program import Program


def test_data_is_for_its_owner_alone(program: Program) -> None:
    """The folder is 0700 and every file of the database 0600, whatever the umask says."""
    with program.start("chat") as chat:
        assert chat.stdin
        assert chat.stdout
        chat.stdin.write("note: buy milk\n")
        chat.stdin.flush()
        while chat.stdout.readline() != "Added to notes.md: buy milk\n":
            pass
        data = program.place.data
        modes = {path.name: S_IMODE(path.stat().st_mode) for path in data.glob("equerry.db*")}
        assert modes == dict.fromkeys(("equerry.db", "equerry.db-wal", "equerry.db-shm"), 0o600)
        assert S_IMODE(data.stat().st_mode) == 0o700
        assert S_IMODE((data / "engine.lock").stat().st_mode) == 0o600
        chat.stdin.close()


def test_rights_that_are_there_are_left_alone(program: Program) -> None:
    """A folder that the owner shares stays shared."""
    program.place.data.mkdir(mode=0o750)
    program.ok("status")
    assert S_IMODE(program.place.data.stat().st_mode) == 0o750
