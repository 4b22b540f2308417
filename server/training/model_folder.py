"""What lies in a folder under `models/` beside the weights, and how it gets there."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from server.training.pictures import charts
from server.training.pictures.heat import heat
from server.training.predictions import read_predictions, write_predictions
from server.training.report import SETS, model_page
from server.vision.classifiers.card import CARD_FILE, WEIGHTS_FILE, Card
from server.vision.classifiers.litert import LiteRTClassifier

PICTURES = "pictures"


def write_model(folder: Path, card: Card, predictions: pd.DataFrame, weights: bytes) -> None:
    """Write a whole model folder; the card last and at once, since a server takes up what has one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS_FILE).write_bytes(weights)
    write_predictions(folder, predictions)
    # As it is read back, so that `report` draws the same again.
    describe(folder, card, read_predictions(folder), weights)
    whole = folder / f".{CARD_FILE}"
    whole.write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    whole.replace(folder / CARD_FILE)


def describe(folder: Path, card: Card, predictions: pd.DataFrame, weights: bytes) -> None:
    """Draw a model's pictures and write its page, from what was measured; nothing is measured anew."""
    pictures = folder / PICTURES
    pictures.mkdir(exist_ok=True)
    if epochs := card.training.get("epochs"):
        charts.curves(pictures / "curves.svg", epochs, card.training["recipe"]["best_by"])
    for name in SETS[1:]:
        if name in card.metrics:
            charts.confusion(pictures / f"confusion-{name}.svg", card.metrics[name]["all"]["confusion"], card.labels)
    test = predictions[predictions.set == "test"]
    for name, draw in (
        ("roc", charts.roc),
        ("reliability", charts.reliability),
        ("coverage", charts.coverage_curve),
    ):
        draw(pictures / f"{name}.svg", test, card.labels)
    heat(pictures / "heat.webp", LiteRTClassifier(card, weights))
    page = model_page(card, predictions, sorted(path.name for path in pictures.iterdir()))
    (folder / "README.md").write_text(page, encoding="utf-8")
