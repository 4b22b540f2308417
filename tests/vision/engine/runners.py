"""Small pipelines that real workers run in tests: they do what a frame's data tell them, as JSON."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from server.vision.messages import Box, Face, Frame, Refusal, Result

BROKEN = "broken"
"""A file of this name in the models' folder keeps new workers from starting."""


class Obedient:
    """{"touch": PATH} says that the frame arrived; {"do": …} what happens then. A result's width is the worker's id."""

    def warm(self) -> None:
        pass

    def run(self, frame: Frame) -> Result:
        order = json.loads(frame.data)
        if "touch" in order:
            Path(order["touch"]).touch()
        match order.get("do", "answer"):
            case "sleep":
                time.sleep(order["seconds"])
            case "hang":
                while True:
                    time.sleep(1)
            case "crash":
                os.abort()
            case "raise":
                raise RuntimeError("as told")
            case "refuse":
                raise Refusal("not_an_image", "as told")
        face = Face(Box(0.25, 0.25, 0.5, 0.5), 0.9, "with_mask", {"with_mask": 1.0})
        return Result("tiny", "eyes", os.getpid(), 1, (face,), {"decode": 1.0, "total": 1.0})


def obedient(models_dir: Path, model: str, detector: str) -> Obedient:
    if (models_dir / BROKEN).exists():
        raise RuntimeError("The folder is broken; mend it.")
    return Obedient()


def failing(models_dir: Path, model: str, detector: str) -> Obedient:
    raise RuntimeError(f"The weights of {model} are not the card's.")


def crashing(models_dir: Path, model: str, detector: str) -> Obedient:
    os._exit(3)


def sleeping(models_dir: Path, model: str, detector: str) -> Obedient:
    time.sleep(600)
    return Obedient()
