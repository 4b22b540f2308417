"""Score detectors, with a classifier or alone, on whole pictures with boxed faces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

    from server.training.scene_finders import Finder
    from server.training.scenes import Find, Scene

MIN_SIZE = 32
"""Face size of which `--min-precision` is asked, in pixels."""


@click.command(help=__doc__)
@click.option(
    "--detector",
    "detectors",
    multiple=True,
    required=True,
    help="A detector's name, or `all` of MaskGate's own; repeatable. For comparison also `peer:ssd`, and `peer:aizoo`, "
    "which names the faces itself.",
)
@click.option(
    "--classifier",
    help="A model's name; `none` scores finding alone [default: the detector's own labels where it has some, else "
    "mobilenetv2].",
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
    "--min-precision",
    type=click.FloatRange(0, 1),
    help=f"Also print each detector's lowest face score with this precision, for faces of {MIN_SIZE} px and more.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV of every true face and every find, from which every figure but average precision can be recomputed "
    "[default: runs/scenes-SPLIT.csv].",
)
@click.option("--markdown", type=click.Path(dir_okay=False, path_type=Path), help="Write the tables here too.")
@click.option("--models", type=click.Path(path_type=Path), default=Path("models"), show_default=True)
@click.option(
    "--peers",
    type=click.Path(path_type=Path),
    default=Path("../shared/peers"),
    show_default=True,
    help="Folder with the peers' weights.",
)
def command(
    detectors: tuple[str, ...],
    classifier: str | None,
    data: Path,
    split: str,
    min_score: float | None,
    min_precision: float | None,
    out: Path | None,
    markdown: Path | None,
    models: Path,
    peers: Path,
) -> None:
    import pandas as pd

    from server.training.average_precision import LEAST_SCORE
    from server.training.peers import PeersMissingError
    from server.training.scene_finders import NO_CLASSIFIER, detector_info, detector_names, finder, naming
    from server.training.scenes import ScenesError, lowest_threshold, read_scenes
    from server.training.scenes_page import average_precision_page, figures_page, thresholds_page
    from server.vision.catalogue import CatalogueError
    from server.vision.classifiers.card import CardError
    from server.vision.detectors import UnknownDetector
    from server.vision.detectors.packages import PackageError

    out = out or Path("runs") / f"scenes-{split}.csv"
    names = detector_names(models) if "all" in detectors else []
    names = list(dict.fromkeys([*names, *(name for name in detectors if name != "all")]))
    refused = CardError, CatalogueError, OSError, PackageError, PeersMissingError, ScenesError, UnknownDetector
    tables, low, chosen = [], {}, []
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        scenes = read_scenes(data / "scenes" / f"{split}.json")
        for name in names:
            info = detector_info(name, models)
            working = info.min_score if min_score is None else min_score
            # Searched once: what lies above a threshold is the same, however low the search began.
            least, by = min(LEAST_SCORE, working), naming(info, classifier)
            scored = low[name] = _search(name, scenes, data / "scenes", finder(info, by, least, models, peers))
            tables.append(_table(name, by, scored, working))
            if min_precision is not None:
                threshold = lowest_threshold(_table(name, by, scored, least), min_precision, MIN_SIZE, least)
                chosen.append((name, threshold, _table(name, by, scored, 1 if threshold is None else threshold)))
    except refused as error:
        raise click.ClickException(str(error)) from None
    rows = pd.concat(tables, ignore_index=True)
    rows.to_csv(out, index=False, float_format="%.6g")
    pages = [figures_page(rows), average_precision_page(low, named=classifier != NO_CLASSIFIER)]
    if chosen:
        pages.append(thresholds_page(chosen, MIN_SIZE))
    page = "\n\n".join(pages)
    click.echo(page)
    if markdown:
        markdown.write_text(page + "\n", encoding="utf-8")
    click.echo(f"\nEvery true face and every find is in {out}.")


def _search(detector: str, scenes: list[Scene], folder: Path, find: Finder) -> list[tuple[Scene, list[Find]]]:
    from tqdm import tqdm

    pictures = tqdm(scenes, desc=detector, unit="picture", mininterval=1)
    return [(scene, _found_in(folder / scene.file, find)) for scene in pictures]


def _table(detector: str, classifier: str, scored: list[tuple[Scene, list[Find]]], min_score: float) -> pd.DataFrame:
    from server.training.average_precision import at
    from server.training.scenes import table

    rows = table(at(scored, min_score))
    rows.insert(0, "classifier", classifier)
    rows.insert(0, "detector", detector)
    return rows


def _found_in(path: Path, find: Finder) -> list[Find]:
    from server.vision.messages import Refusal

    try:
        return find(path.read_bytes())
    except Refusal as refusal:
        raise click.ClickException(f"{path}: {refusal}") from None
