"""Measure what leaking scored faces into training is worth, and what a shuffled generator does to a report."""

from __future__ import annotations

from pathlib import Path

import click

DRAWS = 2000


@click.group(help=__doc__)
def command() -> None: ...


@command.command()
@click.option("--recipe", "recipe_name", default="mobilenetv2-binary-best", show_default=True)
@click.option(
    "--data",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="Folder with faces.csv and faces/.",
)
@click.option("--weights", help="Starting weights: a file, 'imagenet' or 'none' [default: the recipe's].")
@click.option("--faces", type=click.IntRange(30), default=3000, show_default=True, help="To fit on, each time.")
@click.option("--epochs", type=click.IntRange(1), default=5, show_default=True)
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Work folder.")
@click.option("--seed", default=1, show_default=True)
def study(recipe_name: str, data: Path, weights: str | None, faces: int, epochs: int, runs: Path, seed: int) -> None:
    """Fit one recipe on a split by chance, by group, and with copies of scored faces; print what each scores."""
    from server.training import recipes
    from server.training.dataset import DataError, check_pictures, read_faces
    from server.training.leakage import LeakageError
    from server.training.leakage import study as outcomes
    from server.training.report import markdown, percent
    from server.training.run import RunError, starting_weights

    try:
        recipe = recipes.load(recipe_name).model_copy(update={"epochs": epochs})
        rows = read_faces(data)
        check_pictures(rows)
        start = starting_weights(recipe, weights)
        kinds = ("scored", "copied", "rest", "foreign")
        table = [
            [of.name, str(of.trained_on), *(percent(getattr(of, kind).model_dump()) for kind in kinds)]
            for of in outcomes(rows, recipe, start, faces, runs / "leakage", seed)
        ]
    except (recipes.RecipeError, DataError, LeakageError, RunError) as error:
        raise click.ClickException(str(error)) from None
    head = ["split", "fitted on", "scored faces", "those with a copy", "the rest", "foreign faces"]
    click.echo(markdown(head, table))


@command.command()
@click.argument("model")
@click.option("--split", type=click.Choice(["val", "test", "thesis"]), default="thesis", show_default=True)
@click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True)
@click.option("--seed", default=1, show_default=True)
def shuffled(model: str, split: str, models: Path, seed: int) -> None:
    """Set MODEL's predictions against labels in another order, as a shuffled generator gives them."""
    import numpy as np

    from server.training.leakage import out_of_step
    from server.training.predictions import PredictionsError, read_predictions
    from server.training.report import confusion_table

    try:
        said = read_predictions(models / model)
    except PredictionsError as error:
        raise click.ClickException(str(error)) from None
    said = said[said.set == split]
    if not len(said):
        raise click.ClickException(f"{model} was not scored on {split}.")
    labels = sorted({*said.truth, *said.top}, reverse=True)
    rng = np.random.default_rng(seed)
    click.echo(f"In step: {(said.top == said.truth).mean():.1%} of {len(said)} faces. Out of step, in one draw:\n")
    click.echo(confusion_table(out_of_step(said, labels, rng).tolist(), labels))
    shares = [np.trace(out_of_step(said, labels, rng)) / len(said) for _ in range(DRAWS)]
    low, middle, high = np.quantile(shares, (0.025, 0.5, 0.975))
    click.echo(
        f"\nOf {DRAWS} draws, half are right in at most {middle:.1%}; 95 in 100 lie from {low:.1%} to {high:.1%}."
    )
