"""Every figure of a card, from a table of what a model said of labelled faces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from server.training import probabilities
from server.training.intervals import FEW, Bootstrap
from server.vision.classifiers.card import Rate
from server.vision.messages import UNSURE

SMALLEST_FACE = 24
SIZES = ((24, 48), (48, 96), (96, 100_000))
MASK_OR_NONE = ("with_mask", "without_mask")


def smallest(name: str) -> float:
    """The least size of a face that counts in a set, px: the thesis's faces are scored to the last, as it did."""
    return 0 if name == "thesis" else SMALLEST_FACE


def metrics(table: pd.DataFrame, labels: Sequence[str], least: float = SMALLEST_FACE) -> dict[str, Any]:
    """The figures of a table of `decide_all`, over faces of `least` px and more, all and by group.

    The groups: `all`; `mask_or_none`, the faces that a model of two labels can name, where there are more labels;
    each `source:<name>`, `type:<mask type>` and `size:<from>-<to>`.
    """
    table = table[table.original_face_px >= least]
    groups = {"all": _group(table, labels) | _of_probabilities(table, labels)}
    if len(labels) > len(MASK_OR_NONE):
        pair = table[table.truth.isin(MASK_OR_NONE)]
        groups["mask_or_none"] = _group(pair, labels) | _of_probabilities(pair, labels)
    for kind, column in (("source", "source"), ("type", "mask_type")):
        for name, part in table[table[column] != ""].groupby(column):
            groups[f"{kind}:{name}"] = _group(part, labels)
    for low, high in SIZES:
        name = f"size:{low}-{high}" if high < 10_000 else f"size:{low}-"
        groups[name] = _group(table[table.original_face_px.between(low, high, inclusive="left")], labels)
    return groups


def _group(table: pd.DataFrame, labels: Sequence[str]) -> dict[str, Any]:
    """Likeliest label against truth, then what the product answers with `unsure` among its labels."""
    kinds = len(labels)
    draws = Bootstrap(table.group)
    truth, top = (pd.Categorical(table[column], labels).codes.astype(int) for column in ("truth", "top"))
    cells = truth * kinds + top

    f1s = [_f1(draws, truth, top, label) for label in range(kinds)]
    sure = table.label != UNSURE
    return {
        "faces": len(table),
        "accuracy": draws.rate(truth == top).model_dump(),
        "f1": _macro(draws, cells, kinds, [f1s[label] for label in np.unique(truth)]).model_dump(),
        "labels": {
            label: {
                "recall": draws.rate(truth == top, truth == i).model_dump(),
                "precision": draws.rate(truth == top, top == i).model_dump(),
                "f1": f1s[i].model_dump(),
            }
            for i, label in enumerate(labels)
        },
        "confusion": np.bincount(cells, minlength=kinds**2).reshape(kinds, kinds).tolist(),
        "unsure": draws.rate(~sure).model_dump(),
        "accuracy_when_sure": draws.rate(table.truth == table.label, sure).model_dump(),
    }


def _f1(draws: Bootstrap, truth: NDArray[np.int64], top: NDArray[np.int64], label: int) -> Rate:
    """F1 of one label, by Jaccard's share J of hits among mentions: F1 = 2 J / (1 + J), which rises with J."""
    share = draws.rate((truth == label) & (top == label), (truth == label) | (top == label))
    value, low, high = (None if end is None else 2 * end / (1 + end) for end in (share.value, share.low, share.high))
    return Rate(value=value, n=len(truth), low=low, high=high)


def _macro(draws: Bootstrap, cells: NDArray[np.int64], kinds: int, of_labels: Sequence[Rate]) -> Rate:
    """The mean F1 of the labels that occur; of few groups or mistakes, its ends are the means of theirs (wider)."""
    drawn = draws.of_counts(lambda counts: macro_f1(counts.reshape(-1, kinds, kinds)), cells, kinds**2)
    wrong = int((cells // kinds != cells % kinds).sum())
    if drawn.value is None or min(wrong, draws.groups) >= FEW:
        return drawn
    low, high = (float(np.mean([getattr(rate, end) for rate in of_labels])) for end in ("low", "high"))
    return drawn.model_copy(update={"low": low, "high": high})


def f1(matrices: NDArray[np.float32]) -> NDArray[np.float32]:
    """F1 of each label: (…, true, answered) counts to (…, labels); NaN for labels neither true nor answered."""
    hits = np.diagonal(matrices, axis1=-2, axis2=-1)
    with np.errstate(invalid="ignore"):
        return 2 * hits / (matrices.sum(-1) + matrices.sum(-2))


def macro_f1(matrices: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean F1 of the labels that occur in truth: (…, true, answered) to (…)."""
    of_label = np.where(matrices.sum(-1) > 0, f1(matrices), np.nan)
    seen = ~np.isnan(of_label)
    with np.errstate(invalid="ignore"):
        return np.where(seen, of_label, 0).sum(-1) / seen.sum(-1)


def _of_probabilities(table: pd.DataFrame, labels: Sequence[str]) -> dict[str, Any]:
    draws = Bootstrap(table.group, rounds=probabilities.ROUNDS)
    return {name: figure.model_dump() for name, figure in probabilities.figures(table, labels, draws).items()}


def answers(table: pd.DataFrame) -> dict[str, Any]:
    """How often each label is answered, `unsure` among them: of faces for which there is only one right answer."""
    if not len(table):
        return {"faces": 0}
    draws = Bootstrap(table.group)
    shares = {label: draws.rate(table.label == label).model_dump() for label in sorted({*table.label})}
    return {"faces": len(table), **shares}
