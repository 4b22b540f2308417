"""Mask classifiers run by LiteRT (`ai-edge-litert`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from server.vision.classifiers.card import Card, CardError, load_card, read_weights
from server.vision.classifiers.preprocessing import face_input
from server.vision.messages import Box, Image


class LiteRTClassifier:
    """A network whose file takes float32 (1, size, size, 3) and gives probabilities (1, labels)."""

    def __init__(self, card: Card, weights: bytes, threads: int = 1) -> None:
        from ai_edge_litert.interpreter import Interpreter

        if card.one_stage:
            raise CardError(f"model {card.name} finds faces itself and names no cut-out ones: choose another here.")
        self.card = card
        self._interpreter = Interpreter(model_content=weights, num_threads=threads)
        self._interpreter.allocate_tensors()
        (self._input,), (self._output,) = (
            self._interpreter.get_input_details(),
            self._interpreter.get_output_details(),
        )
        expected = [1, card.input_size, card.input_size, 3], [1, len(card.labels)]
        found = self._input["shape"].tolist(), self._output["shape"].tolist()
        if found != expected:
            raise CardError(
                f"model {card.name}: the weights map {found[0]} to {found[1]}, the card says {expected[0]} to "
                f"{expected[1]}: export the model again."
            )

    def classify(self, image: Image, boxes: Sequence[Box]) -> list[Mapping[str, float]]:
        """One mapping of label to probability (0 to 1, adding up to 1) a box; boxes in pixels of `image`."""
        inputs = (face_input(image, box, self.card.preprocessing, self.card.input_size) for box in boxes)
        return [dict(zip(self.card.labels, map(float, self.run(face)), strict=True)) for face in inputs]

    def run(self, face: NDArray[np.float32]) -> NDArray[np.float32]:
        """Probabilities (labels,) of one prepared face (size, size, 3)."""
        # One face a run: on a CPU a batch is no quicker, and a changing batch size rebuilds the network's plan.
        self._interpreter.set_tensor(self._input["index"], face[None])
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output["index"])[0]


def load_classifier(folder: Path, threads: int = 1) -> LiteRTClassifier:
    """Load a model folder.

    Raises CardError where card or weights are missing, broken or not each other's.
    """
    card = load_card(folder)
    return LiteRTClassifier(card, read_weights(folder, card), threads)
