"""`python -m bot`."""

import gc


def start() -> None:
    """Run the program; what its imports make lives as long as it, so none of that is collected."""
    gc.disable()
    from bot.cli.main import main

    gc.freeze()
    gc.enable()
    main()


if __name__ == "__main__":
    start()
