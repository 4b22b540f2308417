"""A made-up data set in the layout of faces.csv: the portrait, bare, masked, and with the mask pulled down."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from server.training.made_up import THESIS
from server.training.portrait import FACE, masked_portrait, portrait
from server.vision.messages import LABELS

COPIES = {"train": 8, "val": 4, "test": 4, "thesis": 3}


@pytest.fixture(scope="session")
def made_up_faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder."""
    folder = tmp_path_factory.mktemp("data")
    pulled_down = portrait()
    pulled_down[FACE_BOTTOM:] = masked_portrait()[FACE_BOTTOM:]
    pictures = {"with_mask": masked_portrait(), "without_mask": portrait(), "incorrect": pulled_down}
    rng = np.random.default_rng(0)
    rows = []
    for split, copies in COPIES.items():
        (folder / "faces" / split).mkdir(parents=True)
        for label in LABELS:
            for copy in range(copies):
                left, top = rng.integers(120, 150), rng.integers(20, 40)
                window = np.clip(pictures[label][top : top + 200, left : left + 200] * rng.uniform(0.7, 1.2), 0, 255)
                file = f"{split}/{label}-{copy}.png"
                Pictures.fromarray(window.astype(np.uint8)).save(folder / "faces" / file)
                rows.append(
                    {
                        "file": file,
                        "split": split,
                        "label": label,
                        "mask_type": "",
                        "x": FACE.x - left,
                        "y": FACE.y - top,
                        "width": FACE.width,
                        "height": FACE.height,
                        "original_face_px": FACE.height,
                        "group": f"{split}{label}{copy}",
                        "source": "made-up",
                        "synthetic": 1,
                        "suspect": int(split == "train" and copy == 0),
                        "thesis": THESIS[split] if label != "incorrect" else "",
                    }
                )
    with (folder / "faces.csv").open("w", newline="") as file_:
        writer = csv.DictWriter(file_, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return folder


FACE_BOTTOM = 150
