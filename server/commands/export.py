"""Export a trained model again: weights, thresholds, card and page from its work folder."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(help=__doc__)
@click.argument("recipe_name", metavar="RECIPE")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with faces.csv and faces/, and with scenes/ for a model that finds the faces itself.",
)
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Work folder.")
@click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True, help="Result.")
def command(recipe_name: str, data: Path, runs: Path, models: Path) -> None:
    from server.training.dataset import DataError, check_pictures, read_faces
    from server.training.onepass import run as onepass
    from server.training.report import in_short
    from server.training.run import RunError, export_again
    from server.training.scenes import ScenesError
    from server.vision.classifiers.card import CardError
    from server.vision.detectors.packages import PackageError

    try:
        if onepass.began(runs / recipe_name):
            card = onepass.export_again(recipe_name, onepass.read_data(data), runs, models)
        else:
            rows = read_faces(data)
            check_pictures(rows)
            card = export_again(recipe_name, rows, runs, models)
    except (CardError, DataError, PackageError, RunError, ScenesError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{models / recipe_name} is ready; {in_short(card)}")
