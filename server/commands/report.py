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
    from server.training.onepass import folder as onepass
    from server.training.predictions import PredictionsError, read_predictions
    from server.vision.classifiers.card import CardError, load_card, read_weights
    from server.vision.classifiers.folders import ModelFolders

    chosen = names or tuple(ModelFolders(models))
    if not chosen:
        raise click.ClickException(f"{models} holds no model.")
    try:
        for name in chosen:
            folder = models / name
            card = load_card(folder)
            predictions, weights = read_predictions(folder), read_weights(folder, card)
            if card.one_stage:
                onepass.describe(folder, card, predictions)
            else:
                describe(folder, card, predictions, weights)
            click.echo(f"{folder / 'README.md'}")
        if not names and (page := write_comparison(models, out)):
            click.echo(f"{page}")
    except (CardError, PredictionsError) as error:
        raise click.ClickException(str(error)) from None
