"""MaskGate's own one-stage detector: faces and what they wear in one pass. Trained by `server/training/onepass/`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from server.vision.classifiers.card import Card, Preprocessing, load_card, read_second_look, read_weights
from server.vision.classifiers.preprocessing import to_input
from server.vision.detectors.second_look import LiteRTFace, SecondLook
from server.vision.detectors.suppression import Floats, group_by_overlap, inside, top_candidates
from server.vision.messages import Box, Detection, Image

STRIDES = (8, 16, 32)
"""Pixels of the input between two cells of a map."""
PADDING = 127
MAX_IOU = 0.5
MAX_INSIDE = 0.6
"""How much of a face may lie in a surer one: of 2,735 boxed faces in training scenes 8 lie further in another."""
LEAST_LINEAR = 0.5
LEAST_OF_BEST = 0.5
"""Of the best score of those that answer for one face: what is less sure says nothing of it. So a face's box and label
are the same, whatever the least score asked for."""

Network = Callable[[Floats], Floats]
"""A picture (height, width, 3) as `to_input` gives it to answers (cells, 4 + 1 + labels)."""


class Onepass:
    """One network at one input size.

    longest: the input's longer side in pixels, the shorter is three quarters of it: a camera's form, upright or not.
    """

    def __init__(
        self,
        network: Network,
        labels: Sequence[str],
        longest: int,
        preprocessing: Preprocessing,
        second_look: SecondLook | None = None,
    ) -> None:
        self._network = network
        self._labels = tuple(labels)
        self._longest = longest
        self._preprocessing = preprocessing
        self._second_look = second_look

    def detect(self, image: Image, min_score: float) -> list[Detection]:
        """Labelled faces with a score of at least `min_score`, in no order; boxes in pixels of `image`."""
        second = self._second_look
        found = self._found(image, second.least(min_score) if second else min_score)
        if second is None:
            return found
        seen = (replace(face, score=score) for face, score in zip(found, second.scores(image, found), strict=True))
        return [face for face in seen if face.score >= min_score]

    def _found(self, image: Image, min_score: float) -> list[Detection]:
        """By one pass, best first."""
        picture, scale = fitted(image, self._longest)
        answers = self._network(to_input(picture, self._preprocessing))
        scores = sigmoid(answers[:, 4])
        kept = top_candidates(scores, min_score * LEAST_OF_BEST)
        scores, answers = scores[kept], answers[kept]
        corners = to_corners(answers[:, :4], cells(*picture.shape[:2])[kept])
        probabilities = softmax(answers[:, 5:])
        found, places = [], []
        for together in group_by_overlap(corners, MAX_IOU):
            best = scores[together[0]]
            if best < min_score:
                continue
            group = together[scores[together] >= LEAST_OF_BEST * best]
            weights = scores[group] / scores[group].sum()
            place = weights @ corners[group]
            places.append(place)
            left, top, right, bottom = map(float, place / scale)
            by_label = map(float, weights @ probabilities[group])
            found.append(
                Detection(
                    Box(left, top, right - left, bottom - top),
                    float(best),
                    probabilities=dict(zip(self._labels, by_label, strict=True)),
                )
            )
        return [found[number] for number in apart(places, MAX_INSIDE)]


def apart(places: Sequence[Floats], most: float) -> list[int]:
    """Which of boxes (4,), best first, lie by no more than `most` in a better one that stays."""
    if not places:
        return []
    corners = np.stack(places)
    hidden = inside(corners[:, None], corners) > most
    kept: list[int] = []
    for number in range(len(places)):
        if not hidden[number, kept].any():
            kept.append(number)
    return kept


class LiteRTNetwork:
    """The exported network, for pictures of any size; not safe for two threads at once.

    weights: give each of `STRIDES` three maps (1, rows, columns, n): 4 distances, 1 face, `labels` labels.
    """

    def __init__(self, weights: bytes, labels: int, threads: int = 1) -> None:
        from ai_edge_litert.interpreter import Interpreter

        def planned(height: int, width: int) -> Interpreter:
            interpreter = Interpreter(model_content=weights, num_threads=threads)
            (picture,) = interpreter.get_input_details()
            interpreter.resize_tensor_input(picture["index"], [1, height, width, 3])
            interpreter.allocate_tensors()
            return interpreter

        self._planned = lru_cache(maxsize=2)(planned)  # upright or not
        self._order = (4, 1, labels)

    def __call__(self, picture: Floats) -> Floats:
        """A picture (height, width, 3) as `to_input` gives it to answers (cells, 4 + 1 + labels)."""
        interpreter = self._planned(*picture.shape[:2])
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture[None])
        interpreter.invoke()
        maps = [interpreter.get_tensor(output["index"])[0] for output in interpreter.get_output_details()]
        by_form = {(found.shape[0], found.shape[2]): found.reshape(-1, found.shape[2]) for found in maps}
        rows = [picture.shape[0] // stride for stride in STRIDES]
        return np.concatenate([np.concatenate([by_form[row, n] for n in self._order], axis=1) for row in rows])


def load(card: Card, weights: bytes, second_look: bytes | None = None, threads: int = 1) -> Onepass:
    """The detector of a model of one stage. second_look: the weights that it looks again with, where its card does."""
    network = LiteRTNetwork(weights, len(card.labels), threads)
    second = None
    if card.second_look and second_look:
        second = SecondLook(card.second_look, LiteRTFace(second_look, threads))
    return Onepass(network, card.labels, card.input_size, card.preprocessing, second)


def load_from(folder: Path, threads: int = 1) -> Onepass:
    """The detector of a model's folder.

    Raises CardError.
    """
    card = load_card(folder)
    return load(card, read_weights(folder, card), read_second_look(folder, card), threads)


def fitted(image: Image, longest: int) -> tuple[Image, float]:
    """A picture as the network takes it, and how much smaller: in the upper left corner, the rest grey."""
    height, width = image.shape[:2]
    rows, columns = input_sides(height, width, longest)
    scale = min(rows / height, columns / width)
    inner = max(round(width * scale), 1), max(round(height * scale), 1)
    # Down to half its size four neighbours see every pixel, in a fifth of the time that areas take.
    resized = cv2.resize(image, inner, interpolation=cv2.INTER_AREA if scale < LEAST_LINEAR else cv2.INTER_LINEAR)
    picture = np.full((rows, columns, 3), PADDING, np.uint8)
    picture[: inner[1], : inner[0]] = resized
    return picture, scale


@lru_cache(maxsize=64)
def input_sides(height: int, width: int, longest: int) -> tuple[int, int]:
    """Rows and columns of the input in which a picture is seen largest, for the pixels of `longest` by three quarters.

    So a wide or an upright picture wastes no time on grey, and costs no more than a camera's.
    """
    step, most = STRIDES[-1], longest * longest * 3 // 4
    shapes = [
        (rows, min(most // rows, 2 * longest) // step * step)
        for rows in range(step, 2 * longest + 1, step)
        if most // rows >= step
    ]
    scales = {(rows, columns): min(rows / height, columns / width) for rows, columns in shapes}
    best = max(scales.values())

    def enough(side: int) -> int:
        return max(math.ceil(side * best / step - 1e-6), 1) * step

    return enough(height), enough(width)


@lru_cache(maxsize=8)
def cells(height: int, width: int) -> Floats:
    """The cells of an input of this size, (n, 3) as middle x, middle y, stride in pixels; read-only."""
    grids = []
    for stride in STRIDES:
        x, y = np.meshgrid(np.arange(width // stride) + 0.5, np.arange(height // stride) + 0.5)
        grids.append(np.stack([x.ravel() * stride, y.ravel() * stride, np.full(x.size, stride)], axis=1))
    found = np.concatenate(grids).astype(np.float32)
    found.flags.writeable = False
    return found


def to_corners(distances: Floats, where: Floats) -> Floats:
    """Boxes (n, 4) as left, top, right, bottom in pixels, from logarithms of distances and the `cells` they are of."""
    reach = np.exp(np.clip(distances, -6, 6)) * where[:, 2:]
    middles = where[:, :2]
    return np.concatenate([middles - reach[:, :2], middles + reach[:, 2:]], axis=1)


def sigmoid(logits: Floats) -> Floats:
    """0 to 1, without overflow however sure."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)), np.float32)


def softmax(logits: Floats) -> Floats:
    """Probabilities along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float32)
