"""What lies in the folder of a one-stage model beside its weights: figures, what it found, a chart and a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from server.training.model_folder import PICTURES, check_told, draw_figures, replace_file
from server.training.pictures import charts
from server.training.predictions import read_predictions, write_predictions
from server.training.report import SETS, answered, gallery, markdown, metrics_table, percent, worst
from server.training.scenes import Figures, summary
from server.training.scenes_page import faces_of
from server.vision.classifiers.card import CARD_FILE, SECOND_LOOK_FILE, WEIGHTS_FILE, Card

FINDS_FILE = "finds.csv"
"""Every true face and every find of the scenes that it was scored on: each figure can be computed from it again."""
CURVES = "curves.svg"
RATES = {
    "recall": "found",
    "precision": "precision",
    "right": "right given found",
    "unsure": "not sure given found",
    "end_to_end": "end to end",
}
OF_A_LABEL = tuple(name for name in RATES if name != "precision")
"""A false find has no true label."""

_PAGE = """\
# {title}

{description} This page is written by the program; every figure is also in `card.json`, and every true face and find
behind it in `finds.csv`.

- finds faces and says {labels} in one pass; it is a detector and a model
- input: a picture brought to {input_size} px along its longer side, three quarters of it along the shorter
- weights: `model.tflite`, LiteRT {weights}, SHA-256 `{sha256}`
- trained on {scenes} scenes and single faces, {faces} faces together ({by_label}), {epochs} epochs, seed {seed};
  digest of all of it `{data}`
- licence of the weights: {licence}
- to repeat: `python -m server train {name} --data …`; how it is made and what was tried: [docs/onepass.md]({docs})

## What it is for
Telling from a camera's picture which faces wear a mask, to remind people at a door, in a demonstration or in research.
A person should be able to pass where it errs.

## What it is not for
Recognising people, judging a mask's kind or its protection, punishing or shutting anybody out by itself, medical
decisions. It was measured on collected photos, not at your door: try it there first.

## When it answers, and when it is *not sure*
Chosen on the scenes `val` alone: a find is a face from a score of {min_score:.2f} up. It is *not sure* of a face under
{min_face_px:g} px, of sharpness under {min_sharpness:g}, of a mean grey under {min_brightness:g}, or with no label
of at least {min_confidence:.1%}. {second_look}{confirmation}

## Figures
Whole pictures, through the code that serves, at these thresholds. A face's size is the longer side of its true box in
the stored picture, in pixels; near faces take up a third of their picture's height and more. *end to end*: found and
rightly named, of all true faces; *not sure* is not right, and faces missed are misses. In brackets the 95 % interval
and the count. `val`: never fitted on; the epoch and the thresholds were chosen on it. `test`: scored only; `andrewmvd`
is a collection that was never trained on, `jolignier` holds other photos of one that was.

{tables}
### Single faces
As classifiers are asked: of a face whose box is known, the likeliest label of what is found there. One that is not
found counts as named wrong. Faces of 24 px and more, of the thesis's every one.

{singles}
{pictures}## Where it errs on single faces
{hands}{wrongly}{worst}
## Limits and care
Small and far faces, heads turned far, hands and scarves over the mouth, and masks under the nose are hard. The data
says nothing about age, sex or skin colour, so equal rates for all cannot be shown here: whoever puts it at a door
should look at its errors there. Nothing that it sees is kept.
"""


def write_model(
    folder: Path,
    card: Card,
    tables: Mapping[str, pd.DataFrame],
    predictions: pd.DataFrame,
    weights: bytes,
    second_look: bytes | None = None,
) -> None:
    """Write a whole model folder; weights and card last and each at once, since a running server takes them up.

    tables: `scenes.table` by split, of what serving finds at the card's thresholds. predictions: what it says of
    single faces, see `predictions.py`. second_look: the weights that it looks again with.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_predictions(folder, predictions)
    finds = pd.concat([rows.assign(split=split) for split, rows in tables.items()], ignore_index=True)
    finds.to_csv(folder / FINDS_FILE, index=False, float_format="%.6g")
    describe(folder, card, read_predictions(folder))
    if second_look:
        replace_file(folder / SECOND_LOOK_FILE, second_look)
    replace_file(folder / WEIGHTS_FILE, weights)
    replace_file(folder / CARD_FILE, (card.model_dump_json(indent=1) + "\n").encode())


