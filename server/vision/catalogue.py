"""What can be asked for: the models and detectors at hand, and which of them are the defaults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from server.vision.classifiers.card import CARD_FILE, Card
from server.vision.classifiers.folders import ModelFolders
from server.vision.detectors import DetectorInfo
from server.vision.messages import Refusal

STANDARD_MODEL = "mobilenetv2"
"""Names the faces where nobody says who does and the detector does not do so itself."""
OWN_DETECTOR, BORROWED_DETECTOR = "onepass", "retinaface-640"


class CatalogueError(Exception):
    """A default that does not exist or cannot serve; the message lists what does."""


class Detectors(Mapping[str, DetectorInfo]):
    """MaskGate's models of one stage, now and later, then the detectors that are always there, by name."""

    def __init__(self, infos: Iterable[DetectorInfo], models: Mapping[str, Card]) -> None:
        self._infos = {info.name: info for info in infos}
        self._models = models

    def __getitem__(self, name: str) -> DetectorInfo:
        if name in self._infos:
            return self._infos[name]
        card = self._models[name]
        if card.min_score is None:
            raise KeyError(name)
        return DetectorInfo(
            name,
            card.title,
            card.description,
            card.licence,
            card.min_score,
            landmarks=False,
            one_stage=True,
            sha256=card.sha256,
            second_look=card.second_look.sha256 if card.second_look else None,
        )

    def __iter__(self) -> Iterator[str]:
        return iter([*(name for name in self._models if name in self and name not in self._infos), *self._infos])

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Models and detectors by name; the models may come and go.

    default_model: None for the detector's own labels where it has some, else `STANDARD_MODEL`.
    Raises CatalogueError where a default is not among them, or the model cannot name the detector's faces.
    """

    models: Mapping[str, Card]
    detectors: Mapping[str, DetectorInfo]
    default_model: str | None
    default_detector: str

    def __post_init__(self) -> None:
        detector = self.default_detector
        if detector not in self.detectors:
            raise CatalogueError(
                f"The default detector is {detector!r}, but {_known('detector', self.detectors)} Name one of these."
            )
        model = self.default_model or self.model_for(detector)
        if model not in self.models:
            raise CatalogueError(
                f"The default model is {model!r}, but {_known('model', self.models)} "
                "Name one of these, or put the model's folder beside them."
            )
        if self.models[model].one_stage and model != detector:
            raise CatalogueError(f"{_names_its_own(model)} make it the default detector too, or name another model.")

    def model_for(self, detector: str) -> str:
        """Who names this detector's faces unless a frame says otherwise."""
        if self.default_model is not None and (
            self.default_model == detector or not self._one_stage(self.default_model)
        ):
            return self.default_model
        return detector if self._one_stage(detector) else STANDARD_MODEL

    def choose(self, model: str | None, detector: str | None) -> tuple[Card, DetectorInfo]:
        """The model and the detector that are asked for by name, or by None for the default.

        A model of one stage brings its detector with it.
        Raises Refusal `unknown_model` or `unknown_detector`, with the names known.
        """
        if detector is None:
            detector = model if model is not None and self._one_stage(model) else self.default_detector
        info = self.detectors.get(detector)
        if info is None:
            raise Refusal(
                "unknown_detector", f"There is no detector {detector!r}; {_known('detector', self.detectors)}"
            )
        model = model or self.model_for(detector)
        card = self.models.get(model)
        if card is None:
            raise Refusal("unknown_model", f"There is no model {model!r}; {_known('model', self.models)}")
        if card.one_stage and model != detector:
            raise Refusal("unknown_model", f"{_names_its_own(model)} choose it as the detector too, or another model.")
        return card, info

    def cards(self) -> tuple[Card, ...]:
        """All models there are now."""
        found = (self.models.get(name) for name in self.models)
        return tuple(card for card in found if card is not None)  # a folder may go while they are listed

    def _one_stage(self, name: str) -> bool:
        info = self.detectors.get(name)
        return info is not None and info.one_stage


def read_catalogue(
    models_dir: Path,
    default_model: str | None,
    default_detector: str,
    detectors: Iterable[DetectorInfo] | None = None,
    *,
    strict: bool = True,
) -> Catalogue:
    """All models under `models_dir`, now and later, and all `detectors` (the borrowed ones where none are given).

    strict: whether a broken card is an error, or is left out as it is later.
    Raises CardError for a broken card, CatalogueError for an unknown default.
    """
    if detectors is None:
        from server.vision.detectors import infos

        detectors = infos()
    models = ModelFolders(models_dir)
    if strict:
        models.check()
    return Catalogue(models, Detectors(detectors, models), default_model, default_detector)


def standard_detector(models_dir: Path) -> str:
    """The detector used where none is set: MaskGate's own, if it is among the models there."""
    return OWN_DETECTOR if (models_dir / OWN_DETECTOR / CARD_FILE).is_file() else BORROWED_DETECTOR


def _known(kind: str, names: Mapping[str, object]) -> str:
    if not names:
        return f"there is no {kind} at all."
    return f"the {kind}s known are: {', '.join(sorted(names))}."


def _names_its_own(model: str) -> str:
    return f"The model {model!r} names only faces that it finds itself:"
