"""A closer look at what a detector is not sure of: is there a face, seen alone and larger?

The network is RetinaFace (Deng et al. 2020) cut down to one size of face and taught about masks; see
`second_look.py` and `looks.py` in `server/training/onepass/`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from server.vision.classifiers.card import SecondLookInfo
from server.vision.classifiers.preprocessing import face_input
from server.vision.detectors.suppression import Floats
from server.vision.messages import Detection, Image

MOST = 8
"""Of a picture's finds, the surest: a crowd seen badly must not cost what one pass was to save."""
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
        stay, also those of the doubtful beyond `MOST`.
        """
        scores = [face.score for face in found]
        doubtful = [number for number, score in enumerate(scores) if score < self._info.below]
        for number in doubtful[:MOST]:
            seen = face_input(image, found[number].box, self._info.preprocessing, self._info.input_size)
            scores[number] = math.sqrt(scores[number] * self._network(seen))
        return scores


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
