"""Models in pairs, on the same faces."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy.stats import binomtest

from server.training.comparison import compare


def said(right: str, start: int = 0) -> pd.DataFrame:
    """Predictions of one set: a letter a face, `x` where the model is wrong."""
    return pd.DataFrame(
        {
            "file": [f"{start + place}.jpg" for place in range(len(right))],
            "group": [f"g{start + place}" for place in range(len(right))],
            "truth": "with_mask",
            "top": ["without_mask" if letter == "x" else "with_mask" for letter in right],
        }
    )


def test_what_one_alone_named_right():
    first, second = said("......xx..x" * 5), said(".....xx...." * 5)
    pair = compare(first, second)
    assert (pair.faces, pair.only_first, pair.only_second) == (55, 5, 10)
    assert pair.p == pytest.approx(binomtest(5, 15).pvalue)
    assert pair.difference.value == pytest.approx(-5 / 55)
    assert pair.difference.low < -5 / 55 < pair.difference.high


def test_it_is_the_same_from_the_other_side():
    one, other = said("..x..xx.x."), said("x....x....")
    there, back = compare(one, other), compare(other, one)
    assert there.p == back.p
    assert there.difference.value == pytest.approx(-back.difference.value)


def test_models_that_agree_do_not_differ():
    pair = compare(said("..x."), said("..x."))
    assert (pair.only_first, pair.only_second, pair.p, pair.difference.value) == (0, 0, 1.0, 0)


def test_few_that_differ_leave_a_difference_open():
    """None of 400 differ: by Clopper and Pearson each alone may still be right in 1 - .025 ** (1 / 400)."""
    none = compare(said("." * 400), said("." * 400)).difference
    most = 1 - 0.025 ** (1 / 400)
    assert (none.low, none.high) == pytest.approx((-most, most), abs=1e-4)
    two = compare(said("xx" + "." * 398), said("." * 400)).difference
    assert two.low < none.low < two.value == pytest.approx(-2 / 400)
    assert two.high > 0, "two of 400 may be chance"


def test_faces_that_only_one_saw_are_left_out():
    assert compare(said("....xx"), said("......", start=4)).faces == 2
    assert compare(said("...."), said("....", start=4)).faces == 0
