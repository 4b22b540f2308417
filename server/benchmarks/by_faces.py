"""Ways of looking at a picture, timed in turns on the same pictures with ever more faces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from server.benchmarks.samples import interleaved, median

FACES = (1, 4, 16)

Picture = TypeVar("Picture")


@dataclass(frozen=True, slots=True)
class Timing:
    """Of one way with one picture. shown, seen: faces. seconds: the median."""

    shown: int
    seen: int
    seconds: float

    def __str__(self) -> str:
        """Milliseconds, and how many faces they were spent on where these are not all."""
        return f"{self.seconds * 1000:.1f}" + (f" (saw {self.seen})" if self.seen != self.shown else "")


def time_by_faces(
    ways: Mapping[str, Callable[[Picture], int]], pictures: Mapping[int, Picture], rounds: int
) -> dict[str, list[Timing]]:
    """Timings by name, in the order of the pictures.

    ways: from a picture to the number of faces seen. pictures: by the number of faces shown.
    Raises RuntimeError for a way that does not see one face as one: with that its times would say nothing.
    """
    seen = {(name, shown): see(picture) for name, see in ways.items() for shown, picture in pictures.items()}
    for (name, shown), faces in seen.items():
        if shown == 1 and faces != 1:
            raise RuntimeError(f"{name} does not see exactly one face in the benchmark's picture")
    seconds = interleaved({(name, shown): partial(ways[name], pictures[shown]) for name, shown in seen}, rounds)
    return {
        name: [Timing(shown, seen[name, shown], median(seconds[name, shown])) for shown in pictures] for name in ways
    }


def growth(timings: list[Timing]) -> str:
    """How many times the first picture's time the last takes."""
    return f"{timings[-1].seconds / timings[0].seconds:.2f}"
