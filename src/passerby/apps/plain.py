"""Errors as one plain paragraph, never a traceback with locals."""

import sys
from collections.abc import Callable
from typing import NoReturn

import typer

from passerby.datatypes.errors import PasserbyError


def plainly(work: Callable[[], object]) -> None:
    """Do it; exit 1 with the reason on standard error where something is wrong."""
    try:
        work()
    except PasserbyError as error:
        _say_and_exit(str(error))
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        _say_and_exit(
            f"the system refused: {error.strerror or type(error).__name__}{where}. Mend that, then run again."
        )


def _say_and_exit(text: str) -> NoReturn:
    typer.secho(f"passerby: {text}", fg=typer.colors.RED, err=True)
    sys.exit(1)
