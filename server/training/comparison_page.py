"""`docs/comparison.md`: all models beside each other, on the same faces."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from server.training.comparison import compare
from server.training.metrics import MASK_OR_NONE
from server.training.pictures.comparison import comparison
from server.training.predictions import counted, read_predictions
from server.training.report import figure, is_own, markdown, percent, points
from server.vision.classifiers.card import Card
from server.vision.classifiers.folders import ModelFolders

_PAGE = """\
# The models beside each other

Written by `python -m server report` from each model's `card.json` and `predictions.csv`; nothing on it is typed in.
Only faces whose truth is *mask* or *no mask* are counted here, so that models of two and of three labels answer the
same question; a model of three labels that says *worn incorrectly* of them is wrong. How each was trained and measured
is on its own page. Models of somebody's own photos were scored on other faces and are not among these.

![Accuracy of every model with its 95 % interval](comparison.svg)

{sets}
## Where models of two labels fall short
Of the test faces that wear a mask incorrectly, and of bare test faces with a hand, a cup or a scarf drawn over the
mouth, so many are called:

{short}
"""

_SET = """\
## {title}
{described} Sorted by accuracy. In brackets the 95 % interval (bootstrap of whole groups; exact for few). The last three
columns set each model against the first in pairs, face by face: how many faces it alone named right, how many the first
alone, the p of McNemar's exact test (which takes each face for itself), and the difference of their accuracies with its
paired interval.

{table}
"""

_SETS = {
    "thesis": (
        "The thesis's faces",
        "Masked and bare faces of every size, from the collections trained on.",
    ),
    "test": (
        "Unseen faces",
        "Faces of 24 px and more from a collection that was never trained on, and from other photos of one that was.",
    ),
}


def write_comparison(models: Path, out: Path) -> Path | None:
    """Write the page about all models under `models` and its picture into `out`; returns the page's path.

    None, and nothing written, where all are of somebody's own photos.
    Raises CardError for a broken card, PredictionsError for a model without its predictions.
    """
    folders = ModelFolders(models)
    folders.check()
    cards = {name: card for name, card in folders.items() if not is_own(card)}
    if not cards:
        return None
    predictions = {name: read_predictions(models / name) for name in cards}
    out.mkdir(parents=True, exist_ok=True)
    links = {name: os.path.relpath(models / name / "README.md", out) for name in cards}
    of_set = {name: {model: _figures(card, name) for model, card in cards.items()} for name in _SETS}
    panels = {
        _SETS[name][0]: {model: of["accuracy"] for model, of in figures.items() if of and of["faces"]}
        for name, figures in of_set.items()
    }
    comparison(out / "comparison.svg", {title: rates for title, rates in panels.items() if rates})
    sets = "\n".join(
        _SET.format(title=title, described=described, table=_table(name, of_set[name], predictions, links))
        for name, (title, described) in _SETS.items()
        if any(of_set[name].values())
    )
    page = out / "comparison.md"
    page.write_text(_PAGE.format(sets=sets, short=_shortcomings(cards)), encoding="utf-8")
    return page


def _figures(card: Card, name: str) -> dict[str, Any] | None:
    """The card's figures of a set over faces with a mask or none."""
    groups = card.metrics.get(name, {})
    found: dict[str, Any] | None = groups.get("mask_or_none", groups.get("all"))
    return found


def _table(
    name: str,
    figures: Mapping[str, dict[str, Any] | None],
    predictions: Mapping[str, pd.DataFrame],
    links: Mapping[str, str],
) -> str:
    scored = {model: of for model, of in figures.items() if of and of["accuracy"]["value"] is not None}
    order = sorted(scored, key=lambda model: (-scored[model]["accuracy"]["value"], model))
    faces = {model: counted(predictions[model], name) for model in order}
    said = {model: table[table.truth.isin(MASK_OR_NONE)] for model, table in faces.items()}
    rows = []
    for model in order:
        of = scored[model]
        pair = compare(said[model], said[order[0]])
        against = (
            ["–", "–", "–"]
            if model == order[0] or not pair.faces
            else [
                f"{pair.only_first} / {pair.only_second}",
                f"{pair.p:.2g}",
                points(pair.difference.model_dump()),
            ]
        )
        rows.append(
            [
                f"[{model}]({links[model]})",
                percent(of["accuracy"]),
                *(figure(of[kind]) for kind in ("f1", "log_loss", "roc_auc", "average_precision", "calibration_error")),
                percent(of["unsure"]),
                percent(of["accuracy_when_sure"]),
                *against,
            ]
        )
    head = ["model", "accuracy", "F1, macro", "log loss", "ROC area", "precision-recall area", "calibration error"]
    return markdown([*head, "not sure", "when sure", "only it / only the first", "p", "less the first, points"], rows)


def _shortcomings(cards: Mapping[str, Card]) -> str:
    rows = []
    for model, card in cards.items():
        wrongly, hands = (card.metrics.get(f"test_{name}", {}) for name in ("incorrect", "drawn_over_mouth"))
        rightly = _share(wrongly, "incorrect") if "incorrect" in card.labels else "has no such label"
        rows.append([model, *(_share(said, "with_mask") for said in (wrongly, hands)), rightly])
    return markdown(["model", "incorrect: *mask*", "covered mouth: *mask*", "incorrect: *worn incorrectly*"], rows)


def _share(said: Mapping[str, Any], label: str) -> str:
    if not said.get("faces"):
        return "–"
    return percent(said[label]) if label in said else f"0.0 % (n {said['faces']})"
