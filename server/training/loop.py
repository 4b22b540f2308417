"""The loop of every training: epochs logged, the best one kept, an interrupted one gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import keras
import numpy as np
import pandas as pd

from server.training.run import BEST


class Batches(Protocol):
    """What is learned from: drawn anew each epoch, from seed, epoch and place alone."""

    epoch: int

    def __len__(self) -> int: ...


class Rules(Protocol):
    """What a recipe says of its epochs."""

    @property
    def epochs(self) -> int: ...
    @property
    def best_by(self) -> str: ...
    @property
    def patience(self) -> int | None: ...


def loop(
    model: keras.Model,
    batches: Batches,
    val: keras.utils.PyDataset | None,
    rules: Rules,
    folder: Path,
    *,
    scoring: Sequence[keras.callbacks.Callback] = (),
    afterwards: Sequence[keras.callbacks.Callback] = (),
) -> Path:
    """Train a compiled model and return the weights' file of the epoch that is best by `rules.best_by`.

    folder: holds `log.csv` (a row an epoch), `best.weights.h5` and, until the end, a checkpoint an epoch;
    called again with the same folder after an interruption, goes on from the last whole epoch, or, where
    all are done, does nothing. scoring: run at an epoch's end before it is judged and logged; afterwards: after
    that, before the checkpoint is written.
    """
    best = folder / BEST
    done = _measures(folder, rules)
    if len(done) >= rules.epochs or stale(done, rules.patience):
        return best

    def stop_where_stale(_epoch: int, _logs: object) -> None:
        model.stop_training = stale(_measures(folder, rules), rules.patience)

    model.fit(
        batches,
        epochs=rules.epochs,
        validation_data=val,
        callbacks=[
            keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _logs: setattr(batches, "epoch", epoch)),
            *scoring,
            keras.callbacks.ModelCheckpoint(
                str(best),
                monitor=rules.best_by,
                mode="max" if _sign(rules) > 0 else "min",
                save_best_only=True,
                save_weights_only=True,
                initial_value_threshold=_sign(rules) * max(done) if done else None,
            ),
            keras.callbacks.CSVLogger(str(folder / "log.csv"), append=True),
            keras.callbacks.LambdaCallback(on_epoch_end=stop_where_stale),
            *afterwards,
            # Last: an epoch counts as done once its log and its best weights are written.
            keras.callbacks.BackupAndRestore(str(folder / "checkpoint")),
        ],
    )
    return best


def stale(measures: Sequence[float], patience: int | None) -> bool:
    """Whether the first best epoch lies `patience` epochs back or more.

    measures: of each epoch, the higher the better; from the log, so that a restart forgets nothing.
    """
    if patience is None or not measures:
        return False
    return len(measures) - 1 - int(np.argmax(measures)) >= patience


def logged(folder: Path) -> list[dict[str, float]]:
    """The figures of each epoch done so far, as Keras logs them: `epoch`, and those of train and (`val_`) of val."""
    log = folder / "log.csv"
    return pd.read_csv(log).to_dict("records") if log.is_file() else []


def _measures(folder: Path, rules: Rules) -> list[float]:
    """What epochs are compared by, of each done so far, the higher the better."""
    return [_sign(rules) * epoch[rules.best_by] for epoch in logged(folder)]


def _sign(rules: Rules) -> int:
    return -1 if rules.best_by.endswith("loss") else 1
