"""One frame, one thread, from a JPEG to named faces: MaskGate's ways against the field's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from server.benchmarks.by_faces import FACES, growth, time_by_faces
from server.benchmarks.picture import camera_jpeg
from server.vision.messages import Frame
from server.vision.pipeline import standard

ONEPASS = "onepass"
PATHS: tuple[tuple[str, str | None], ...] = (
    ("retinaface-640", "mobilenetv2"),
    ("blazeface-back", "mobilenetv2"),
    (ONEPASS, None),
)
"""MaskGate's own, each a detector and a model, None where the detector names the faces itself."""
USUAL = "the field's usual path"
AIZOO = "peer:aizoo"


def at_hand(models_dir: Path) -> list[tuple[str, str | None]]:
    """Those of `PATHS` that can run: `onepass` is a model's folder."""
    trained = (models_dir / ONEPASS / "card.json").is_file()
    return [path for path in PATHS if trained or path[0] != ONEPASS]


def compare(models_dir: Path, paths: Sequence[tuple[str, str | None]], peers: Path, rounds: int) -> list[list[str]]:
    """Rows of name, median milliseconds by `FACES`, how many times faster than the usual path by `FACES`, and growth.

    Raises PeersMissingError where the usual path's or AIZOO's weights are not there.
    """
    import cv2

    # One thread for everybody: what a frame costs, not how many cores it can keep busy.
    cv2.setNumThreads(1)
    ways = {USUAL: _usual(peers), AIZOO: _aizoo(models_dir, peers)}
    for detector, model in paths:
        ways[f"{detector} + {model}" if model else detector] = _own(models_dir, detector, model)
    times = time_by_faces(ways, {faces: camera_jpeg(faces) for faces in FACES}, rounds)
    rows = []
    for name, timings in times.items():
        faster = [f"{usual.seconds / own.seconds:.1f}" for usual, own in zip(times[USUAL], timings, strict=True)]
        rows.append([name, *map(str, timings), *faster, growth(timings)])
    return rows


def _usual(peers: Path) -> Callable[[bytes], int]:
    import tensorflow as tf

    from server.training.peers.usual import usual_path

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return usual_path(peers)


def _own(models_dir: Path, detector: str, model: str | None) -> Callable[[bytes], int]:
    """The whole pipeline as it serves."""
    pipeline = standard(models_dir, model, detector)
    pipeline.warm()
    return lambda jpeg: len(pipeline.run(Frame(jpeg, client="benchmark")).faces)


def _aizoo(models_dir: Path, peers: Path) -> Callable[[bytes], int]:
    """Decoded as ours; it names the faces itself."""
    from server.training.scene_finders import OWN_LABELS, detector_info, finder

    info = detector_info(AIZOO, models_dir)
    find = finder(info, OWN_LABELS, info.min_score, models_dir, peers)
    return lambda jpeg: len(find(jpeg))
