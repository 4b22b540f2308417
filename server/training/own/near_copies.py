"""Which faces are near-copies of one another, and splits that no such group crosses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.neighbors import NearestNeighbors

from server.vision.classifiers.preprocessing import crop_face
from server.vision.messages import Box, Image

HASH_SIDE = 16
SAME_SCENE = 64
"""Of the hash's 256 bits, how many may differ between windows of one scene. On 7,146 public faces of different scenes
it joined 34 pairs of 25 million; film frames a fifth of a second apart differ by 10 to 48 bits (medians)."""
SAME_PICTURE = 24
"""The same between two cut-outs of one face. The same face with a mask drawn on differs by 44."""
FOLDS = 7
"""A seventh each to `val` and `test`: about 70, 15 and 15 of 100."""

Bits = NDArray[np.float32]


def fingerprints(window: Image, box: Box) -> Bits:
    """Perceptual hashes: of the window, of its mirror image, and of the face alone both ways; (4, 256) of 0 and 1."""
    face = crop_face(window, box, 1, window.shape[0])
    views = (window, window[:, ::-1], face, face[:, ::-1])
    return np.stack([imagehash.phash(Pillow.fromarray(view), HASH_SIDE).hash.ravel() for view in views]).astype(
        np.float32
    )


def groups(prints: NDArray[np.float32]) -> NDArray[np.int32]:
    """A number a face, the same for near-copies, mirrored ones too, and for their near-copies.

    prints: (faces, 4, 256), from `fingerprints`.
    """
    return connected_components(_near(prints[:, 0], prints[:, 1], SAME_SCENE), directed=False)[1]


def contradictions(prints: NDArray[np.float32], labels: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of faces, by their numbers, that look the same but have different labels."""
    given = np.asarray(labels)
    first, second = _near(prints[:, 2], prints[:, 3], SAME_PICTURE).nonzero()
    wrong = (first < second) & (given[first] != given[second])
    return sorted({(int(one), int(other)) for one, other in zip(first[wrong], second[wrong], strict=True)})


def split(labels: Sequence[str], group: NDArray[np.int32], seed: int = 1) -> NDArray[np.str_]:
    """`train`, `val` or `test` for each face: groups stay whole, labels are spread evenly as far as they allow.

    Of `FOLDS` parts the two whose labels come closest to their share are taken for `test` and `val`, so that one
    huge group lies in `train`. There must be `FOLDS` groups at least.
    """
    given = np.asarray(labels)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    parts = [part for _, part in folds.split(given, given, group)]
    classes, totals = np.unique(given, return_counts=True)
    shares = np.stack([(given[part][:, None] == classes).sum(axis=0) / totals for part in parts])
    test, val = np.argsort(np.abs(shares - 1 / FOLDS).sum(axis=1), kind="stable")[:2]
    chosen = np.full(len(given), "train", dtype="<U5")
    chosen[parts[test]], chosen[parts[val]] = "test", "val"
    return chosen


def _near(plain: Bits, mirrored: Bits, most: int) -> Any:
    """A sparse matrix (faces, faces), not 0 where at most `most` bits differ, to a face or to its mirror image."""
    # Between bits the squared distance is the number that differ; half a bit more than `most` for rounding.
    index = NearestNeighbors(radius=math.sqrt(most + 0.5), algorithm="brute").fit(plain)
    return index.radius_neighbors_graph(plain) + index.radius_neighbors_graph(mirrored)
