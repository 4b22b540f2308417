"""Train a model by its recipe, then export and measure it."""

from __future__ import annotations

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

    from server.training.fit import fit

    folder = runs / recipe_name
    train = split_rows(rows, "train", suspects=include_suspects)
    val = split_rows(rows, "val", suspects=include_suspects)
    start = None if weights == "none" else weights
    model = fit(recipe, train, val, start, folder, seed, epochs)

    from server.training.export import export

    card = export(model, recipe_name, recipe, rows, train, val, models, seed)
    click.echo(f"{models / recipe_name} is ready; test: {card.metrics['test']['all']['accuracy']}")
