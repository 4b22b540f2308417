"""Markdown for people: rates, tables, and the page of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from server.training.predictions import counted
from server.vision.classifiers.card import Card
from server.vision.messages import UNSURE

SETS = ("val", "test", "thesis")
WORST = 10

_PAGE = """\
# {title}

{description} This page is written by the program; every figure is also in `card.json`, and what was said of each face
in `predictions.csv`.

- answers: {labels}
- input: one face, {input_size} x {input_size} px, cut out at {margin} times its box
- weights: `model.tflite`, LiteRT {weights}, SHA-256 `{sha256}`
- trained on {faces} faces ({by_label}), {epochs}seed {seed}; digest of their list `{data}`
- licence of the weights: {licence}
{repeat}
## What it is for
Telling from a camera's picture whether a face wears a mask, to remind people at a door, in a demonstration or in
research. A person should be able to pass where it errs.

## What it is not for
Recognising people, judging a mask's kind or its protection, punishing or shutting anybody out by itself, medical
decisions. It was measured on collected photos, not at your door: try it there first.

## Data
{sets_described}

## When it says *not sure*
Chosen on the validation faces alone, as they are and made ever more blurred and darker: face under {min_face_px:g} px,
sharpness under {min_sharpness:g}, mean grey under {min_brightness:g}, {turned}or no
label of at least {min_confidence:.1%}.

## Figures
Faces of 24 px and more, cut out by their labelled boxes. In brackets the 95 % interval (bootstrap of whole groups of
near-copies and scenes, {rounds}; exact, Clopper-Pearson, with fewer than ten right or wrong, and never narrower than
that with fewer than ten groups) and the count. *accuracy*, F1, recall and precision take the likeliest label; *when
sure* leaves the *not sure* out.

{tables}
{confusions}
{pictures}## Where it errs
{hands}{wrongly}{worst}
## Limits and care
{limits}Faces under 48 px, heads turned far, scarves and collars pulled up, masks printed with a mouth and masks under
the nose seen from above are known to be hard. The data says nothing about age, sex or skin colour, so equal rates for
all cannot be shown here: whoever puts it at a door should look at its errors there. Nothing that it sees is kept.
"""

_FROM = {
    "andrewmvd": "`andrewmvd` is a collection that was never trained on",
    "jolignier": "`jolignier` holds other photos of one that was",
}
_HARD = {
    "test_drawn_over_mouth": (
        "Bare test faces of 48 px and more with a hand, a cup or a scarf drawn over the mouth",
        "The shapes come from the program that drew those of the training where there were any (other faces, other "
        "draws), so real hands will be harder.",
    ),
    "test_incorrect": ("Test faces that wear a mask *incorrectly*", ""),
}
_PICTURES = {
    "curves": "How it learned",
    "confusion-thesis": "The thesis's faces",
    "confusion-test": "Test faces",
    "roc": "ROC, precision and recall on test",
    "reliability": "How far its certainty can be trusted, on test",
    "coverage": "What *not sure* buys, on test",
    "heat": "What decides, on a portrait with a drawn mask",
}


def model_page(card: Card, predictions: pd.DataFrame, pictures: Sequence[str] = (), rounds: int = 1000) -> str:
    """The page of a measured card. pictures: file names in its folder `pictures/`."""
    faces: dict[str, int] = card.training["faces"]
    turned = "head turned by more than {} (nose off the middle of the eyes, in eye distances),\n"
    most = card.thresholds.max_turn
    epochs = card.training.get("epochs", ())
    sets = [name for name in SETS if name in card.metrics]
    return _PAGE.format(
        title=card.title,
        description=card.description,
        labels=", ".join(f"`{label}`" for label in card.labels),
        input_size=card.input_size,
        margin=card.preprocessing.crop_margin,
        weights=card.training.get("weights", "float32"),
        sha256=card.sha256,
        faces=sum(faces.values()),
        by_label=", ".join(f"{n} {label}" for label, n in faces.items()),
        epochs=f"{len(epochs)} epochs, " if epochs else "",
        seed=card.training["seed"],
        data=card.training["data_sha256"],
        licence=card.licence,
        repeat="" if is_own(card) else f"- to repeat: `python -m server train {card.name} --data …`\n",
        sets_described=_sets(card),
        turned="" if most is None else turned.format(most),
        rounds=f"{rounds} rounds",
        tables="\n".join(f"### {name}\n{metrics_table(card.metrics[name])}\n" for name in sets),
        confusions="\n".join(_confusion(card, name) for name in sets if name != "val"),
        pictures=gallery(pictures),
        hands=answered(card, "test_drawn_over_mouth"),
        wrongly=answered(card, "test_incorrect"),
        worst=worst(predictions, sets),
        limits=""
        if "incorrect" in card.labels
        else "It never says *worn incorrectly*: a nose out may pass as *mask*.\n",
        **card.thresholds.model_dump(),
    )


def metrics_table(groups: dict[str, Any]) -> str:
    """The groups of `metrics.metrics` as a Markdown table."""
    labels = list(next(iter(groups.values()))["labels"])
    of_labels = (f"{label} recall / precision / F1" for label in labels)
    head = ["faces", "n", "accuracy", "F1, macro", *of_labels, "not sure", "when sure"]
    rows = [
        [
            name,
            str(group["faces"]),
            percent(group["accuracy"]),
            percent(group["f1"], n=False),
            *(
                f"{percent(of['recall'])} / {percent(of['precision'])} / {percent(of['f1'], n=False)}"
                for of in group["labels"].values()
            ),
            percent(group["unsure"]),
            percent(group["accuracy_when_sure"]),
        ]
        for name, group in groups.items()
    ]
    ranked = {name: group for name, group in groups.items() if "log_loss" in group}
    figures = ("log_loss", "roc_auc", "average_precision", "calibration_error")
    second = [[name, *(figure(group[kind]) for kind in figures)] for name, group in ranked.items()]
    titles = ["faces", "log loss", "ROC area", "precision-recall area", "calibration error"]
    return markdown(head, rows) + ("\n\n" + markdown(titles, second) if second else "")


def confusion_table(matrix: Sequence[Sequence[int]], labels: Sequence[str]) -> str:
    """A confusion matrix as a Markdown table: rows true, columns answered."""
    return markdown(["true", *labels], [[label, *map(str, row)] for label, row in zip(labels, matrix, strict=True)])


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def percent(rate: dict[str, Any], *, n: bool = True) -> str:
    """A rate for people: `98.5 % (97.0–99.3, n 400)`, or without its count."""
    if rate["value"] is None:
        return "–"
    ends = f"{100 * rate['low']:.1f}–{100 * rate['high']:.1f}"
    return f"{100 * rate['value']:.1f} % ({ends}, n {rate['n']})" if n else f"{100 * rate['value']:.1f} % ({ends})"


def figure(value: dict[str, Any]) -> str:
    """A figure that is no rate, for people: `0.127 (0.102–0.151)`; without ends where no draw differed."""
    if value["value"] is None:
        return "–"
    ends = f" ({value['low']:.3f}–{value['high']:.3f})" if value["low"] < value["high"] else ""
    return f"{value['value']:.3f}{ends}"


def in_short(card: Card) -> str:
    """How good a model is, in half a sentence."""
    single = f"accuracy on test {percent(card.metrics['test']['all']['accuracy'])}"
    if not card.one_stage:
        return single
    whole = [
        f"{source} {percent(sizes['32']['end_to_end'])}"
        for source, sizes in card.metrics["scenes_test"].items()
        if source != "all"
    ]
    return f"{single}; found and named of 32 px and more: {', '.join(whole)}"


def points(difference: dict[str, Any]) -> str:
    """A difference of two rates, for people: `-1.5 (-2.8 to -0.3)`."""
    return f"{100 * difference['value']:+.1f} ({100 * difference['low']:+.1f} to {100 * difference['high']:+.1f})"


def is_own(card: Card) -> bool:
    """Whether a model was trained on somebody's own folder of photos (`own/`)."""
    return "source:own" in card.metrics.get("test", {})


