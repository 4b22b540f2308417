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
    from server.training.dataset import DataError, check_pictures, digest, read_faces, split_rows

    folder = runs / recipe_name
    try:
        rows = read_faces(data)
        check_pictures(rows)
    except DataError as error:
        raise click.ClickException(str(error)) from None
    best, record = folder / "best.weights.h5", folder / "run.json"
    for path in (best, record):
        if not path.is_file():
            raise click.ClickException(
                f"{path} is missing: train the model first (python -m server train {recipe_name})."
            )
    try:
        run = json.loads(record.read_text(encoding="utf-8"))
        train = split_rows(rows, "train", suspects=run["suspects"])
    except (KeyError, TypeError, ValueError):
        raise click.ClickException(f"{record} is broken: train the model again.") from None
    if run.get("data", digest(train)) != digest(train):
        raise click.ClickException(f"{folder} was trained on other data than {data}: name the same, or train again.")

    from server.training import recipes
    from server.training.architectures import build
    from server.training.export import export
    from server.training.report import percent

    recipe = recipes.Recipe.model_validate(run["recipe"])
    model = build(recipe, None)
    model.load_weights(best)
    card = export(model, recipe_name, recipe, rows, train, models, run["seed"])
    click.echo(f"{models / recipe_name} is ready; accuracy on test {percent(card.metrics['test']['all']['accuracy'])}")
