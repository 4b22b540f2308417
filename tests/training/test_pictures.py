"""Charts as SVG: they show what they were given, alike each time, in the pages' colours, light and dark."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Pictures

from server.training.pictures import charts, style
from server.training.pictures.comparison import comparison
from server.training.pictures.heat import SIDE, heat
from server.training.portrait import FACE
from server.vision.heatmap import seen_square
from server.vision.messages import LABELS
from tests.training.test_probabilities import table

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
EPOCHS = [
    {"accuracy": 0.6, "loss": 0.9, "val_accuracy": 0.7, "val_loss": 0.6},
    {"accuracy": 0.8, "loss": 0.5, "val_accuracy": 0.9, "val_loss": 0.3},
    {"accuracy": 0.9, "loss": 0.3, "val_accuracy": 0.8, "val_loss": 0.4},
]


def said(labels: tuple[str, ...]) -> pd.DataFrame:
    return table(200, labels).assign(label="with_mask")


def texts(path: Path) -> list[str]:
    return [
        "".join(element.itertext()).strip()
        for element in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")
    ]


def drawings(folder: Path, labels: tuple[str, ...]) -> list[Path]:
    folder.mkdir()
    charts.curves(folder / "curves.svg", EPOCHS, "val_loss")
    charts.confusion(folder / "confusion.svg", np.full((len(labels),) * 2, 7).tolist(), labels)
    charts.roc(folder / "roc.svg", said(labels), labels)
    charts.reliability(folder / "reliability.svg", said(labels), labels)
    charts.coverage_curve(folder / "coverage.svg", said(labels), labels)
    rates = {"one": {"value": 0.9, "low": 0.8, "high": 0.95}, "two": {"value": 0.7, "low": 0.6, "high": 0.8}}
    comparison(folder / "comparison.svg", {"thesis": {"one": rates["one"]}, "test": rates})
    return sorted(folder.iterdir())


@pytest.mark.parametrize("labels", [LABELS[:2], LABELS])
def test_the_same_figures_give_the_same_files(tmp_path: Path, labels: tuple[str, ...]):
    first, second = (drawings(tmp_path / name, labels) for name in ("a", "b"))
    assert len(first) == 6
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_every_colour_follows_the_readers_scheme(tmp_path: Path):
    for path in drawings(tmp_path / "all", LABELS):
        scheme, _, drawing = path.read_text().partition("</style>")
        assert "prefers-color-scheme:dark" in scheme
        assert set(re.findall(r"#[0-9a-f]{6}\b", drawing)) == set(), f"{path.name} names a colour by itself"
        assert "DejaVu" not in drawing
        assert drawing.count("var(--c") > 10


def test_colours_are_the_pages_own():
    light, dark = TOKENS.read_text().split("@media (prefers-color-scheme: dark)")
    for name, value in [("ink", style.INK), ("quiet-ink", style.QUIET), ("line", style.LINE), ("action", style.ACTION)]:
        assert f"--{name}: {value};" in light
        assert f"--{name}: {style._DARK[value]};" in dark
    for label, value in style.BY_LABEL.items():
        assert f"--{label.replace('_', '-')}: {value};" in light
        assert f"--{label.replace('_', '-')}: {style._DARK[value]};" in dark


def test_a_matrix_shows_its_counts_and_words(tmp_path: Path):
    charts.confusion(tmp_path / "c.svg", [[91, 2, 3], [4, 85, 6], [7, 8, 79]], LABELS)
    shown = texts(tmp_path / "c.svg")
    assert {"91", "2", "3", "4", "85", "6", "7", "8", "79", "mask", "no mask", "worn", "incorrectly"} <= set(shown)


@pytest.mark.parametrize(("best_by", "kept"), [("val_loss", 1), ("val_accuracy", 1)])
def test_the_kept_epoch_is_the_one_that_was_kept(tmp_path: Path, monkeypatch, best_by: str, kept: int):
    points = []

    class Axes(SimpleNamespace):
        def __getattr__(self, _name: str):
            return lambda *_arguments, **_named: None

        def plot(self, x, y, *looks, **named):
            if named["label"] == "kept":
                points.append((x, y))

    class Chart:
        def __enter__(self):
            return [Axes(xaxis=Axes()), Axes(xaxis=Axes())]

        def __exit__(self, *_arguments):
            return None

    monkeypatch.setattr(charts, "chart", lambda *_arguments, **_named: Chart())
    charts.curves(tmp_path / "c.svg", EPOCHS, best_by)
    assert points == [(kept + 1, 0.9), (kept + 1, 0.3)]


def test_labels_without_faces_have_no_curve(tmp_path: Path):
    faces = said(LABELS)
    charts.roc(tmp_path / "r.svg", faces[faces.truth != "incorrect"], LABELS)
    assert "worn incorrectly" not in texts(tmp_path / "r.svg")
    assert "no mask" in texts(tmp_path / "r.svg")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("faces", [0, 1, 6])
def test_a_set_of_one_class_or_none_is_drawn_all_the_same(tmp_path: Path, faces: int):
    few = said(LABELS).query("truth == 'with_mask'")[:faces]
    for draw in (charts.roc, charts.reliability, charts.coverage_curve):
        draw(tmp_path / "chart.svg", few, LABELS)
        assert len(texts(tmp_path / "chart.svg")) > 4


class Looks:
    """Says mask as far as a place of the picture is blue."""

    card = SimpleNamespace(preprocessing=SimpleNamespace(crop_margin=1.3))

    def __init__(self, place: tuple[slice, slice] | None) -> None:
        self.place = place

    def classify(self, image, boxes):
        blue = 0.9
        if self.place:
            seen = image[self.place].astype(int)
            blue = float(np.clip((seen[..., 2] - seen[..., 0]).mean() / 80, 0.01, 0.99))
        return [{"with_mask": blue, "without_mask": 1 - blue} for _ in boxes]


def test_the_heat_glows_where_the_model_looks(tmp_path: Path):
    places = {"mouth": (slice(146, 160), slice(215, 235)), "nowhere": None}
    pixels = {}
    for name, place in places.items():
        heat(tmp_path / f"{name}.webp", Looks(place))
        with Pictures.open(tmp_path / f"{name}.webp") as picture:
            assert (picture.format, picture.size) == ("WEBP", (SIDE, SIDE))
            pixels[name] = np.asarray(picture.convert("RGB"), int)
    glow = np.abs(pixels["mouth"] - pixels["nowhere"]).sum(axis=2)
    view = seen_square(FACE, 1.8)
    y, x = (np.average(axis, weights=glow * (glow > 60)) / SIDE * view.width for axis in np.indices(glow.shape))
    assert (view.x + x, view.y + y) == pytest.approx((225, 153), abs=6)
