"""What can be asked for: the models and detectors at hand, and which of them are the defaults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from server.vision.classifiers.card import Card
from server.vision.classifiers.folders import ModelFolders
from server.vision.detectors import DetectorInfo
from server.vision.messages import Frame, Refusal


class CatalogueError(Exception):
    """A default that does not exist; the message lists what does."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Models and detectors by name; the models may come and go.

    Raises CatalogueError where a default is not among them.
    """

    models: Mapping[str, Card]
    detectors: Mapping[str, DetectorInfo]
    default_model: str
    default_detector: str

    def __post_init__(self) -> None:
        if self.default_model not in self.models:
            raise CatalogueError(
                f"The default model is {self.default_model!r}, but {_known('model', self.models)} "
                "Name one of these, or put the model's folder beside them."
            )
        if self.default_detector not in self.detectors:
            raise CatalogueError(
                f"The default detector is {self.default_detector!r}, but {_known('detector', self.detectors)} "
                "Name one of these."
            )

    def choose(self, frame: Frame) -> tuple[Card, DetectorInfo]:
        """The model and the detector for a frame, the defaults where it names none.

        Raises Refusal `unknown_model` or `unknown_detector`, with the names known.
        """
        model = frame.model or self.default_model
        detector = frame.detector or self.default_detector
        card = self.models.get(model)
        if card is None:
            raise Refusal("unknown_model", f"There is no model {model!r}; {_known('model', self.models)}")
        if detector not in self.detectors:
            raise Refusal(
                "unknown_detector", f"There is no detector {detector!r}; {_known('detector', self.detectors)}"
            )
        return card, self.detectors[detector]

    def cards(self) -> tuple[Card, ...]:
        """All models there are now."""
        found = (self.models.get(name) for name in self.models)
        return tuple(card for card in found if card is not None)  # a folder may go while they are listed


def read_catalogue(
    models_dir: Path,
    default_model: str,
    default_detector: str,
    detectors: Iterable[DetectorInfo] | None = None,
    *,
    strict: bool = True,
) -> Catalogue:
    """All models under `models_dir`, now and later, and all `detectors` (MaskGate's own where none are given).

    strict: whether a broken card is an error, or is left out as it is later.
    Raises CardError for a broken card, CatalogueError for an unknown default.
    """
    if detectors is None:
        from server.vision.detectors import infos

        detectors = infos()
    models = ModelFolders(models_dir)
    if strict:
        models.check()
    return Catalogue(models, {info.name: info for info in detectors}, default_model, default_detector)


def _known(kind: str, names: Mapping[str, object]) -> str:
    if not names:
        return f"there is no {kind} at all."
    return f"the {kind}s known are: {', '.join(sorted(names))}."