def measures(rows: pd.DataFrame) -> dict[str, Any]:
    """Figures by source, then by size (`24`, ..., `near`), each with those of the faces of every label."""
    found: dict[str, Any] = {}
    for source, size, of_all, by_label in summary(rows):
        labels = {label: _rates(of_label, OF_A_LABEL) for label, of_label in by_label.items()}
        found.setdefault(source, {})["near" if size is None else str(size)] = {**_rates(of_all), "labels": labels}
    return found


def describe(folder: Path, card: Card, predictions: pd.DataFrame) -> None:
    """Draw a one-stage model's charts and write its page from what was measured; nothing is measured anew.

    Raises CardError for a card that does not say how its model was trained.
    """
    check_told(card, folder)
    training = card.training
    pictures = folder / PICTURES
    pictures.mkdir(exist_ok=True)
    if epochs := training.get("epochs"):
        charts.scene_curves(pictures / CURVES, epochs, training["recipe"]["best_by"])
    draw_figures(pictures, card, predictions)
    faces: dict[str, int] = training["faces"]
    sets = [name for name in SETS if name in card.metrics]
    page = _PAGE.format(
        title=card.title,
        description=card.description,
        labels=", ".join(f"`{label}`" for label in card.labels),
        input_size=card.input_size,
        weights=training.get("weights", "float32"),
        sha256=card.sha256,
        scenes=training.get("scenes", "?"),
        faces=sum(faces.values()),
        by_label=", ".join(f"{n} {label}" for label, n in faces.items()),
        epochs=len(epochs or ()),
        seed=training["seed"],
        data=training["data_sha256"],
        licence=card.licence,
        name=card.name,
        docs="../../docs/onepass.md",
        min_score=card.min_score,
        tables="\n".join(f"### {split}\n{_tables(card.metrics[f'scenes_{split}'])}\n" for split in ("test", "val")),
        singles="\n".join(f"#### {name}\n{metrics_table(card.metrics[name])}\n" for name in sets),
        pictures=gallery(sorted(path.name for path in pictures.iterdir())),
        hands=answered(card, "test_drawn_over_mouth"),
        wrongly=answered(card, "test_incorrect"),
        worst=worst(predictions, sets),
        second_look=_second_look(card),
        confirmation=_confirmation(card),
        **card.thresholds.model_dump(),
    )
    (folder / "README.md").write_text(page, encoding="utf-8")


def _second_look(card: Card) -> str:
    if card.second_look is None:
        return ""
    return (
        f"What it finds with a score under {card.second_look.below:g} is cut out and looked at again, larger, by "
        f"a cut-down RetinaFace (`{SECOND_LOOK_FILE}`, SHA-256 `{card.second_look.sha256}`); the geometric mean of "
        "both scores counts. "
    )


def _confirmation(card: Card) -> str:
    if card.confirmation is None:
        return ""
    least, model = card.confirmation.below, card.confirmation.model
    return f"Of faces that it is less than {least:.0%} sure of `{model}` is asked too, and the surer of the two counts."


def _tables(of_split: Mapping[str, Any]) -> str:
    whole, by_label = [], []
    for source, sizes in of_split.items():
        for size, found in sizes.items():
            where = [source, faces_of(None if size == "near" else int(size))]
            whole.append([*where, *(percent(found[rate]) for rate in RATES)])
            by_label += [
                [*where, label, *(percent(rate) for rate in of_label.values())]
                for label, of_label in found["labels"].items()
            ]
    head = ["source", "faces of"]
    titles = [RATES[name] for name in OF_A_LABEL]
    return f"{markdown([*head, *RATES.values()], whole)}\n\n{markdown([*head, 'label', *titles], by_label)}\n"


def _rates(found: Figures, names: tuple[str, ...] = tuple(RATES)) -> dict[str, Any]:
    return {name: getattr(found, name).model_dump() for name in names}
