"""Draw a heat map over each face of a photo: which parts of it decided."""

from __future__ import annotations

import sys
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from server.vision.messages import Box, Image

    Look = Callable[[Image, Box, str], NDArray[np.float32]]


@click.command(help=__doc__)
@click.argument("photo", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--model", help="Mask classifier instead of the default; one that finds faces itself cannot be looked into."
)
@click.option("--detector", help="Face detector instead of the default.")
@click.option(
    "--grad-cam",
    is_flag=True,
    help="Ask the network's last feature maps instead (Grad-CAM); needs the model's training under RUNS.",
)
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Work folder.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The picture to write [default: NAME-MODEL.png, or NAME-MODEL-grad-cam.png, in the current folder].",
)
def command(photo: Path, model: str | None, detector: str | None, grad_cam: bool, runs: Path, out: Path | None) -> None:
    from PIL import Image as Pictures

    from server.settings import load
    from server.vision.annotate import annotated
    from server.vision.catalogue import STANDARD_MODEL, CatalogueError, standard_detector
    from server.vision.classifiers.card import CardError
    from server.vision.classifiers.litert import load_classifier
    from server.vision.detectors.packages import PackageError
    from server.vision.frame import decode
    from server.vision.heatmap import heated, seen_square, sensitivity
    from server.vision.messages import Frame, Refusal
    from server.vision.pipeline import standard

    settings = load({"model": model, "detector": detector}).settings
    try:
        data = photo.read_bytes()
        detector = settings.detector or standard_detector(settings.models_dir)
        pipeline = standard(settings.models_dir, settings.model, detector)
        card, _ = pipeline.catalogue.choose(None, None)
        if card.one_stage:
            # It looks at whole pictures: what of them made a face's label cannot be tried by covering parts of a crop.
            pipeline = standard(settings.models_dir, STANDARD_MODEL, detector)
            card, _ = pipeline.catalogue.choose(None, None)
        result = pipeline.run(Frame(data, client="explain"))
        classifier = load_classifier(settings.models_dir / card.name)
    except (CardError, CatalogueError, OSError, PackageError, Refusal) as error:
        raise click.ClickException(str(error)) from None
    if not result.faces:
        raise click.ClickException(f"no face was found in {photo}: take a larger one, or another --detector.")
    image = decode(data)
    look: Look = partial(sensitivity, classifier)
    if grad_cam:
        from server.training.gradcam import GradCam
        from server.training.run import RunError

        try:
            look = GradCam(runs / card.name, classifier.card).sensitivity
        except RunError as error:
            raise click.ClickException(str(error)) from None
    canvas = image
    with click.progressbar(result.faces, label="Looking", file=sys.stderr) as faces:
        for face in faces:
            likeliest = max(face.probabilities.items(), key=itemgetter(1))[0]
            box = face.box.scaled(result.width, result.height)
            lost = look(image, box, likeliest)
            canvas = heated(canvas, seen_square(box, classifier.card.preprocessing.crop_margin), lost)
    out = out or Path(f"{photo.stem}-{card.name}{'-grad-cam' if grad_cam else ''}.png")
    try:
        Pictures.fromarray(annotated(canvas, result.faces)).save(out)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{out} could not be written: {error}") from None
    click.echo(f"{out}: {len(result.faces)} face{'s' if len(result.faces) > 1 else ''}, bright where it decided.")
