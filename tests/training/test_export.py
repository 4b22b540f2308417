"""Exported weights say what Keras says; cards and pages are whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from server.training import export as export_module
from server.training import measure, recipes
from server.training.architectures import build
from server.training.compression import with_probabilities
from server.training.dataset import read_faces, split_rows
from server.training.evaluate import as_given
from server.vision.classifiers.card import load_card
from server.vision.classifiers.litert import load_classifier


def test_an_exported_model_agrees_with_keras_and_its_folder_is_whole(made_up_faces: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(measure, "finder", lambda: as_given)
    recipe = recipes.load("mobilenetv2").model_copy(update={"input_size": 64})
    model = build(recipe, None)
    # Statistics away from their start, so that folding batch norm into the convolutions is put to the test.
    rng = np.random.default_rng(1)
    for variable in model.non_trainable_variables:
        variable.assign(variable * rng.uniform(0.7, 1.3, variable.shape) + rng.uniform(0, 0.1, variable.shape))
    rows = read_faces(made_up_faces)
    card = export_module.export(model, "mobilenetv2", recipe, rows, split_rows(rows, "train"), tmp_path, seed=1)

    folder = tmp_path / "mobilenetv2"
    assert load_card(folder) == card
    assert card.metrics["test"]["all"]["accuracy"]["n"] == 12
    inputs = rng.uniform(-1, 1, (8, 64, 64, 3)).astype(np.float32)
    served = with_probabilities(model, card.training["prior_shift"])
    assert export_module.agreement(served, load_classifier(folder), inputs) < 1e-4
    page = (folder / "README.md").read_text()
    assert card.sha256 in page
    assert "source:made-up" in page


@pytest.mark.data
def test_the_committed_model_was_trained_on_the_data_its_card_names():
    data = Path(__file__).parents[3] / "shared" / "data"
    if not (data / "faces.csv").is_file():
        pytest.skip("needs ../shared/data/faces.csv")
    from server.training.dataset import digest

    card = load_card(Path(__file__).parents[2] / "models" / "mobilenetv2")
    assert card.training["data_sha256"] == digest(split_rows(read_faces(data), "train"))
