"""Compare two models face by face: whether one is better, or only luckier."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(help=__doc__)
@click.argument("first")
@click.argument("second")
@click.option(
    "--split", type=click.Choice(["val", "test", "thesis"]), default="test", show_default=True, help="Which faces."
)
@click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True)
def command(first: str, second: str, split: str, models: Path) -> None:
    from server.training.comparison import compare
    from server.training.predictions import PredictionsError, counted, read_predictions
    from server.training.report import points

    try:
        tables = [read_predictions(models / name) for name in (first, second)]
    except PredictionsError as error:
        raise click.ClickException(str(error)) from None
    pair = compare(*(counted(table, split) for table in tables))
    if not pair.faces:
        raise click.ClickException(f"{first} and {second} were not scored on the same faces of {split}.")
    click.echo(f"{pair.faces} faces of {split} that both were scored on, by the likeliest label:")
    click.echo(f"  only {first} is right: {pair.only_first}; only {second}: {pair.only_second}")
    click.echo(f"  McNemar's exact test: p = {pair.p:.2g}")
    click.echo(f"  accuracy in points, {first} less {second}: {points(pair.difference.model_dump())}")
