"""Train a model by its recipe, then export and measure it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from server.training.recipes import Recipe


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
    from server.training.dataset import DataError, check_pictures, digest, read_faces, split_rows

    try:
        recipe = recipes.load(recipe_name)
        rows = read_faces(data)
        check_pictures(rows)
    except (recipes.RecipeError, DataError) as error:
        raise click.ClickException(str(error)) from None
    train = split_rows(rows, "train", suspects=include_suspects)
    val = split_rows(rows, "val", suspects=include_suspects)
    for split, faces, least in (("train", train, recipe.batch_size), ("val", val, 1)):
        if len(faces) < least:
            raise click.ClickException(
                f"{data / 'faces.csv'} has {len(faces)} faces of split {split}; this recipe needs {least} at least."
            )
    if weights not in ("imagenet", "none") and not Path(weights).is_file():
        raise click.BadParameter(f"{weights} is no file; give one, or 'imagenet', or 'none'.", param_hint="--weights")

    if epochs is not None:
        recipe = recipe.model_copy(update={"epochs": epochs})
    folder = runs / recipe_name
    run = {
        "seed": seed,
        "suspects": include_suspects,
        "recipe": recipe.model_dump(mode="json"),
        "data": digest(train),
    }
    record = folder / "run.json"
    try:
        # A record of before one of these was kept is not another training.
        other = record.is_file() and run | json.loads(record.read_text(encoding="utf-8")) != run
    except (TypeError, ValueError):
        raise click.ClickException(f"{record} is broken: remove {folder} and begin again.") from None
    if other:
        raise click.ClickException(
            f"{folder} holds a training with another recipe, seed or data; finish it as it was begun, or remove the "
            "folder."
        )
    start = None if weights == "none" else weights
    if start is not None:
        _check_weights(recipe, start)
    folder.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps(run, indent=1), encoding="utf-8")

    from server.training.fit import fit

    model = fit(recipe, train, val, start, folder, seed)

    from server.training.export import export
    from server.training.report import percent

    card = export(model, recipe_name, recipe, rows, train, models, seed)
    click.echo(f"{models / recipe_name} is ready; accuracy on test {percent(card.metrics['test']['all']['accuracy'])}")


def _check_weights(recipe: Recipe, weights: str) -> None:
    """Build the network once, so that weights that do not fit end with a sentence."""
    from server.training.architectures import build

    try:
        build(recipe, weights)
    except Exception as error:  # noqa: BLE001 - Keras and h5py raise all kinds, for a missing network too
        why = str(error).strip().partition("\n")[0]
        cure = "check the network, or name a file" if weights == "imagenet" else "name others"
        raise click.ClickException(f"--weights {weights} cannot be used for this recipe ({why}); {cure}.") from None
