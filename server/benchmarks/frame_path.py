"""One frame, one face, one thread: MaskGate's way against the field's usual one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from server.benchmarks.picture import camera_jpeg
from server.benchmarks.samples import interleaved, median
from server.vision.messages import Frame
from server.vision.pipeline import standard


def compare(models_dir: Path, model: str, detectors: Sequence[str], peers: Path, rounds: int) -> list[list[str]]:
    """Rows of name, median milliseconds, and how many times faster than the usual path.

    Raises PeersMissingError where the usual path's weights are not there.
    """
    import cv2
    import tensorflow as tf

    from server.training.peers.usual import usual_path

    # One thread for everybody: what a frame costs, not how many cores it can keep busy.
    cv2.setNumThreads(1)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    usual = usual_path(peers)
    jpeg = camera_jpeg()
    if usual(jpeg) != 1:
        raise RuntimeError("the usual path does not see exactly one face in the benchmark's picture")
    frame = Frame(jpeg, client="benchmark")
    functions: dict[str, Callable[[], object]] = {"the field's usual path": partial(usual, jpeg)}
    for detector in detectors:
        pipeline = standard(models_dir, model, detector)
        pipeline.warm()
        if len(pipeline.run(frame).faces) != 1:
            raise RuntimeError(f"{detector} does not see exactly one face in the benchmark's picture")
        functions[f"{detector} + {model}"] = partial(pipeline.run, frame)
    seconds = interleaved(functions, rounds)
    slowest = median(seconds["the field's usual path"])
    return [[name, f"{median(times) * 1000:.1f}", f"{slowest / median(times):.1f}"] for name, times in seconds.items()]
