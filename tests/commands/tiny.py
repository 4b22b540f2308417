"""A recipe that trains in seconds, and what comes of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from server.__main__ import main
from server.training import recipes

CHANGES = {
    "title": '"Tiny"',
    "architecture": '"tiny"',
    "input_size": "32",
    "batch_size": "4",
    "epochs": "2",
    "learning_rate": "0.05",
}


@dataclass(frozen=True)
class Trained:
    """What `python -m server train tiny` left: its answer and its folders."""

    result: Result
    runs: Path
    models: Path


def run(*arguments: object) -> Result:
    """The command line in this process; what is not a deliberate end is raised."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


@contextmanager
def tiny_recipe(folder: Path) -> Iterator[None]:
    """`tiny` is the only recipe there is, in a folder of its own."""
    text = files(recipes.__name__).joinpath("mobilenetv2.toml").read_text("utf-8")
    for key, value in CHANGES.items():
        text, found = re.subn(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
        assert found == 1, key
    folder.mkdir()
    (folder / "tiny.toml").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "server.training.architectures.tiny", SimpleNamespace(build=build))
        patch.setattr(recipes, "files", lambda _package: folder)
        yield


def build(input_size: int, labels: int, dropout: float, weights: str | None) -> Any:
    """An architecture of one convolution, which the starting weights are for; nobody can download any."""
    import keras

    picture = keras.Input((input_size, input_size, 3))
    backbone = keras.Model(picture, keras.layers.Conv2D(8, 3, strides=4, activation="relu")(picture))
    if weights == "imagenet":
        raise Exception("URL fetch failure on https://example.org/weights.h5: None -- Name or service not known")
    if weights is not None:
        backbone.load_weights(weights)
    features = keras.layers.GlobalAveragePooling2D()(backbone.output)
    features = keras.layers.Dropout(dropout)(features)
    return keras.Model(picture, keras.layers.Dense(labels)(features))
