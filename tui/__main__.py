"""The entry point of the command `smtop`, and of `python -m smtop.tui`."""

import sys

from smtop.tui.cli.main import run


def main() -> None:
    """Runs the command line and exits with its code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
