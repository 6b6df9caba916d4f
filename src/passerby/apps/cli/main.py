"""The command line. Errors are one plain paragraph, never a traceback with locals."""

import typer

from passerby import __version__
from passerby.apps.cli import (
    attack,
    bench,
    calibrate,
    conditions,
    demo,
    evaluate,
    log,
    mandate,
    models,
    objections,
    privacy,
    run,
    top,
    witness,
)
from passerby.apps.plain import plainly

cli = typer.Typer(
    name="passerby",
    help="Count the city without watching its people.\n\nStart with `make demo`, then docs/tutorials/first-camera.md.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

cli.add_typer(bench.app, name="bench")
cli.add_typer(mandate.app, name="mandate")
cli.add_typer(models.app, name="models")
cli.add_typer(log.app, name="log")
cli.add_typer(privacy.app, name="privacy")
cli.add_typer(objections.app, name="objections")
cli.command("attack")(attack.command)
cli.command("demo")(demo.command)
cli.command("run")(run.command)
cli.command("top")(top.command)
cli.command("witness")(witness.command)
cli.command("evaluate")(evaluate.command)
cli.command("conditions")(conditions.command)
cli.command("calibrate")(calibrate.command)


@cli.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def app() -> None:
    """Entry point of the ``passerby`` command; exit 1 with the reason on standard error where something is wrong."""
    plainly(cli)


if __name__ == "__main__":
    app()
