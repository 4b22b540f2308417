"""A closer look at what a detector is not sure of: is there a face, seen alone and larger?

The network is RetinaFace (Deng et al. 2020) cut down to one size of face; see `server/training/onepass/second_look.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import islice

from server.vision.classifiers.card import SecondLookInfo
from server.vision.classifiers.preprocessing import face_input
from server.vision.detectors.suppression import Floats
from server.vision.messages import Box, Detection, Image

MOST = 8
"""Of a picture's finds, the surest: a crowd seen badly must not cost what one pass was to save."""
MOST_OUTSIDE = 0.2
"""Of what is cut out, the share of its side that may lie beyond the picture: of a face that the picture's edge cuts the
network thinks too little. Of 2,900 faces found in training scenes it doubts (under .1) 1 in 100, of these 1 in 5."""
LEAST_LOOKED_AT = 0.1
"""Of a first score, unless what is asked for is lower: nothing that one pass is so unsure of is worth a look."""

Network = Callable[[Floats], float]
"""A picture (size, size, 3) as `face_input` gives it to the probability, 0 to 1, of a face in its middle."""


class SecondLook:
    """Looks again at what was found with a score under `info.below`."""

    def __init__(self, info: SecondLookInfo, network: Network) -> None:
        self._info, self._network = info, network

    def least(self, min_score: float) -> float:
        """The first score from which on a find may end at `min_score` or above."""
        return max(min_score**2, min(min_score, LEAST_LOOKED_AT))

    def scores(self, image: Image, found: Sequence[Detection]) -> list[float]:
        """The scores of finds in a picture, best first, after the second look.

        Of those looked at the geometric mean of both opinions: what either is sure is no face is none. The others'
        stay: the sure, those at the picture's edge, and of the doubtful those beyond `MOST`.
        """
        scores = [face.score for face in found]
        margin = self._info.preprocessing.crop_margin
        doubtful = (
            number
            for number, score in enumerate(scores)
            if score < self._info.below and _outside(image, found[number].box, margin) <= MOST_OUTSIDE
        )
        for number in islice(doubtful, MOST):
            seen = face_input(image, found[number].box, self._info.preprocessing, self._info.input_size)
            scores[number] = math.sqrt(scores[number] * self._network(seen))
        return scores


def _outside(image: Image, box: Box, margin: float) -> float:
    """How far the square cut out around a box reaches beyond the picture, as a share of its side."""
    height, width = image.shape[:2]
    side = max(box.size * margin, 1.0)
    x, y = box.x + box.width / 2, box.y + box.height / 2
    return 0.5 - min(x, y, width - x, height - y) / side


class LiteRTFace:
    """The exported network; not safe for two threads at once.

    weights: map float32 (1, size, size, 3) to (1,).
    """

    def __init__(self, weights: bytes, threads: int = 1) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_content=weights, num_threads=threads)
        self._interpreter.allocate_tensors()
        (picture,), (face,) = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._picture, self._face = picture["index"], face["index"]

    def __call__(self, picture: Floats) -> float:
        """The probability, 0 to 1, of a face in the middle of a picture (size, size, 3)."""
        self._interpreter.set_tensor(self._picture, picture[None])
        self._interpreter.invoke()
        return float(self._interpreter.get_tensor(self._face)[0])
