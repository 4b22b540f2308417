"""Score detectors, with a classifier or alone, on whole pictures with boxed faces."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

    from server.training.scenes import Figures, Find

NO_CLASSIFIER = "none"


@click.command(help=__doc__)
@click.option("--detector", "detectors", multiple=True, required=True, help="A detector's name, or `all`; repeatable.")
@click.option(
    "--classifier",
    default="mobilenetv2",
    show_default=True,
    help=f"A model's name; `{NO_CLASSIFIER}` scores finding alone.",
)
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with scenes/SPLIT.json and the pictures.",
)
@click.option("--split", type=click.Choice(["val", "test"]), default="test", show_default=True, help="Which pictures.")
@click.option(
    "--min-score", type=click.FloatRange(0, 1), help="The least face score to count [default: each detector's own]."
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV of every true face and every find, from which every figure can be recomputed "
    "[default: runs/scenes-SPLIT.csv].",
)
@click.option("--markdown", type=click.Path(dir_okay=False, path_type=Path), help="Write the tables here too.")
@click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True)
def command(
    detectors: tuple[str, ...],
    classifier: str,
    data: Path,
    split: str,
    min_score: float | None,
    out: Path | None,
    markdown: Path | None,
    models: Path,
) -> None:
    import pandas as pd
    from tqdm import tqdm

    from server.training.scenes import ScenesError, read_scenes, table
    from server.vision.catalogue import CatalogueError
    from server.vision.classifiers.card import CardError
    from server.vision.detectors import UnknownDetector, info, infos
    from server.vision.detectors.packages import PackageError

    out = out or Path("runs") / f"scenes-{split}.csv"
    names = [known.name for known in infos()] if "all" in detectors else list(dict.fromkeys(detectors))
    tables = []
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        scenes = read_scenes(data / "scenes" / f"{split}.json")
        for name in names:
            least = info(name).min_score if min_score is None else min_score
            find = _detecting(name, least) if classifier == NO_CLASSIFIER else _serving(models, classifier, name, least)
            pictures = tqdm(scenes, desc=name, unit="picture", mininterval=1)
            scored = table((scene, _found_in(data / "scenes" / scene.file, find)) for scene in pictures)
            scored.insert(0, "classifier", classifier)
            scored.insert(0, "detector", name)
            tables.append(scored)
    except (CardError, CatalogueError, OSError, PackageError, ScenesError, UnknownDetector) as error:
        raise click.ClickException(str(error)) from None
    rows = pd.concat(tables, ignore_index=True)
    rows.to_csv(out, index=False, float_format="%.6g")
    page = _page(rows)
    click.echo(page)
    if markdown:
        markdown.write_text(page + "\n", encoding="utf-8")
    click.echo(f"\nEvery true face and every find is in {out}.")


def _found_in(path: Path, find: Callable[[bytes], list[Find]]) -> list[Find]:
    from server.vision.messages import Refusal

    try:
        return find(path.read_bytes())
    except Refusal as refusal:
        raise click.ClickException(f"{path}: {refusal}") from None


def _detecting(detector: str, min_score: float) -> Callable[[bytes], list[Find]]:
    """Decode and detect as serving does, and no more."""
    import cv2

    from server.training.scenes import Find
    from server.vision.decision import to_fractions
    from server.vision.detectors import load
    from server.vision.frame import decode
    from server.vision.messages import Box

    cv2.setNumThreads(1)
    loaded = load(detector)

    def find(data: bytes) -> list[Find]:
        image = decode(data)
        height, width = image.shape[:2]
        inside = [face for face in loaded.detect(image, min_score) if face.box.overlap(Box(0, 0, width, height)) >= 1]
        return [Find(to_fractions(face.box, image).scaled(width, height), face.score) for face in inside]

    return find


def _serving(models: Path, classifier: str, detector: str, min_score: float) -> Callable[[bytes], list[Find]]:
    """The whole way of a frame, through the engine."""
    from server.training.scenes import Find
    from server.vision.engine.inline import InlineEngine
    from server.vision.messages import Frame
    from server.vision.pipeline import standard

    pipeline = standard(models, classifier, detector)
    pipeline.warm()
    engine = InlineEngine(pipeline)

    def find(data: bytes) -> list[Find]:
        result = engine.submit(Frame(data, client="evaluate-scenes", min_score=min_score)).result()
        return [
            Find(face.box.scaled(result.width, result.height), face.score, face.label, face.reason, face.probabilities)
            for face in result.faces
        ]

    return find


def _page(rows: pd.DataFrame) -> str:
    """The Markdown tables: one of all faces, one by true label."""
    from server.training.report import markdown, percent
    from server.training.scenes import summary

    # Where no classifier ran, only finding can be scored.
    rates = {"recall": "recall", "precision": "precision"}
    if (rows["classifier"] != NO_CLASSIFIER).any():
        rates |= {"right": "right given found", "unsure": "not sure given found", "end_to_end": "end to end"}
    of_label = {field: title for field, title in rates.items() if field != "precision"}

    def cells(found: Figures, fields: Iterable[str]) -> list[str]:
        return [percent(getattr(found, field).model_dump()) for field in fields]

    whole, by_label = [], []
    for (detector,), scored in rows.groupby(["detector"], sort=False):
        for source, size, found, labels in summary(scored):
            where = [str(detector), source, f"{size} px and more"]
            whole.append([*where, *cells(found, rates)])
            by_label += [[*where, label, *cells(one, of_label)] for label, one in labels.items()]
    head = ["detector", "source", "faces of"]
    return "\n\n".join(
        [
            markdown([*head, *rates.values()], whole),
            markdown([*head, "label", *of_label.values()], by_label),
        ]
    )
