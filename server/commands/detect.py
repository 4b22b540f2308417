"""Check photos, folders of photos and video files; write what was seen as JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import click
import cv2
from PIL import Image as Pictures

from server.settings import load
from server.vision.annotate import annotated
from server.vision.catalogue import CatalogueError, standard_detector
from server.vision.classifiers.card import CardError
from server.vision.detectors.packages import PackageError
from server.vision.engine.inline import InlineEngine
from server.vision.frame import decode
from server.vision.messages import Frame, Image, Refusal, Result
from server.vision.pipeline import standard
from server.web.answers import result_json

PHOTOS = {".jpg", ".jpeg", ".png", ".webp"}
VIDEOS = {".mp4", ".mkv", ".mov", ".avi", ".webm", ".m4v", ".mjpeg"}
COMPLETE = 0.95
"""The share of the frames promised that a whole film holds: headers tell them roughly."""
MAX_SIDE = 16_384
"""Pixels: these are one's own pictures, and cameras make larger ones than the server takes from strangers."""


@click.command(help=__doc__)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for annotated copies.")
@click.option("--json", "lines", type=click.File("w"), default="-", help="File for the JSON lines [default: screen].")
@click.option("--model", help="Mask classifier instead of the default.")
@click.option("--detector", help="Face detector instead of the default.")
@click.option("--min-score", type=click.FloatRange(0, 1), help="Least face score instead of the detector's own.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    out: Path | None,
    lines: IO[str],
    model: str | None,
    detector: str | None,
    min_score: float | None,
) -> None:
    settings = load({"model": model, "detector": detector, "min_score": min_score}).settings
    try:
        detector = settings.detector or standard_detector(settings.models_dir)
        pipeline = standard(settings.models_dir, settings.model, detector, max_side=MAX_SIDE)
        pipeline.warm()
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
    except (CardError, CatalogueError, PackageError, OSError) as error:
        raise click.ClickException(str(error)) from None
    checker = Checker(InlineEngine(pipeline), settings.min_score, lines, out)
    files = list(found_files(paths, checker.broken))
    checker.taken.update(file.resolve() for file, _ in files)
    pictures = {file: pictures_in(file) for file, _ in files}
    with click.progressbar(length=sum(pictures.values()), label="Checking", file=sys.stderr) as bar:
        for file, relative in files:
            if is_video(file):
                checker.video(file, relative, pictures[file], bar.update)
            else:
                checker.photo(file, relative)
                bar.update(1)
    for file, why in checker.broken.items():
        click.echo(f"{file}: {why}", err=True)
    if checker.broken:
        ctx.exit(1)


def found_files(paths: tuple[Path, ...], broken: dict[Path, str]) -> Iterator[tuple[Path, Path]]:
    """The photos and videos named or lying in the folders named, each with its path for `--out`."""
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if _is_known(file))
            if not inside:
                broken[path] = "holds no photo or video (" + " ".join(sorted(PHOTOS | VIDEOS)) + ")."
            yield from ((file, file.relative_to(path)) for file in inside)
        elif path.is_file():
            yield path, Path(path.name)
        else:
            broken[path] = "does not exist."


def is_video(file: Path) -> bool:
    return file.suffix.lower() in VIDEOS


def pictures_in(file: Path) -> int:
    """How many pictures a file holds, as far as its header tells; at least 1."""
    if not is_video(file):
        return 1
    film = cv2.VideoCapture(str(file))
    frames = int(film.get(cv2.CAP_PROP_FRAME_COUNT))
    film.release()
    return max(frames, 1)


def _is_known(file: Path) -> bool:
    return file.suffix.lower() in PHOTOS | VIDEOS and file.is_file()


@dataclass
class Checker:
    """Runs files through an engine; notes in `broken` which could not be read or copied, and why.

    taken: files that no annotated copy may replace: what was handed in, and the copies made so far.
    """

    engine: InlineEngine
    min_score: float | None
    lines: IO[str]
    out: Path | None
    broken: dict[Path, str] = field(default_factory=dict)
    taken: set[Path] = field(default_factory=set)

    def photo(self, file: Path, relative: Path) -> None:
        try:
            data = file.read_bytes()
            result = self._check(data)
        except (Refusal, OSError) as error:
            self.broken[file] = str(error)
            return
        self._write(file, result)
        if self.out is None:
            return
        ending = relative.suffix if relative.suffix.lower() in PHOTOS else ".jpg"
        try:
            Pictures.fromarray(_marked(data, result)).save(self._target(relative.with_suffix(ending)), quality=92)
        except OSError as error:
            self.broken[file] = f"its annotated copy could not be written: {error}"

    def video(self, file: Path, relative: Path, expected: int, done: Callable[[int], None]) -> None:
        """expected: frames that its header promises; done: told of each frame, `expected` in all."""
        film = cv2.VideoCapture(str(file))
        rate = film.get(cv2.CAP_PROP_FPS) or 25.0
        writer: cv2.VideoWriter | None = None
        number = 0
        try:
            while True:
                there, frame = film.read()
                if not there:
                    break
                # Encoded again, so that a film takes the very way that camera frames take.
                data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
                result = self._check(data)
                self._write(file, result, frame=number, seconds=round(number / rate, 3))
                if self.out is not None and file not in self.broken:
                    writer = writer or self._film(file, relative, rate, result)
                    writer.write(cv2.cvtColor(_marked(data, result), cv2.COLOR_RGB2BGR))
                number += 1
                done(int(number <= expected))
        except Refusal as refusal:
            self.broken[file] = f"frame {number}: {refusal}"
        finally:  # a film that is not closed cannot be played, even when Ctrl-C ended it
            film.release()
            if writer is not None:
                writer.release()
        done(max(expected - number, 0))
        if not number:
            self.broken.setdefault(file, "no frame could be read; convert it to MP4 (H.264).")
        elif number < COMPLETE * expected:
            self.broken.setdefault(file, f"ends after {number} of about {expected} frames; it may have been cut off.")

    def _film(self, file: Path, relative: Path, rate: float, result: Result) -> cv2.VideoWriter:
        writer = cv2.VideoWriter()
        try:
            target = self._target(relative.with_suffix(".mp4"))
            writer.open(str(target), cv2.VideoWriter.fourcc(*"mp4v"), rate, (result.width, result.height))
        except OSError as error:
            self.broken[file] = f"its annotated copy could not be written: {error}"
        if not writer.isOpened():
            self.broken.setdefault(file, "its annotated copy could not be written.")
        return writer

    def _check(self, data: bytes) -> Result:
        return self.engine.submit(Frame(data, client="file", min_score=self.min_score)).result()

    def _write(self, file: Path, result: Result, **more: Any) -> None:
        self.lines.write(json.dumps({"file": str(file), **more, **result_json(result)}) + "\n")
        self.lines.flush()

    def _target(self, relative: Path) -> Path:
        """Where an annotated copy goes; a second one of the same name gets a number."""
        assert self.out is not None
        wanted, number = self.out / relative, 1
        target = wanted
        while target.resolve() in self.taken:
            number += 1
            target = wanted.with_stem(f"{wanted.stem}-{number}")
        self.taken.add(target.resolve())
        target.parent.mkdir(parents=True, exist_ok=True)
        return target


def _marked(data: bytes, result: Result) -> Image:
    return annotated(decode(data, MAX_SIDE), result.faces)
