"""Train a model by its recipe, then export and measure it."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("recipe_name", metavar="RECIPE")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with faces.csv and faces/.",
)
@click.option(
    "--weights",
    default="imagenet",
    show_default=True,
    help="Starting weights of the backbone: a file, 'imagenet' (downloaded by Keras) or 'none' (random).",
)
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Work folder.")
@click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True, help="Result.")
@click.option("--seed", default=1, show_default=True, help="Of everything random.")
@click.option("--epochs", type=click.IntRange(1), help="Instead of the recipe's.")
@click.option("--include-suspects", is_flag=True, help="Also train on rows whose label is marked as suspect.")
def command(
    recipe_name: str,
    data: Path,
    weights: str,
    runs: Path,
    models: Path,
    seed: int,
    epochs: int | None,
    include_suspects: bool,
) -> None:
    """Train RECIPE, choose its thresholds on `val`, export it to MODELS/RECIPE and score it on `test`.

    An interrupted training goes on where it was: a checkpoint an epoch lies in RUNS/RECIPE, beside the log.
    """
    from server.training import recipes
    from server.training.dataset import DataError, read_faces, split_rows

    try:
        recipe = recipes.load(recipe_name)
        rows = read_faces(data)
    except (recipes.RecipeError, DataError) as error:
        raise click.ClickException(str(error)) from None
    if weights not in ("imagenet", "none") and not Path(weights).is_file():
        raise click.BadParameter(f"{weights} is no file; give one, or 'imagenet', or 'none'.", param_hint="--weights")

    if epochs is not None:
        recipe = recipe.model_copy(update={"epochs": epochs})
    folder = runs / recipe_name
    run = {"seed": seed, "suspects": include_suspects, "recipe": recipe.model_dump(mode="json")}
    record = folder / "run.json"
    if record.is_file() and json.loads(record.read_text(encoding="utf-8")) != run:
        raise click.ClickException(
            f"{folder} holds a training with another recipe or seed; finish it as it was begun, or remove the folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(run, indent=1), encoding="utf-8")

    from server.training.fit import fit

    train = split_rows(rows, "train", suspects=include_suspects)
    val = split_rows(rows, "val", suspects=include_suspects)
    start = None if weights == "none" else weights
    model = fit(recipe, train, val, start, folder, seed)

    from server.training.export import export

    card = export(model, recipe_name, recipe, rows, train, models, seed)
    click.echo(f"{models / recipe_name} is ready; accuracy on test {card.metrics['test']['all']['accuracy']}")
