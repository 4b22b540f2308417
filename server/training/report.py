"""The page for people that lies beside a model's weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from server.vision.classifiers.card import Card

_PAGE = """\
# {title}

{description} Made by `python -m server train {name}`; every figure below is also in `card.json`.

- answers: {labels}
- input: one face, {input_size} x {input_size} px, cut out at {margin} times its box
- weights: `model.tflite`, LiteRT {weights}, SHA-256 `{sha256}`
- trained on {faces} faces ({by_label}) of public face-mask collections, which are not part of this repository;
  digest of the list `{data}`, seed {seed}
- licence of the weights: {licence}

## When it says *not sure*
Chosen on the validation faces alone, as they are and made ever more blurred and darker: face under {min_face_px:g} px,
sharpness under {min_sharpness:g}, mean grey under {min_brightness:g}, {turned}or no
label of at least {min_confidence:.1%}.

## Figures
Faces of 24 px and more, cut out by their labelled boxes. In brackets the 95 % interval (Wilson) and the count.
*accuracy*, recall and precision take the likeliest label; *when sure* leaves the *not sure* out. The `test` faces of
source `andrewmvd` come from a collection that was never trained on; those of `jolignier` from other photos of one
that was. The `thesis` faces, of every size, stand in for those that the thesis scored its networks on.

{tables}
## What it does with a hand, a cup or a scarf over a bare mouth
{occluded} bare test faces of 48 px and more with a shape drawn over the mouth are answered: {answers}.
The shapes come from the program that drew those of the training (other faces, other draws), so real hands will be
harder than this.

## What it is not for
It does not recognise people, judge a mask's kind or its protection. It was measured on collected photos, not on your
door: try it there first. Known to be hard: faces under 48 px, heads turned far, scarves and collars pulled up, masks
printed with a mouth, masks under the nose seen from above.
"""


SETS = ("val", "test", "thesis")


def model_page(card: Card) -> str:
    """The Markdown page of a measured card."""
    faces: dict[str, int] = card.training["faces"]
    drawn = card.metrics["test_drawn_over_mouth"]
    turned = "head turned by more than {} (nose off the middle of the eyes, in eye distances),\n"
    most = card.thresholds.max_turn
    return _PAGE.format(
        name=card.name,
        title=card.title,
        description=card.description,
        labels=", ".join(f"`{label}`" for label in card.labels),
        input_size=card.input_size,
        margin=card.preprocessing.crop_margin,
        sha256=card.sha256,
        weights=card.training.get("weights", "float32"),
        faces=sum(faces.values()),
        by_label=", ".join(f"{n} {label}" for label, n in faces.items()),
        data=card.training["data_sha256"],
        seed=card.training["seed"],
        licence=card.licence,
        tables="\n".join(f"### {name}\n{metrics_table(card.metrics[name])}\n" for name in SETS if name in card.metrics),
        occluded=drawn["faces"],
        answers=", ".join(f"{label} {percent(rate)}" for label, rate in drawn.items() if label != "faces"),
        turned="" if most is None else turned.format(most),
        **card.thresholds.model_dump(),
    )


def metrics_table(groups: dict[str, Any]) -> str:
    """The groups of `evaluate.metrics` as a Markdown table."""
    labels = list(next(iter(groups.values()))["labels"])
    head = ["faces", "n", "accuracy", *(f"{label} recall / precision" for label in labels), "not sure", "when sure"]
    rows = [
        [
            name,
            str(group["faces"]),
            percent(group["accuracy"]),
            *(f"{percent(of['recall'])} / {percent(of['precision'])}" for of in group["labels"].values()),
            percent(group["unsure"]),
            percent(group["accuracy_when_sure"]),
        ]
        for name, group in groups.items()
    ]
    return markdown(head, rows)


def confusion_table(matrix: Sequence[Sequence[int]], labels: Sequence[str]) -> str:
    """A confusion matrix as a Markdown table: rows true, columns answered."""
    return markdown(["", *labels], [[label, *map(str, row)] for label, row in zip(labels, matrix, strict=True)])


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def percent(rate: dict[str, Any]) -> str:
    """A rate for people: `98.5 % (97.0–99.3, n 400)`."""
    if rate["value"] is None:
        return "–"
    return f"{rate['value']:.1%} ({rate['low'] * 100:.1f}–{rate['high'] * 100:.1f}, n {rate['n']})".replace(
        "%", " %", 1
    )
