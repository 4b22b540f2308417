"""The demo's pictures: the bare portrait and its mask, made where scikit-image is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from server.training.portrait import masked_portrait, portrait

ROOT = Path(__file__).parents[1]
WITHOUT_TRAINING = """
import runpy, sys
for name in ("skimage", "tensorflow", "scipy"):
    sys.modules[name] = None
sys.argv[1:] = [sys.argv[1]]
runpy.run_module("server.demo", run_name="__main__")
"""


def test_the_mask_on_the_bare_portrait_is_the_masked_portrait(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "demo"
    subprocess.run([sys.executable, "-c", WITHOUT_TRAINING, str(folder)], cwd=ROOT, check=True, timeout=60)
    with Pillow.open(folder / "portrait.webp") as bare, Pillow.open(folder / "mask.webp") as mask:
        drawn = np.asarray(Pillow.alpha_composite(bare.convert("RGBA"), mask.convert("RGBA")).convert("RGB"), np.int16)
    assert np.abs(drawn - masked_portrait()).mean() < 4
    assert np.abs(drawn - portrait())[120:175, 195:255].mean() > 20, "with the mask"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 60_000
