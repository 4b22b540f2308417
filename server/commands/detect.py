"""Check photos, folders of photos and video files; write what was seen as JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import click
import cv2
from PIL import Image as Pictures

from server.settings import load
from server.vision.annotate import annotated
from server.vision.catalogue import CatalogueError
from server.vision.classifiers.card import CardError
from server.vision.engine.inline import InlineEngine
from server.vision.frame import decode
from server.vision.messages import Frame, Refusal, Result
from server.vision.pipeline import standard
from server.web.answers import result_json

PHOTOS = {".jpg", ".jpeg", ".png", ".webp"}
VIDEOS = {".mp4", ".mkv", ".mov", ".avi", ".webm", ".m4v", ".mjpeg"}


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
        engine = InlineEngine(standard(settings.models_dir, settings.model, settings.detector))
    except (CardError, CatalogueError) as error:
        raise click.ClickException(str(error)) from None
    checker = Checker(engine, settings.min_score, lines, out)
    files = list(found_files(paths, checker.broken))
    with click.progressbar(files, label="Checking", file=sys.stderr) as bar:
        for file, relative in bar:
            if file.suffix.lower() in VIDEOS:
                checker.video(file, relative)
            else:
                checker.photo(file, relative)
    for file, why in checker.broken.items():
        click.echo(f"{file}: {why}", err=True)
    if checker.broken:
        ctx.exit(1)


def found_files(paths: tuple[Path, ...], broken: dict[Path, str]) -> Iterator[tuple[Path, Path]]:
    """The photos and videos named or lying in the folders named, each with its path for `--out`."""
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in PHOTOS | VIDEOS)
            if not inside:
                broken[path] = "holds no photo or video (" + " ".join(sorted(PHOTOS | VIDEOS)) + ")."
            yield from ((file, file.relative_to(path)) for file in inside)
        elif path.is_file():
            yield path, Path(path.name)
        else:
            broken[path] = "does not exist."


@dataclass
class Checker:
    """Runs files through an engine; notes in `broken` which could not be read, and why."""

    engine: InlineEngine
    min_score: float | None
    lines: IO[str]
    out: Path | None
    broken: dict[Path, str] = field(default_factory=dict)

    def photo(self, file: Path, relative: Path) -> None:
        try:
            data = file.read_bytes()
            result = self._check(data)
        except (Refusal, OSError) as error:
            self.broken[file] = str(error)
            return
        self._write(file, result)
        if self.out is not None:
            target = self._target(relative)
            Pictures.fromarray(annotated(decode(data), result.faces)).save(target, quality=92)

    def video(self, file: Path, relative: Path) -> None:
        film = cv2.VideoCapture(str(file))
        rate = film.get(cv2.CAP_PROP_FPS) or 25.0
        writer: cv2.VideoWriter | None = None
        number = 0
        while True:
            there, frame = film.read()
            if not there:
                break
            # Encoded again, so that a film takes the very way that camera frames take.
            data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
            result = self._check(data)
            self._write(file, result, frame=number, seconds=round(number / rate, 3))
            if self.out is not None:
                if writer is None:
                    target = str(self._target(relative.with_suffix(".mp4")))
                    code = cv2.VideoWriter.fourcc(*"mp4v")
                    writer = cv2.VideoWriter(target, code, rate, (result.width, result.height))
                writer.write(cv2.cvtColor(annotated(decode(data), result.faces), cv2.COLOR_RGB2BGR))
            number += 1
        film.release()
        if writer is not None:
            writer.release()
        if not number:
            self.broken[file] = "no frame could be read; convert it to MP4 (H.264)."

    def _check(self, data: bytes) -> Result:
        return self.engine.submit(Frame(data, client="file", min_score=self.min_score)).result()

    def _write(self, file: Path, result: Result, **more: Any) -> None:
        self.lines.write(json.dumps({"file": str(file), **more, **result_json(result)}) + "\n")
        self.lines.flush()

    def _target(self, relative: Path) -> Path:
        assert self.out is not None
        target = self.out / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        return target
