"""How good probabilities are: against the library, by hand, and at the edges."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from server.training.intervals import Bootstrap
from server.training.probabilities import calibration_error, coverage, figures
from server.vision.messages import LABELS

PAIR = LABELS[:2]


def table(faces: int, labels: tuple[str, ...], seed: int = 0) -> pd.DataFrame:
    """Random faces whose true label tends to be the likeliest."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, len(labels), faces)
    logits = rng.normal(0, 1, (faces, len(labels))) + 1.5 * np.eye(len(labels))[truth]
    given = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    columns = {f"p_{label}": given[:, number] for number, label in enumerate(labels)}
    return pd.DataFrame({"truth": np.array(labels)[truth], "group": np.arange(faces) // 2, **columns})


def of(faces: pd.DataFrame, labels: tuple[str, ...]) -> dict:
    return figures(faces, labels, Bootstrap(faces.group, rounds=50))


@pytest.mark.parametrize("labels", [PAIR, LABELS])
def test_loss_and_area_are_the_librarys(labels: tuple[str, ...]):
    faces = table(300, labels)
    given = faces[[f"p_{label}" for label in labels]].to_numpy()
    truth = faces.truth.map(labels.index).to_numpy()
    found = of(faces, labels)
    assert found["log_loss"].value == pytest.approx(log_loss(truth, given))
    area = roc_auc_score(truth, given[:, 1] if len(labels) == 2 else given, multi_class="ovr")
    assert found["roc_auc"].value == pytest.approx(area)
    for figure in found.values():
        assert figure.n == 300
        assert figure.low < figure.value < figure.high


def test_a_label_that_does_not_occur_has_no_area():
    faces = table(200, LABELS)
    pair = faces[faces.truth != "incorrect"]
    assert 0.5 < of(pair, LABELS)["roc_auc"].value < 1
    one = faces[faces.truth == "with_mask"]
    assert of(one, LABELS)["roc_auc"].value is None
    assert of(one, LABELS)["log_loss"].value > 0


def test_certainty_that_holds_has_no_calibration_error():
    ones = np.ones(10, np.float32)
    right = np.arange(10) < 9
    assert calibration_error(np.full(10, 0.9), right, ones) == pytest.approx(0)
    assert calibration_error(np.full(10, 1.0), right, ones) == pytest.approx(0.1)
    assert calibration_error(np.full(10, 0.5), right, ones) == pytest.approx(0.4)


def test_no_face_at_all():
    assert all(figure.value is None for figure in of(table(4, LABELS)[:0], LABELS).values())


def test_a_certain_mistake_costs_much_but_not_everything():
    faces = pd.DataFrame({"truth": ["with_mask"], "group": [0], "p_with_mask": [0.0], "p_without_mask": [1.0]})
    assert of(faces, PAIR)["log_loss"].value == pytest.approx(-math.log(1e-5))


def test_coverage_answers_the_surest_first():
    faces = pd.DataFrame(
        {
            "truth": ["with_mask", "with_mask", "without_mask", "with_mask"],
            "p_with_mask": [0.99, 0.2, 0.1, 0.45],
            "p_without_mask": [0.01, 0.8, 0.9, 0.55],
        }
    )
    answered, accuracy = coverage(faces, PAIR)
    assert list(answered) == [0.25, 0.5, 0.75, 1]
    assert list(accuracy) == pytest.approx([1, 1, 2 / 3, 0.5])