def _sets(card: Card) -> str:
    """What each set that the card has figures of consists of."""
    lines = ["- `val`: never fitted on; the epoch and the thresholds were chosen on it."]
    known = [text for source, text in _FROM.items() if f"source:{source}" in card.metrics.get("test", {})]
    lines.append(f"- `test`: scored only{'; ' if known else ''}{', '.join(known)}.")
    if "thesis" in card.metrics:
        lines.append("- `thesis`: scored only, faces of every size; they stand in for those that the thesis scored on.")
    apart = (
        "They are photos of whoever trained it: scenes were kept apart, people may be in several sets."
        if is_own(card)
        else "Groups of near-copies and people known by name never cross a split."
    )
    return "\n".join([*lines, "", f"{apart} No photo is part of this folder."])


def _confusion(card: Card, name: str) -> str:
    matrix = card.metrics[name]["all"]["confusion"]
    return f"Rows true, columns answered (likeliest label), {name}:\n\n{confusion_table(matrix, card.labels)}\n"


def gallery(pictures: Sequence[str]) -> str:
    """A model's pictures in Markdown. pictures: file names in its folder `pictures/`."""
    files = {file.partition(".")[0]: file for file in pictures}
    lines = [f"![{text}](pictures/{files[name]})" for name, text in _PICTURES.items() if name in files]
    return "\n".join([*lines, "\n"]) if lines else ""


def answered(card: Card, name: str) -> str:
    """What a model says of the faces of a hard set: `test_drawn_over_mouth` or `test_incorrect`."""
    shares = card.metrics.get(name, {"faces": 0})
    if not shares["faces"]:
        return ""
    which, remark = _HARD[name]
    if name == "test_incorrect" and "incorrect" not in card.labels:
        remark = "It has no such label."
    said = ", ".join(f"{label} {percent(share)}" for label, share in shares.items() if label != "faces")
    return f"{which} ({shares['faces']}) are answered: {said}. {remark}".strip() + "\n\n"


def worst(predictions: pd.DataFrame, sets: Sequence[str]) -> str:
    """The mistakes that the model was surest of, by file identifier."""
    scored = pd.concat([counted(predictions, name) for name in sets if name != "val"])
    wrong = scored[scored.top != scored.truth]
    if not len(wrong):
        return "No face of the scored sets was named wrong.\n"
    said = wrong.apply(lambda row: row[f"p_{row.top}"], axis=1)
    surest = wrong.assign(said=said).sort_values(["said", "file"], ascending=[False, True], kind="stable").head(WORST)
    rows = [
        [row.file, row.truth, row.top, f"{row.said:.1%}", row.reason if row.label == UNSURE else ""]
        for row in surest.itertuples()
    ]
    head = ["file", "true", "likeliest", "said with", "not sure because"]
    return f"The {len(surest)} of {len(wrong)} mistakes it was surest of:\n\n{markdown(head, rows)}\n"
