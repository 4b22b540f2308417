"""Detectors alone, one thread, from a decoded picture: what each costs beside BlazeFace back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from server.benchmarks.by_faces import FACES, growth, time_by_faces
from server.benchmarks.frame_path import AIZOO
from server.benchmarks.picture import camera_jpeg
from server.training.scene_finders import detector_info, load
from server.vision.detectors import Detector, DetectorInfo
from server.vision.frame import decode
from server.vision.messages import Image

UNIT = "blazeface-back"
"""Finds faces and no more, at the least cost of MaskGate's two-stage ways."""


def compare(own: Iterable[str], models_dir: Path, peers: Path, rounds: int) -> list[list[str]]:
    """Rows of detector, what it answers, median milliseconds by `FACES`, times `UNIT`'s by `FACES`, and growth.

    own: MaskGate's detectors. AIZOO's and `UNIT` are always there.
    Raises UnknownDetector, and CardError, PackageError or PeersMissingError where one cannot be loaded.
    """
    import cv2

    cv2.setNumThreads(1)
    infos = [detector_info(name, models_dir) for name in dict.fromkeys((UNIT, *own, AIZOO))]
    ways = {info.name: _counting(info, load(info, models_dir, peers)) for info in infos}
    times = time_by_faces(ways, {faces: decode(camera_jpeg(faces)) for faces in FACES}, rounds)
    rows = []
    for info, (name, timings) in zip(infos, times.items(), strict=True):
        answers = "faces and labels" if info.one_stage else "faces"
        ratios = [f"{one.seconds / unit.seconds:.2f}" for one, unit in zip(timings, times[UNIT], strict=True)]
        rows.append([name, answers, *map(str, timings), *ratios, growth(timings)])
    return rows


def _counting(info: DetectorInfo, detector: Detector) -> Callable[[Image], int]:
    return lambda image: len(detector.detect(image, info.min_score))
