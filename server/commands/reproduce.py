"""Train, score and report the thesis's networks, one after the other."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from server.training.recipes import Recipe

QUICK_FACES = 40
QUICK_SIZE = 112
"""Pixels: the least that every network's pools leave something of, and a round number."""


@click.command()
@click.argument("recipe_names", metavar="[RECIPE]...", nargs=-1)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with faces.csv and faces/; not needed with --quick.",
)
@click.option(
    "--imagenet",
    default="imagenet",
    show_default=True,
    help="MobileNetV2's starting weights: a file, 'imagenet' (downloaded by Keras) or 'none'.",
)
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Work folder.")
@click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True, help="Result.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("docs"),
    show_default=True,
    help="Where the page that compares all of MODELS goes.",
)
@click.option("--seed", default=1, show_default=True, help="Of everything random.")
@click.option(
    "--quick", is_flag=True, help=f"A trial: an epoch each on {QUICK_FACES} drawn faces, results thrown away."
)
def command(
    recipe_names: tuple[str, ...],
    data: Path | None,
    imagenet: str,
    runs: Path,
    models: Path,
    out: Path,
    seed: int,
    quick: bool,
) -> None:
    """Train every RECIPE (all but `mobilenetv2`, which serves, where none is named) and export it to MODELS/RECIPE.

    Whatever is interrupted goes on where it was when called again; what is done is only exported again.
    """
    from server.training import recipes
    from server.training.comparison_page import write_comparison
    from server.training.dataset import DataError, check_pictures, read_faces
    from server.training.made_up import write_made_up
    from server.training.predictions import PredictionsError
    from server.training.report import percent
    from server.training.run import RunError, train
    from server.vision.classifiers.card import CardError

    names = recipe_names or tuple(name for name in recipes.names() if name != "mobilenetv2")
    with tempfile.TemporaryDirectory() as scratch:
        if quick:
            data = write_made_up(Path(scratch), QUICK_FACES)
            runs, models, out = (Path(scratch) / name for name in ("runs", "models", "docs"))
            imagenet = "none"
        if data is None:
            raise click.UsageError("name the folder with faces.csv by --data, or try it out with --quick.")
        try:
            chosen = {name: recipes.load(name) for name in names}
            rows = read_faces(data)
            check_pictures(rows)
            for name, recipe in chosen.items():
                click.echo(f"== {name}")
                weights = imagenet if recipe.weights == "imagenet" else recipe.weights
                card = train(name, _shrunk(recipe) if quick else recipe, rows, weights, runs, models, seed)
                for group, figures in card.metrics.items():
                    if "all" in figures:
                        click.echo(f"{name} on {group}: accuracy {percent(figures['all']['accuracy'])}")
            if page := write_comparison(models, out):
                click.echo(f"{page} sets all of {models} beside each other.")
        except (recipes.RecipeError, CardError, DataError, PredictionsError, RunError) as error:
            raise click.ClickException(str(error)) from None


def _shrunk(recipe: Recipe) -> Recipe:
    small = {"epochs": 1, "batch_size": 2, "input_size": min(recipe.input_size, QUICK_SIZE)}
    return recipe.model_copy(update=small)
