"""Other projects' networks, for side-by-side measurement only: never served, their weights not part of MaskGate."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from server.vision.detectors import Detector, DetectorInfo, UnknownDetector

PREFIX = "peer:"
"""What the names of peers begin with where detectors are asked for."""


class PeersMissingError(Exception):
    """The peers' weights are not there; the message says where they are looked for."""


# Thresholds are those that the peers' own projects run with.
_PEERS = {
    entry.name: entry
    for entry in (
        DetectorInfo(
            f"{PREFIX}ssd",
            "OpenCV's SSD ResNet-10",
            "The face detector of most mask projects, 300 px.",
            "MIT (OpenCV's samples)",
            0.5,
            landmarks=False,
        ),
        DetectorInfo(
            f"{PREFIX}aizoo",
            "AIZOO FaceMaskDetection",
            "Finds faces and says mask or no mask in one stage, 260 px.",
            "MIT",
            0.5,
            landmarks=False,
            one_stage=True,
        ),
    )
}


def info(name: str) -> DetectorInfo:
    """What there is to know of one peer.

    Raises UnknownDetector.
    """
    try:
        return _PEERS[name]
    except KeyError:
        raise UnknownDetector(f"no peer is called {name!r}; there are {', '.join(_PEERS)}.") from None


def load(name: str, folder: Path) -> Detector:
    """A peer, ready to run; folder: with its weights.

    Raises UnknownDetector and PeersMissingError.
    """
    module = import_module(f"{__name__}.{info(name).name.removeprefix(PREFIX)}")
    detector: Detector = module.load(folder)
    return detector


def weights(folder: Path, *names: str) -> list[Path]:
    """Files of the peers' folder.

    Raises PeersMissingError.
    """
    paths = [folder / name for name in names]
    missing = [path for path in paths if not path.is_file()]
    if missing:
        said = f"{missing[0]} is missing" if len(paths) == 1 else f"{paths[0]} and its {paths[1].suffix} are missing"
        raise PeersMissingError(f"{said}: name their folder with --peers.")
    return paths
