"""What lies in a folder under `models/` beside the weights, and how it gets there."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from server.training.pictures import charts
from server.training.pictures.heat import heat
from server.training.predictions import counted, read_predictions, write_predictions
from server.training.report import SETS, model_page
from server.vision.classifiers.card import CARD_FILE, WEIGHTS_FILE, Card, CardError
from server.vision.classifiers.litert import LiteRTClassifier

PICTURES = "pictures"
TOLD = ("recipe", "seed", "faces", "data_sha256")
"""What a card's `training` must say for the model to be measured and described."""


def check_told(card: Card, folder: Path) -> None:
    """Raise CardError for a card that comes from elsewhere and does not say how its model was trained."""
    missing = [key for key in TOLD if key not in card.training]
    if missing:
        raise CardError(
            f"{folder / CARD_FILE} does not say `training.{missing[0]}`, so its model can serve but not be described "
            f"here: write it into the card ({', '.join(TOLD)}; see models/mobilenetv2/{CARD_FILE}), or train it here."
        )


def write_model(folder: Path, card: Card, predictions: pd.DataFrame, weights: bytes) -> None:
    """Write a whole model folder; weights and card last and each at once, since a running server takes them up."""
    folder.mkdir(parents=True, exist_ok=True)
    write_predictions(folder, predictions)
    # As it is read back, so that `report` draws the same again.
    describe(folder, card, read_predictions(folder), weights)
    replace_file(folder / WEIGHTS_FILE, weights)
    replace_file(folder / CARD_FILE, (card.model_dump_json(indent=1) + "\n").encode())


def describe(folder: Path, card: Card, predictions: pd.DataFrame, weights: bytes) -> None:
    """Draw a model's pictures and write its page, from what was measured; nothing is measured anew.

    Raises CardError for a card that does not say how its model was trained.
    """
    check_told(card, folder)
    pictures = folder / PICTURES
    pictures.mkdir(exist_ok=True)
    for file in ("curves.svg", *(f"confusion-{name}.svg" for name in SETS)):
        (pictures / file).unlink(missing_ok=True)  # of an earlier measurement; not every one has them
    if epochs := card.training.get("epochs"):
        charts.curves(pictures / "curves.svg", epochs, card.training["recipe"]["best_by"])
    draw_figures(pictures, card, predictions)
    heat(pictures / "heat.webp", LiteRTClassifier(card, weights))
    page = model_page(card, predictions, sorted(path.name for path in pictures.iterdir()))
    (folder / "README.md").write_text(page, encoding="utf-8")


def draw_figures(pictures: Path, card: Card, predictions: pd.DataFrame) -> None:
    """Draw what a model said of single faces into a folder."""
    for name in SETS[1:]:
        if name in card.metrics:
            charts.confusion(pictures / f"confusion-{name}.svg", card.metrics[name]["all"]["confusion"], card.labels)
    test = counted(predictions, "test")
    for name, draw in (
        ("roc", charts.roc),
        ("reliability", charts.reliability),
        ("coverage", charts.coverage_curve),
    ):
        draw(pictures / f"{name}.svg", test, card.labels)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file at once: whoever reads it meanwhile gets the old one."""
    whole = path.with_name(f".{path.name}")
    whole.write_bytes(content)
    whole.replace(path)
