"""What a model said of every face it was scored on, kept beside its weights.

From it every figure can be computed again, and models compared face by face, without the photos.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from server.training.metrics import smallest

PREDICTIONS_FILE = "predictions.csv"
_COLUMNS = ("set", "file", "source", "group", "mask_type", "original_face_px", "truth")


class PredictionsError(Exception):
    """A model folder without its predictions, or with broken ones; the message names the cure."""


def together(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The tables of `decide_all` as one, with the `set` that each row was scored in; quality columns left out."""
    whole = pd.concat([table.assign(set=name) for name, table in tables.items()], ignore_index=True)
    said = [column for column in whole.columns if column.startswith("p_")]
    return whole[[*_COLUMNS, *said, "top", "label", "reason"]]


def counted(predictions: pd.DataFrame, name: str) -> pd.DataFrame:
    """The faces of a set that figures are given of: of `SMALLEST_FACE` px and more, of the thesis's every one."""
    of_set = predictions[predictions.set == name]
    return of_set[of_set.original_face_px >= smallest(name)].reset_index(drop=True)


def write_predictions(folder: Path, table: pd.DataFrame) -> None:
    """Write a model's predictions, probabilities to five decimals."""
    table.to_csv(folder / PREDICTIONS_FILE, index=False, float_format="%.5f")


def read_predictions(folder: Path) -> pd.DataFrame:
    """Read a model's predictions.

    Raises PredictionsError where there are none, or they are broken.
    """
    path = folder / PREDICTIONS_FILE
    cure = f"python -m server evaluate {folder.name} --data … --rewrite writes it"
    if not folder.is_dir():
        raise PredictionsError(f"There is no model {folder.name} in {folder.parent}.")
    if not path.is_file():
        raise PredictionsError(f"{path} is missing: {cure}.")
    try:
        table = pd.read_csv(path, keep_default_na=False)
    except ValueError as error:
        raise PredictionsError(f"{path} is not a table of comma-separated values ({error}): {cure} anew.") from None
    missing = {"set", *_COLUMNS, "top", "label", "reason"} - set(table.columns)
    if missing:
        raise PredictionsError(f"{path} lacks the columns {', '.join(sorted(missing))}: {cure} anew.")
    return table
