"""Detectors alone, one thread, from a decoded picture: what each costs beside BlazeFace back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from server.benchmarks.by_faces import FACES, growth, time_by_faces
from server.benchmarks.frame_path import AIZOO, ONEPASS
from server.benchmarks.picture import camera_jpeg
from server.vision import detectors
from server.vision.detectors import Detector, DetectorInfo
from server.vision.frame import decode
from server.vision.messages import Image

UNIT = "blazeface-back"
"""Finds faces and no more, at the least cost of MaskGate's two-stage ways."""


def compare(own: Iterable[str], models_dir: Path, peers: Path, rounds: int) -> list[list[str]]:
    """Rows of detector, what it answers, median milliseconds by `FACES`, times `UNIT`'s by `FACES`, and growth.

    own: MaskGate's detectors. AIZOO's and `UNIT` are always there.
    Raises PeersMissingError.
    """
    import cv2

    cv2.setNumThreads(1)
    loaded = {name: load(name, models_dir, peers) for name in dict.fromkeys((UNIT, *own, AIZOO))}
    ways = {name: _counting(info, detector) for name, (info, detector) in loaded.items()}
    times = time_by_faces(ways, {faces: decode(camera_jpeg(faces)) for faces in FACES}, rounds)
    rows = []
    for name, timings in times.items():
        answers = "faces and labels" if loaded[name][0].one_stage else "faces"
        ratios = [f"{one.seconds / unit.seconds:.2f}" for one, unit in zip(timings, times[UNIT], strict=True)]
        rows.append([name, answers, *map(str, timings), *ratios, growth(timings)])
    return rows


def load(name: str, models_dir: Path, peers_folder: Path) -> tuple[DetectorInfo, Detector]:
    """One of MaskGate's detectors or of the peers', and what there is to know of it.

    Raises UnknownDetector, PackageError and PeersMissingError.
    """
    from server.training import peers

    if name == ONEPASS:
        # PLUG IN HERE: onepass's info and loader, from its card in models_dir / ONEPASS.
        raise NotImplementedError(f"{models_dir / ONEPASS} cannot be loaded by the benchmark yet")
    if name.startswith(peers.PREFIX):
        return peers.info(name), peers.load(name, peers_folder)
    return detectors.info(name), detectors.load(name)


def _counting(info: DetectorInfo, detector: Detector) -> Callable[[Image], int]:
    return lambda image: len(detector.detect(image, info.min_score))
