"""What leaking test faces into training is worth: the field's usual mistake, made on purpose and measured.

Models that come of it are thrown away: nothing here is ever exported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.random import Generator
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit

from server.training.dataset import digest, read_window, split_rows
from server.training.intervals import Bootstrap
from server.training.recipes import Recipe
from server.vision.classifiers.card import Rate

FOREIGN = "andrewmvd"
COPIED = 0.1
"""The share of scored faces whose copies are put back into training."""
_JPEG_QUALITY = 75


class LeakageError(Exception):
    """Too few faces for the study; the message says how many there are."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Which faces are fitted on, chosen on and scored. copied: of each scored face, whether training holds a copy."""

    name: str
    train: pd.DataFrame
    val: pd.DataFrame
    scored: pd.DataFrame
    copied: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Accuracy of an arrangement's model on its scored faces, on those with a copy, on the rest, on foreign ones."""

    name: str
    trained_on: int
    scored: Rate
    copied: Rate
    rest: Rate
    foreign: Rate


def arrangements(rows: pd.DataFrame, recipe: Recipe, faces: int, folder: Path, seed: int) -> Iterator[Arrangement]:
    """Three ways to split the splits `train` and `val` together, all of `faces` to fit on, a third as many to score.

    By chance; by group, so that near-copies stay on one side; and by group, but with copies, mirrored and encoded
    again, of a tenth of the scored faces in place of as many others in training. folder: where copies are written.
    Raises LeakageError.
    """
    pool = rows[rows.split.isin(("train", "val")) & rows.label.isin(recipe.labels) & (rows.suspect == 0)]
    pool = pool.reset_index(drop=True)
    sizes = {"train": faces, "val": faces // 10, "scored": faces // 3}
    if sum(sizes.values()) > len(pool):
        raise LeakageError(f"There are {len(pool)} faces of the splits train and val; take fewer than {faces}.")
    for name, splitter in (("by chance", ShuffleSplit), ("by group", GroupShuffleSplit)):
        train, val, scored = _split(pool, splitter, sizes, seed)
        yield Arrangement(name, train, val, scored, np.zeros(len(scored), bool))
    rng = np.random.default_rng(seed)
    copied = np.zeros(len(scored), bool)
    copied[rng.choice(len(scored), round(COPIED * len(scored)), replace=False)] = True
    copies = _copies(scored[copied], folder)
    with_copies = pd.concat([train.iloc[len(copies) :], copies], ignore_index=True)
    yield Arrangement("by group, a tenth copied", with_copies, val, scored, copied)


def _split(
    pool: pd.DataFrame, splitter: Callable[..., object], sizes: dict[str, int], seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Scored faces apart from the rest, then those to choose on, cut to the sizes after a shuffle."""
    held: list[pd.DataFrame] = []
    rest = pool
    for name in ("scored", "val"):
        # A little more than is needed: whole groups seldom make a round number.
        share = min(1.2 * sizes[name] / len(rest) + 0.01, 0.5)
        keep, out = next(splitter(n_splits=1, test_size=share, random_state=seed).split(rest, groups=rest.group))  # type: ignore[attr-defined]
        held.append(_sample(rest.iloc[out], sizes[name], seed))
        rest = rest.iloc[keep]
    scored, val = held
    return _sample(rest, sizes["train"], seed), val, scored


def _sample(rows: pd.DataFrame, faces: int, seed: int) -> pd.DataFrame:
    return rows.sample(min(faces, len(rows)), random_state=seed).reset_index(drop=True)


def _copies(rows: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """The rows' windows as public sets hold them a second time: mirrored, encoded again."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, row in enumerate(rows.to_dict("records")):
        window = read_window(row["path"])
        path = folder / f"{number}.jpg"
        mirrored = cv2.cvtColor(np.ascontiguousarray(window[:, ::-1]), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(path), mirrored, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        made.append(row | {"path": str(path), "x": window.shape[1] - row["x"] - row["width"]})
    return pd.DataFrame(made)


def study(
    rows: pd.DataFrame, recipe: Recipe, weights: str | None, faces: int, folder: Path, seed: int
) -> Iterator[Outcome]:
    """Fit the recipe on each arrangement and score it; one that was begun in `folder` goes on there.

    weights: what the network starts from, None for nothing. Raises LeakageError.
    """
    from server.training.batches import PlainBatches
    from server.training.fit import fit

    test = split_rows(rows, "test")
    foreign = test[(test.source == FOREIGN) & test.label.isin(recipe.labels)].reset_index(drop=True)
    for of in arrangements(rows, recipe, faces, folder / "copies", seed):
        # A folder for whatever decides what is learned: another study must not be scored with this one's network.
        decides = (recipe.model_dump_json(), digest(of.train), digest(of.val), weights, seed)
        work = folder / hashlib.sha256(repr(decides).encode()).hexdigest()[:16]
        work.mkdir(parents=True, exist_ok=True)
        model = fit(recipe, of.train, of.val, weights, work, seed)

        def right(rows: pd.DataFrame, model: object = model) -> NDArray[np.bool_]:
            if not len(rows):
                return np.zeros(0, bool)
            batches = PlainBatches(rows, recipe)
            return np.asarray(model.predict(batches, verbose=0).argmax(1) == batches.targets.argmax(1))  # type: ignore[attr-defined]

        on_scored, draws = right(of.scored), Bootstrap(of.scored.group)
        yield Outcome(
            of.name,
            len(of.train),
            draws.rate(on_scored),
            draws.rate(on_scored, of.copied),
            draws.rate(on_scored, ~of.copied),
            Bootstrap(foreign.group).rate(right(foreign)),
        )


def out_of_step(predictions: pd.DataFrame, labels: list[str], rng: Generator) -> NDArray[np.int64]:
    """The confusion matrix that comes of a shuffled generator: predictions in one order, true labels in another.

    A generator that shuffles is asked twice: the network sees its faces in one order, then `labels` are read in the
    order of the files. Every prediction is right for its own face and is compared with another's label.
    """
    seen = rng.permutation(len(predictions))
    return np.asarray(confusion_matrix(predictions.truth, predictions.top.to_numpy()[seen], labels=labels))
