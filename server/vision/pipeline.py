"""The way of one frame through all stages: decode, detect, classify, decide."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from time import perf_counter

import numpy as np

from server.vision.catalogue import Catalogue, read_catalogue
from server.vision.classifiers import Classifier
from server.vision.classifiers.card import Card, CardError, Thresholds, read_weights
from server.vision.confirmation import confirmed, doubtful
from server.vision.detectors import Detector, DetectorInfo
from server.vision.detectors.packages import PackageError
from server.vision.frame import decode
from server.vision.limits import MAX_FACES, MAX_SIDE
from server.vision.messages import Box, Detection, Face, Frame, Image, Refusal, Result

log = logging.getLogger(__name__)

Decide = Callable[[Image, Detection, Mapping[str, float], Thresholds], Face]


class Pipeline:
    """Works on one frame at a time, in the caller's thread; not to be shared between threads.

    load_detector, load_classifier: they are called when something is first asked for, again when its weights are
    others; of each kind the `keep` used last stay in memory.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        load_detector: Callable[[DetectorInfo], Detector],
        load_classifier: Callable[[Card], Classifier],
        decide: Decide,
        *,
        keep: int = 2,
        max_side: int = MAX_SIDE,
    ) -> None:
        self.catalogue = catalogue
        self._detector = lru_cache(maxsize=keep)(load_detector)
        self._classifier = lru_cache(maxsize=keep)(load_classifier)
        self._silent: set[Card] = set()
        self._decide = decide
        self._max_side = max_side

    def warm(self) -> None:
        """Load the defaults and use them once, so that the first frame is as quick as any.

        Raises CardError, or whatever a loader raises, where they cannot be loaded.
        """
        blank = np.zeros((480, 640, 3), np.uint8)
        card, info = self.catalogue.choose(None, None)
        self._detector(info).detect(blank, 0.5)
        if not card.one_stage:
            self._classifier(card).classify(blank, [Box(0, 0, 64, 64)])

    def run(self, frame: Frame) -> Result:
        """Find and label the faces in a frame, the `MAX_FACES` of highest score at most.

        Faces come largest first; those outside the picture are left out.
        Raises Refusal for a frame that is no picture, too large, or asks for what is unknown.
        """
        card, info = self.catalogue.choose(frame.model, frame.detector)
        started = perf_counter()
        image = decode(frame.data, self._max_side)
        decoded = perf_counter()
        min_score = info.min_score if frame.min_score is None else frame.min_score
        found = _visible(self._loaded_detector(info).detect(image, min_score), image)
        detected = perf_counter()
        probabilities = self._probabilities(image, found, card)
        classified = perf_counter()
        if card.one_stage:
            detected = classified  # what it takes to be sure of a face is part of its one stage
        faces = tuple(
            self._decide(image, detection, by_label, card.thresholds)
            for detection, by_label in zip(found, probabilities, strict=True)
        )
        height, width = image.shape[:2]
        return Result(
            model=card.name,
            detector=info.name,
            width=width,
            height=height,
            faces=tuple(sorted(faces, key=lambda face: face.box.scaled(width, height).size, reverse=True)),
            timing_ms={
                "decode": (decoded - started) * 1e3,
                "detect": (detected - decoded) * 1e3,
                "classify": (classified - detected) * 1e3 if found else 0.0,
                "total": (perf_counter() - started) * 1e3,
            },
        )

    def _loaded_detector(self, info: DetectorInfo) -> Detector:
        try:
            return self._detector(info)
        except (CardError, PackageError) as error:
            log.error("%s", error)  # with the folder's path, which is nothing for a stranger's eyes
            raise Refusal(
                "unknown_detector", f"The detector {info.name!r} cannot be loaded; the server's log says why."
            ) from error

    def _probabilities(self, image: Image, found: Sequence[Detection], card: Card) -> list[Mapping[str, float]]:
        """One mapping a face: those found with it where the model is of one stage, else the classifier's."""
        boxes = [face.box for face in found]
        try:
            if not card.one_stage:
                return self._classifier(card).classify(image, boxes) if found else []
            return self._confirmed(image, boxes, [face.probabilities or {} for face in found], card)
        except CardError as error:
            log.error("%s", error)
            raise Refusal(
                "unknown_model", f"The model {card.name!r} cannot be loaded; the server's log says why."
            ) from error

    def _confirmed(
        self, image: Image, boxes: Sequence[Box], answers: list[Mapping[str, float]], card: Card
    ) -> list[Mapping[str, float]]:
        """The answers of a model of one stage, a classifier's in place of doubtful ones where it is surer.

        Faces come by falling score: of many doubtful ones those are asked about that are most surely faces.
        """
        second = self.catalogue.models.get(card.confirmation.model) if card.confirmation else None
        if card.confirmation is None or second is None:  # without it the model's own word stands
            return answers
        numbers = doubtful(answers, card.confirmation.below)
        if not numbers:
            return answers
        try:
            classifier = self._classifier(second)
        except CardError as error:
            if second not in self._silent:  # tried again with the next doubtful face, but said once
                self._silent.add(second)
                log.error("%s Until then %s answers alone.", error, card.name)
            return answers
        return confirmed(image, boxes, answers, numbers, classifier)


def standard(
    models_dir: Path,
    default_model: str | None,
    default_detector: str,
    threads: int = 1,
    max_side: int = MAX_SIDE,
    *,
    strict: bool = True,
) -> Pipeline:
    """MaskGate's own detectors, models and decision.

    default_model: see `Catalogue`. threads: how many threads OpenCV and the networks may use. max_side: of a picture,
    in pixels. strict: whether a broken card is an error, or is left out.
    Raises CardError for a broken model folder, CatalogueError for an unknown default.
    """
    import cv2

    from server.vision.classifiers.litert import LiteRTClassifier
    from server.vision.decision import decide

    cv2.setNumThreads(threads)
    catalogue = read_catalogue(models_dir, default_model, default_detector, strict=strict)

    def load_classifier(card: Card) -> LiteRTClassifier:
        return LiteRTClassifier(card, read_weights(models_dir / card.name, card), threads)

    find = partial(load_detector, models_dir=models_dir, threads=threads)
    return Pipeline(catalogue, find, load_classifier, decide, max_side=max_side)


def load_detector(info: DetectorInfo, models_dir: Path, threads: int = 1) -> Detector:
    """A borrowed detector, or a model of one stage from its folder.

    Raises UnknownDetector, PackageError, or CardError.
    """
    from server.vision.detectors import load, onepass

    if info.sha256 is None:
        return load(info.name)
    return onepass.load_from(models_dir / info.name, threads)


def serving(models_dir: Path, default_model: str | None, default_detector: str) -> Pipeline:
    """`standard` for a worker that may have to start while the server runs: a card broken since must not stop it."""
    return standard(models_dir, default_model, default_detector, strict=False)


def _visible(found: Sequence[Detection], image: Image) -> list[Detection]:
    """Those of which at least a pixel's area lies in the picture, the `MAX_FACES` of highest score at most."""
    picture = Box(0, 0, image.shape[1], image.shape[0])
    inside = [face for face in found if face.box.overlap(picture) >= 1]
    return sorted(inside, key=lambda face: face.score, reverse=True)[:MAX_FACES]
