"""Average precision on whole pictures, computed by `pycocotools`: the figure that the field compares detectors by.

It is COCO's definition and not that of `scenes.py`: hits from an IoU of .5, nothing between hit and false find, every
threshold at once. So it takes finds far below a working threshold (`LEAST_SCORE`), and asks of a label only how likely
it was, never whether MaskGate would have been sure.

COCOeval knows sizes as areas. A face's size here is its longer side, so every `area` handed over is that side squared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any

import numpy as np

from server.training.scenes import SIZES, Find, Scene
from server.vision.limits import MAX_FACES
from server.vision.messages import LABELS, Box

LEAST_SCORE = 0.02
"""From which score finds count, as in RetinaFace's own evaluation: from .01 they raise no figure by .4 points."""
FACE = "face"
"""The category of finding alone: any face, whatever its label."""
RANGES: tuple[tuple[float, float | None], ...] = (
    (SIZES[0], None),
    *zip(SIZES, (*SIZES[1:], None), strict=True),
)
"""Face sizes that figures are given for, in pixels: from, and up to but without."""

Scored = Sequence[tuple[Scene, Sequence[Find]]]


def at(scored: Scored, min_score: float) -> Scored:
    """What of it has this score and more."""
    return [(scene, [find for find in finds if find.score >= min_score]) for scene, finds in scored]


@dataclass(frozen=True, slots=True)
class AveragePrecision:
    """0 to 1; None where there is no true face. half: at an IoU of .5. strict: the mean of .5, .55 and so on to .95."""

    half: float | None
    strict: float | None


def average_precisions(
    scored: Scored, labels: Sequence[str] = LABELS
) -> list[tuple[str, tuple[float, float | None], dict[str, AveragePrecision]]]:
    """Source (`all` first where there are several), sizes of `RANGES`, and by category: `FACE`, then the labels.

    A find counts for each label with its score times the label's probability, from `LEAST_SCORE` up. labels: none
    where no classifier ran.
    """
    categories = (FACE, *labels)
    with redirect_stdout(StringIO()):  # pycocotools reports its progress by print
        from pycocotools.cocoeval import COCOeval

        truth = (row for image, (scene, _) in enumerate(scored) for row in _truth(image, scene, categories))
        finds = (row for image, (_, finds) in enumerate(scored) for row in _finds(image, finds, categories))
        evaluation = COCOeval(_coco(scored, categories, truth), _coco(scored, categories, finds), "bbox")
        evaluation.params.areaRng = [_areas(*sizes) for sizes in RANGES]
        evaluation.params.maxDets = [MAX_FACES]
        evaluation.evaluate()
        # The slow part is done, picture by picture; a source's figures are gathered from its pictures.
        pictures = np.array(evaluation.evalImgs, dtype=object).reshape(len(categories), len(RANGES), len(scored))
        sources = sorted({scene.source for scene, _ in scored})
        lines = []
        for source in ("all", *sources) if len(sources) > 1 else sources:
            chosen = [image for image, (scene, _) in enumerate(scored) if source in ("all", scene.source)]
            evaluation.evalImgs = pictures[..., chosen].ravel().tolist()
            evaluation.params.imgIds = evaluation._paramsEval.imgIds = chosen
            evaluation.accumulate()
            precision = evaluation.eval["precision"][..., 0]  # by IoU, recall, category and size
            lines += [
                (source, sizes, {name: _mean(precision[..., number, size]) for number, name in enumerate(categories)})
                for size, sizes in enumerate(RANGES)
            ]
    return lines


def _mean(precision: np.ndarray[Any, Any]) -> AveragePrecision:
    """Of one category and size: by IoU and recall, -1 where no face is true."""
    if (precision < 0).all():
        return AveragePrecision(None, None)
    return AveragePrecision(float(precision[0].mean()), float(precision.mean()))


def _coco(scored: Scored, categories: Sequence[str], rows: Iterable[dict[str, Any]]) -> Any:
    from pycocotools.coco import COCO

    coco = COCO()
    coco.dataset = {
        "images": [{"id": image} for image in range(len(scored))],
        "categories": [{"id": number, "name": name} for number, name in enumerate(categories)],
        # From 1: COCOeval takes an annotation with the number 0 for none.
        "annotations": [{"id": number, **row} for number, row in enumerate(rows, 1)],
    }
    coco.createIndex()
    return coco


def _truth(image: int, scene: Scene, categories: Sequence[str]) -> Iterator[dict[str, Any]]:
    for category, name in enumerate(categories):
        for face in scene.faces:
            if name in (FACE, face.label):
                yield {**_row(image, category, face.box), "iscrowd": 0}
        for region in scene.ignored:
            yield {**_row(image, category, region), "iscrowd": 1}


def _finds(image: int, finds: Sequence[Find], categories: Sequence[str]) -> Iterator[dict[str, Any]]:
    for category, name in enumerate(categories):
        for find in finds:
            probabilities: Mapping[str, float] = {FACE: 1.0, **find.probabilities}
            score = find.score * probabilities.get(name, 0.0)
            if score >= LEAST_SCORE:
                yield {**_row(image, category, find.box), "score": score}


def _row(image: int, category: int, box: Box) -> dict[str, Any]:
    bbox = [box.x, box.y, box.width, box.height]
    return {"image_id": image, "category_id": category, "bbox": bbox, "area": box.size**2}


def _areas(least: float, under: float | None) -> list[float]:
    """COCOeval counts both ends in: the upper one is just missed."""
    return [least**2, float("inf") if under is None else float(np.nextafter(under**2, 0))]
