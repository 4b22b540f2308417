"""A model folder of one stage for the server to serve: it knows nothing and, at its threshold, finds nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from server.vision.classifiers.card import CARD_FILE, WEIGHTS_FILE
from server.vision.messages import LABELS
from tests.vision.engine.conftest import tiny_card

SMALLEST = 30
"""Pixels of the least face that it answers."""


def write_one_stage(models: Path, name: str = "onepass", **others: Any) -> None:
    """Write `models/<name>/`. others: what its card says other than here."""
    from server.training.onepass.compression import to_litert  # TensorFlow takes seconds
    from tests.training.onepass.tiny import network

    weights = to_litert(network(len(LABELS)))
    card = tiny_card(name)
    thresholds = card.thresholds.model_copy(update={"min_face_px": SMALLEST})
    says = {"kind": "one-stage", "labels": LABELS, "input_size": 128, "min_score": 1.0, "thresholds": thresholds}
    card = card.model_copy(update={**says, "sha256": hashlib.sha256(weights).hexdigest(), **others})
    folder = models / name
    folder.mkdir()
    (folder / WEIGHTS_FILE).write_bytes(weights)
    (folder / CARD_FILE).write_text(card.model_dump_json())
