"""Any detector with any classifier, or alone, as a function from a picture's bytes to what is found in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from server.training import peers
from server.training.scenes import Find
from server.vision import detectors
from server.vision.catalogue import STANDARD_MODEL, Detectors
from server.vision.classifiers.folders import ModelFolders
from server.vision.decision import to_fractions
from server.vision.detectors import Detector, DetectorInfo
from server.vision.messages import Box, Detection, Frame, Image

Finder = Callable[[bytes], list[Find]]

NO_CLASSIFIER = "none"
OWN_LABELS = "own"
"""In place of a classifier's name where a peer names the faces itself."""


def detector_names(models: Path) -> list[str]:
    """Those of MaskGate, its models of one stage among them."""
    return list(Detectors(detectors.infos(), ModelFolders(models)))


def detector_info(name: str, models: Path) -> DetectorInfo:
    """Of MaskGate's own detectors, or of a peer.

    Raises UnknownDetector.
    """
    if name.startswith(peers.PREFIX):
        return peers.info(name)
    return Detectors([], ModelFolders(models)).get(name) or detectors.info(name)


def naming(info: DetectorInfo, classifier: str | None) -> str:
    """Who names the faces where `classifier` is wanted: a peer that does so itself leaves nobody else to.

    classifier: None for whoever does it in serving.
    """
    if info.name.startswith(peers.PREFIX) and info.one_stage and classifier != NO_CLASSIFIER:
        return OWN_LABELS
    return classifier or (info.name if info.one_stage else STANDARD_MODEL)


def finder(info: DetectorInfo, classifier: str, min_score: float, models: Path, peers_folder: Path) -> Finder:
    """classifier: a model's name, `NO_CLASSIFIER`, or `OWN_LABELS`: see `naming`.

    Raises UnknownDetector, and CardError, CatalogueError, PackageError or PeersMissingError where something cannot
    be loaded.
    """
    import cv2

    cv2.setNumThreads(1)
    if classifier in (NO_CLASSIFIER, OWN_LABELS):
        return detecting(load(info, models, peers_folder), min_score, named=classifier == OWN_LABELS)
    return _serving(info, partial(load, models=models, peers_folder=peers_folder), models, classifier, min_score)


def load(info: DetectorInfo, models: Path, peers_folder: Path) -> Detector:
    """One of MaskGate's detectors, or a peer.

    Raises UnknownDetector, and CardError, PackageError or PeersMissingError where it cannot be loaded.
    """
    from server.vision.pipeline import load_detector

    peer = info.name.startswith(peers.PREFIX)
    return peers.load(info.name, peers_folder) if peer else load_detector(info, models)


def detecting(detector: Detector, min_score: float, *, named: bool) -> Finder:
    """Decode and detect as serving does, and no more. named: the likeliest label is the detector's, never unsure."""
    from server.vision.frame import decode

    def found(image: Image, face: Detection) -> Find:
        height, width = image.shape[:2]
        box = to_fractions(face.box, image).scaled(width, height)
        if not named or not face.probabilities:
            return Find(box, face.score)
        likeliest = max(face.probabilities, key=face.probabilities.__getitem__)
        return Find(box, face.score, likeliest, probabilities=face.probabilities)

    def find(data: bytes) -> list[Find]:
        image = decode(data)
        picture = Box(0, 0, image.shape[1], image.shape[0])
        return [found(image, face) for face in detector.detect(image, min_score) if face.box.overlap(picture) >= 1]

    return find


def _serving(
    info: DetectorInfo, load: Callable[[DetectorInfo], Detector], models: Path, classifier: str, min_score: float
) -> Finder:
    """The whole way of a frame, through the engine; as `pipeline.standard`, but it takes peers too."""
    from server.vision.catalogue import read_catalogue
    from server.vision.classifiers.litert import load_classifier
    from server.vision.decision import decide
    from server.vision.engine.inline import InlineEngine
    from server.vision.pipeline import Pipeline

    catalogue = read_catalogue(models, classifier, info.name, [info])
    pipeline = Pipeline(catalogue, load, lambda card: load_classifier(models / card.name), decide)
    pipeline.warm()
    engine = InlineEngine(pipeline)

    def find(data: bytes) -> list[Find]:
        result = engine.submit(Frame(data, client="evaluate-scenes", min_score=min_score)).result()
        return [
            Find(face.box.scaled(result.width, result.height), face.score, face.label, face.reason, face.probabilities)
            for face in result.faces
        ]

    return find
