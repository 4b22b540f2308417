"""Score a model on labelled faces and write what it said of each."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(help=__doc__)
@click.argument("model")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with faces.csv and faces/.",
)
@click.option(
    "--split", type=click.Choice(["val", "test", "thesis"]), default="test", show_default=True, help="Which faces."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV with file, truth, probabilities and label, from which every figure can be recomputed "
    "[default: runs/MODEL/SPLIT.csv].",
)
@click.option(
    "--rewrite", is_flag=True, help="Choose thresholds anew, score all sets, rewrite the model's card and pages."
)
@click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True)
def command(model: str, data: Path, split: str, out: Path | None, rewrite: bool, models: Path) -> None:
    from server.training.dataset import DataError, check_pictures, learnable, read_faces, scored, split_rows
    from server.training.evaluate import decide_all, predict
    from server.training.measure import measured
    from server.training.metrics import metrics, smallest
    from server.training.model_folder import check_told, write_model
    from server.training.report import confusion_table, metrics_table
    from server.vision.classifiers.card import CardError, read_weights
    from server.vision.classifiers.litert import load_classifier

    try:
        classifier = load_classifier(models / model)
        faces = read_faces(data)
        check_pictures(faces)
        if rewrite:
            check_told(classifier.card, models / model)
            weights = read_weights(models / model, classifier.card)
            write_model(models / model, *measured(classifier.card, weights, faces), weights)
            click.echo(f"{models / model} is measured anew.")
            return
        labels = classifier.card.labels
        sets = {"val": split_rows(learnable(faces, labels, "all"), "val"), **scored(faces, labels)}
        rows = sets.get(split, faces[:0])
        if not len(rows):
            raise click.ClickException(f"{data / 'faces.csv'} has no faces of split {split}.")
        table = decide_all(predict(classifier, rows), labels, classifier.card.thresholds)
    except (CardError, DataError) as error:
        raise click.ClickException(str(error)) from None
    out = out or Path("runs") / model / f"{split}.csv"
    out.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(out, index=False, float_format="%.5f")
    figures = metrics(table, labels, smallest(split))
    click.echo(metrics_table(figures))
    click.echo("\nRows true, columns answered (likeliest label):\n")
    click.echo(confusion_table(figures["all"]["confusion"], labels))
    click.echo(f"\nEvery face is in {out}.")
