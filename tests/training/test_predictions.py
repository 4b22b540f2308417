from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from server.training.predictions import PredictionsError, read_predictions, together, write_predictions


def test_what_is_written_is_read_again(tmp_path: Path):
    table = pd.DataFrame(
        {
            "file": ["a.jpg", "b.jpg"],
            "source": "door",
            "group": ["1", "2"],
            "mask_type": ["", "cloth"],
            "original_face_px": [60.5, 30.0],
            "truth": "with_mask",
            "p_with_mask": [0.123456, 1.0],
            "p_without_mask": [0.876544, 0.0],
            "sharpness": 0.5,
            "top": "with_mask",
            "label": ["unsure", "with_mask"],
            "reason": ["unclear", ""],
        }
    )
    write_predictions(tmp_path, together({"val": table[:1], "test": table[1:]}))
    read = read_predictions(tmp_path)
    assert list(read.set) == ["val", "test"]
    assert list(read.p_with_mask) == [0.12346, 1.0]
    assert list(read.mask_type) == ["", "cloth"]
    assert "sharpness" not in read


def test_a_folder_without_predictions_is_named(tmp_path: Path):
    with pytest.raises(
        PredictionsError, match=r"predictions\.csv is missing: .*evaluate .* --data … --rewrite writes it"
    ):
        read_predictions(tmp_path)
    with pytest.raises(PredictionsError, match=rf"There is no model typo in {tmp_path}\."):
        read_predictions(tmp_path / "typo")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not a table of comma-separated values"),
        ("set,file\n1,2,3\n1,2,3,4\n", "is not a table of comma-separated values"),
        ("set,file,source,group,mask_type,original_face_px,truth,top\n", "lacks the columns label, reason: python -m"),
    ],
)
def test_broken_predictions_are_named(tmp_path: Path, text: str, says: str):
    (tmp_path / "predictions.csv").write_text(text)
    with pytest.raises(PredictionsError, match=says):
        read_predictions(tmp_path)
