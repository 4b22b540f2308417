"""Write the pages and pictures of models anew from what was measured, and the page that compares them all."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(help=__doc__)
@click.argument("names", metavar="[MODEL]...", nargs=-1)
@click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("docs"),
    show_default=True,
    help="Where comparison.md and comparison.svg go; left alone where models are named.",
)
def command(names: tuple[str, ...], models: Path, out: Path) -> None:
    from server.training.comparison_page import write_comparison
    from server.training.model_folder import describe
    from server.training.predictions import PredictionsError, read_predictions
    from server.vision.classifiers.card import CardError, load_card, read_weights
    from server.vision.classifiers.folders import ModelFolders

    try:
        folders = ModelFolders(models)
        folders.check()
        cards = {name: load_card(models / name) for name in names} if names else dict(folders)
        said = {name: read_predictions(models / name) for name in cards}
        for name, card in cards.items():
            describe(models / name, card, said[name], read_weights(models / name, card))
            click.echo(f"{models / name / 'README.md'}")
    except (CardError, PredictionsError) as error:
        raise click.ClickException(str(error)) from None
    if not names:
        if not cards:
            raise click.ClickException(f"{models} holds no model.")
        click.echo(f"{write_comparison(out, cards, said)}")
