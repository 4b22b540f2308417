"""Data sets of drawn faces, to try a training without photos: `reproduce --quick` and tests run on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.random import Generator

from server.training.dataset import SPLITS
from server.vision.messages import LABELS, Image

WINDOW_PX = 120
FACE_PX = 64
# In which splits the drawn faces lie, and which of them stand in for the thesis's data.
THESIS = {"train": "train", "val": "train", "test": "", "thesis": "test"}


def write_made_up(folder: Path, faces: int, seed: int = 0) -> Path:
    """Draw `faces` faces, at least 12, and list them in `faces.csv`; returns `folder`.

    Half lie in the split `train`, the rest in the others by turns; labels take turns too.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(faces):
        label = LABELS[number // 2 % len(LABELS)]
        split = "train" if number % 2 else SPLITS[1:][number // (2 * len(LABELS)) % 3]
        file = f"{split}/{number}.png"
        path = folder / "faces" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), cv2.cvtColor(drawn_face(label, rng), cv2.COLOR_RGB2BGR))
        corner = (WINDOW_PX - FACE_PX) / 2
        rows.append(
            {
                "file": file,
                "split": split,
                "label": label,
                "mask_type": "",
                "x": corner,
                "y": corner,
                "width": FACE_PX,
                "height": FACE_PX,
                "original_face_px": FACE_PX,
                "group": f"drawn-{number}",
                "source": "drawn",
                "synthetic": 1,
                "suspect": 0,
                "thesis": THESIS[split] if label != "incorrect" else "",
            }
        )
    pd.DataFrame(rows).to_csv(folder / "faces.csv", index=False)
    return folder


def write_photos(folder: Path, each: int, labels: Sequence[str] = LABELS, seed: int = 0) -> Path:
    """Draw `each` faces of each label, before as many backgrounds, into `folder`/LABEL/; returns `folder`."""
    rng = np.random.default_rng(seed)
    for label in labels:
        (folder / label).mkdir(parents=True)
        for number in range(each):
            patches = rng.integers(0, 256, (5, 5, 3)).astype(np.uint8)
            background = cv2.resize(patches, (WINDOW_PX, WINDOW_PX), interpolation=cv2.INTER_CUBIC)
            photo = cv2.cvtColor(drawn_face(label, rng, background), cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(folder / label / f"{number}.jpg"), photo)
    return folder


def drawn_face(label: str, rng: Generator, background: Image | None = None) -> Image:
    """An oval with eyes, nose and mouth, and a mask as the label says: uint8 (120, 120, 3), RGB.

    background: of the same form; plain where there is none.
    """
    picture = np.full((WINDOW_PX, WINDOW_PX, 3), rng.integers(60, 200, 3), np.uint8)
    if background is not None:
        picture[:] = background
    skin = np.array([224, 172, 140]) * rng.uniform(0.4, 1.1)
    x, y = (int(value) for value in WINDOW_PX // 2 + rng.integers(-4, 5, 2))
    cv2.ellipse(picture, (x, y), (26, 32), 0, 0, 360, _colour(skin), -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.circle(picture, (x + side * 11, y - 8), 4, (30, 25, 25), -1, cv2.LINE_AA)
    cv2.line(picture, (x, y - 4), (x - 3, y + 6), _colour(skin * 0.7), 2, cv2.LINE_AA)
    cv2.ellipse(picture, (x, y + 16), (9, 4), 0, 0, 180, (150, 50, 60), 2, cv2.LINE_AA)
    if label != "without_mask":
        top = y - 2 if label == "with_mask" else y + 11
        corners = np.array([[x - 24, top], [x + 24, top], [x + 15, y + 30], [x - 15, y + 30]], np.int32)
        cv2.fillConvexPoly(picture, corners, _colour(rng.uniform(120, 240, 3)), cv2.LINE_AA)
    noisy = picture + rng.normal(0, 6, picture.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def _colour(values: np.ndarray) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in np.clip(values, 0, 255))
    return red, green, blue


def write_scenes(folder: Path, each: int, splits: Sequence[str] = ("train", "val"), seed: int = 0) -> Path:
    """Draw `each` scenes a split, each with a face of each label, and list them in `scenes/`; returns `folder`."""
    rng = np.random.default_rng(seed)
    for split in splits:
        (folder / "scenes" / split).mkdir(parents=True)
        images, annotations = [], []
        for number in range(each):
            file = f"{split}/{number}.png"
            faces = [drawn_face(label, rng) for label in LABELS]
            scene = np.full((160, len(faces) * WINDOW_PX + 20, 3), rng.integers(40, 220, 3), np.uint8)
            for place, face in enumerate(faces):
                left, top = place * WINDOW_PX + int(rng.integers(20)), int(rng.integers(160 - WINDOW_PX))
                scene[top : top + WINDOW_PX, left : left + WINDOW_PX] = face
                corner = (WINDOW_PX - FACE_PX) / 2
                box = [left + corner, top + corner, FACE_PX, FACE_PX]
                annotations.append({"image_id": number, "category_id": place + 1, "bbox": box, "iscrowd": 0})
            cv2.imwrite(str(folder / "scenes" / file), cv2.cvtColor(scene, cv2.COLOR_RGB2BGR))
            images.append({"id": number, "file_name": file, "source": "drawn", "height": len(scene)})
        categories = [{"id": number, "name": label} for number, label in enumerate(LABELS, 1)]
        coco = {"images": images, "categories": categories, "annotations": annotations}
        (folder / "scenes" / f"{split}.json").write_text(json.dumps(coco), encoding="utf-8")
    return folder
