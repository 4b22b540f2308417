"""Export a trained model again: weights, thresholds, card and page from its work folder."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command(help=__doc__)
@click.argument("recipe_name", metavar="RECIPE")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with faces.csv and faces/.",
)
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Work folder.")
@click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True, help="Result.")
def command(recipe_name: str, data: Path, runs: Path, models: Path) -> None:
    from server.training.dataset import DataError, read_faces

    folder = runs / recipe_name
    try:
        rows = read_faces(data)
    except DataError as error:
        raise click.ClickException(str(error)) from None
    best = folder / "best.weights.h5"
    if not best.is_file():
        raise click.ClickException(f"{best} is missing: train the model first (python -m server train {recipe_name}).")

    from server.training import recipes
    from server.training.architectures import build
    from server.training.dataset import split_rows
    from server.training.export import export

    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    recipe = recipes.Recipe.model_validate(run["recipe"])
    model = build(recipe, None)
    model.load_weights(best)
    train = split_rows(rows, "train", suspects=run["suspects"])
    card = export(model, recipe_name, recipe, rows, train, models, run["seed"])
    click.echo(f"{models / recipe_name} is ready; accuracy on test {card.metrics['test']['all']['accuracy']}")
