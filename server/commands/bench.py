"""Measure: frame path against the field's, start and memory, many clients, a real browser."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

BY_DEFAULT = ("frame", "start", "load", "page")
PARTS = (*BY_DEFAULT, "accuracy")


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option(
    "--peers",
    type=click.Path(path_type=Path),
    default=Path("../shared/peers"),
    show_default=True,
    help="Folder with the peers' weights, for `frame` and `accuracy`.",
)
@click.option(
    "--scores",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("runs/scenes-test.csv"),
    show_default=True,
    help="What `evaluate-scenes` wrote, for `accuracy`.",
)
@click.option(
    "--chart",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("docs/time-and-accuracy.svg"),
    show_default=True,
    help="Where `accuracy` draws its figures.",
)
@click.option("--rounds", default=60, show_default=True, help="Frames each, for `frame` and `accuracy`.")
@click.option("--seconds", default=8.0, show_default=True, help="Length of each crowd of `load`, and of `page`.")
def command(parts: tuple[str, ...], peers: Path, scores: Path, chart: Path, rounds: int, seconds: float) -> None:
    """Measure PARTS and print tables in Markdown; by default all but `accuracy`, which reads what `evaluate-scenes`
    wrote.

    Trust the ratios within a run, not milliseconds from different ones. Needs the packages of
    requirements/dev.txt (`make test` installs them) and, for `page`, Chromium.
    """
    from server.settings import Settings
    from server.vision.catalogue import BORROWED_DETECTOR, standard_detector

    models_dir = Path(str(Settings.model_fields["models_dir"].default))
    detectors = list(dict.fromkeys(["blazeface-back", BORROWED_DETECTOR, standard_detector(models_dir)]))
    try:
        for part in parts or BY_DEFAULT:
            if part == "accuracy":
                _accuracy(models_dir, peers, scores, chart, rounds)
            else:
                _run(part, models_dir, detectors, peers, rounds, seconds)
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is missing: pip install -r requirements.txt -r requirements/dev.txt"
        ) from None
    except RuntimeError as error:  # a server that does not start, a face that is not seen: said for people
        raise click.ClickException(str(error)) from None


def _run(part: str, models_dir: Path, detectors: list[str], peers: Path, rounds: int, seconds: float) -> None:
    if part == "frame":
        _frame(models_dir, peers, rounds)
    elif part == "start":
        from server.benchmarks import start

        head = ["detector", "s to first answer", "MB resident, two workers", "TensorFlow loaded"]
        _table("Start and memory", head, start.compare(detectors, rounds=3))
    elif part == "load":
        from server.benchmarks import load

        head = ["clients", "mode", "answers a second", "median ms", "95th percentile ms", "drops"]
        _table("Clients asking for 10 frames a second each", head, load.compare((1, 4, 8, 12), seconds, rounds=3))
    else:
        from server.benchmarks import page

        if not Path(page.CHROMIUM).is_file():
            raise click.ClickException(f"`page` needs Chromium at {page.CHROMIUM} (Debian: apt-get install chromium).")
        head = ["detector", "median ms", "95th percentile ms", "frames", "a second"]
        with tempfile.TemporaryDirectory() as folder:
            rows = [page.measure(Path(folder), seconds, detector) for detector in detectors]
        _table("Chromium: capture to boxes drawn", head, rows)


def _frame(models_dir: Path, peers: Path, rounds: int) -> None:
    from server.benchmarks import detectors_alone, frame_path
    from server.benchmarks.by_faces import FACES
    from server.training.peers import PeersMissingError
    from server.vision.catalogue import CatalogueError
    from server.vision.classifiers.card import CardError

    paths = frame_path.at_hand(models_dir)
    for detector, model in frame_path.PATHS:
        if (detector, model) not in paths:
            click.echo(f"{detector} is left out: {models_dir / detector / 'card.json'} is not there.", err=True)
    shown = [f"{faces} face{'s' if faces > 1 else ''}" for faces in FACES]
    milliseconds, growth = [f"{faces}, ms" for faces in shown], f"{shown[-1]} to one"
    try:
        rows = frame_path.compare(models_dir, paths, peers, rounds)
        head = ["path", *milliseconds, *(f"{faces}, times faster" for faces in shown), growth]
        _table("From a JPEG of 640x480 to named faces, one thread", head, rows)
        rows = detectors_alone.compare([detector for detector, _ in paths], models_dir, peers, rounds)
        head = [
            "detector",
            "answers",
            *milliseconds,
            *(f"{faces}, to {detectors_alone.UNIT}" for faces in shown),
            growth,
        ]
        _table("Detectors alone, the same pictures decoded, one thread", head, rows)
    except (CardError, CatalogueError, PeersMissingError) as error:
        raise click.ClickException(str(error)) from None


def _accuracy(models_dir: Path, peers: Path, scores: Path, chart: Path, rounds: int) -> None:
    from server.benchmarks import accuracy, detectors_alone
    from server.training.peers import PeersMissingError
    from server.training.pictures.cost import cost
    from server.vision.catalogue import CatalogueError
    from server.vision.classifiers.card import CardError
    from server.vision.detectors import UnknownDetector

    try:
        rows = accuracy.compare(scores, models_dir, peers, rounds)
        cost(chart, rows, "onepass")
    except (
        accuracy.ScoresMissingError,
        CardError,
        CatalogueError,
        OSError,
        PeersMissingError,
        UnknownDetector,
    ) as error:
        raise click.ClickException(str(error)) from None
    title = f"Time, {detectors_alone.UNIT} = 1, beside what is right of faces of {accuracy.SIZE} px and more"
    _table(title, accuracy.head(rows), accuracy.table(rows))
    click.echo(f"\nDrawn in {chart}.")


def _table(title: str, head: list[str], rows: list[list[str]]) -> None:
    lines = [head, ["---"] * len(head), *rows]
    click.echo(f"\n### {title}\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines))
