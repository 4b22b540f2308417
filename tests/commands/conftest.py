"""The tiny recipe, and one training of it for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.tiny import Trained, run, tiny_recipe
from tests.training import conftest as training

made_up_faces = training.made_up_faces


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[None]:
    with tiny_recipe(tmp_path / "recipes"):
        yield


@pytest.fixture(scope="session")
def trained(made_up_faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("trained")
    runs, models = folder / "runs", folder / "models"
    with tiny_recipe(folder / "recipes"):
        where = ("--data", made_up_faces, "--runs", runs, "--models", models)
        result = run("train", "tiny", "--weights", "none", *where)
    return Trained(result, runs, models)
