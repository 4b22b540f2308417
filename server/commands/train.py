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
    help="Starting weights of the network: a file, 'imagenet' (downloaded by Keras) or 'none' (random) "
    "[default: the recipe's].",
)
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Work folder.")
@click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True, help="Result.")
@click.option("--seed", default=1, show_default=True, help="Of everything random.")
@click.option("--epochs", type=click.IntRange(1), help="Instead of the recipe's.")
@click.option("--include-suspects", is_flag=True, help="Also train on rows whose label is marked as suspect.")
def command(
    recipe_name: str,
    data: Path,
    weights: str | None,
    runs: Path,
    models: Path,
    seed: int,
    epochs: int | None,
    include_suspects: bool,
) -> None:
    """Train RECIPE, choose its thresholds on `val`, export it to MODELS/RECIPE and score it.

    An interrupted training goes on where it was: a checkpoint an epoch lies in RUNS/RECIPE, beside the log.
    """
    from server.training import recipes
    from server.training.dataset import DataError, check_pictures, read_faces
    from server.training.report import percent
    from server.training.run import RunError, train

    try:
        recipe = recipes.load(recipe_name)
        if epochs is not None:
            recipe = recipe.model_copy(update={"epochs": epochs})
        rows = read_faces(data)
        check_pictures(rows)
        card = train(recipe_name, recipe, rows, weights, runs, models, seed, suspects=include_suspects)
    except (recipes.RecipeError, DataError, RunError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{models / recipe_name} is ready; accuracy on test {percent(card.metrics['test']['all']['accuracy'])}")
