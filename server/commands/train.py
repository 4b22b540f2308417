"""Train a model by its recipe, then export and measure it."""

from __future__ import annotations

import os
from pathlib import Path

import click

LAYOUTS = (
    "name a folder with one folder of photos for each class (with_mask/, without_mask/ and, if you have them, "
    "incorrect/), or a faces.csv or its folder"
)


@click.command()
@click.argument("recipe_name", metavar="RECIPE")
@click.option(
    "--data",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="Your photos: a folder with with_mask/, without_mask/ and, if you have them, incorrect/. Or a faces.csv, or "
    "the folder with faces.csv and faces/.",
)
@click.option("--name", help="The model's name [default: RECIPE, for your own photos RECIPE-FOLDER].")
@click.option("--faces-only", is_flag=True, help="Find the faces in your photos and stop: look through them first.")
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
    name: str | None,
    faces_only: bool,
    weights: str | None,
    runs: Path,
    models: Path,
    seed: int,
    epochs: int | None,
    include_suspects: bool,
) -> None:
    """Train RECIPE, choose its thresholds on `val`, export it to MODELS/NAME and score it.

    An interrupted training goes on where it was: a checkpoint an epoch lies in RUNS/NAME, beside the log. What
    your own photos are turned into lies there too. docs/train-your-own.md leads through it.
    """
    # TensorFlow leaves these kernels off on AMD's processors, where a step takes .58 of the time with them too.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

    from server.training import recipes
    from server.training.dataset import DataError, check_pictures, read_faces
    from server.training.onepass import recipe as onepass_recipes
    from server.training.onepass import run as onepass
    from server.training.own.adapt import adapted, default_name
    from server.training.own.layout import holds_classes
    from server.training.own.prepare import is_prepared, prepare
    from server.training.report import in_short
    from server.training.run import RunError, check_name, train
    from server.training.scenes import ScenesError
    from server.vision.classifiers.card import CardError
    from server.vision.detectors.packages import PackageError

    changed = {} if epochs is None else {"epochs": epochs}
    try:
        if recipe_name in onepass_recipes.names():
            if faces_only or include_suspects:
                raise RunError(f"{recipe_name} finds faces itself: --faces-only and --include-suspects are not for it.")
            whole = onepass_recipes.load(recipe_name).model_copy(update=changed)
            if name is not None:
                check_name(name, runs, models)
            card = onepass.train(name or recipe_name, whole, onepass.read_data(data), weights, runs, models, seed)
            click.echo(f"{models / card.name} is ready; {in_short(card)}")
            return
        recipe = recipes.load(recipe_name).model_copy(update=changed)
        photos = holds_classes(data)
        if not photos and data.suffix.lower() != ".csv" and not (data / "faces.csv").is_file():
            raise DataError(f"{data} holds nothing to train on: {LAYOUTS}.")
        own = photos or is_prepared(data)
        if own or name is not None:
            name = default_name(recipe_name, data) if name is None else name
            check_name(name, runs, models)
        name = name or recipe_name
        rows = prepare(data, recipe.labels, runs / name, _say) if photos else read_faces(data)
        check_pictures(rows)
        if faces_only:
            return
        if own:
            recipe = adapted(recipe, recipe_name, name, rows, _say)
        card = train(name, recipe, rows, weights, runs, models, seed, suspects=include_suspects)
    except (recipes.RecipeError, CardError, DataError, OSError, PackageError, RunError, ScenesError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{models / name} is ready; {in_short(card)}")
    if name != recipe_name:
        click.echo(f"Choose it on the page as {card.title!r}, or make it the default: MASKGATE_MODEL={name} make run")


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)
