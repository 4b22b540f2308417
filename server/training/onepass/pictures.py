"""Training pictures made of sources: cuts of scenes, four cuts in one, and collages of single faces.

A face is brought to a size drawn log-uniformly, whatever size it was photographed at.
"""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.random import Generator

from server.training.augmentation import blur, recolour, recompress, to_pixels
from server.training.drawn_masks import LABEL, WEARINGS, draw_mask
from server.training.occluders import draw_occluder
from server.training.onepass.hidden import behind, cut_off
from server.training.onepass.recipe import OnepassRecipe
from server.training.onepass.sources import Source, Sources
from server.training.onepass.targets import Truth, clipped, shifted
from server.vision.detectors.onepass import PADDING
from server.vision.detectors.suppression import Floats
from server.vision.messages import Box, Image

LARGEST_SCALE = 3.0
"""No face is enlarged further: there is nothing more to see."""
LEAST_FILLED = 0.8
"""How small a scene may become, as a share of what fits whole into the picture."""
WINDOW = 1.8
"""The side of a window of `faces/` as a multiple of its face."""
MOST_PASTED = 16
NEAR, LARGEST_SHARE = 1 / 3, 1.1
"""Of a near face, and of the largest, as shares of the picture's height."""

Known = tuple[Image, Truth]


def training_picture(sources: Sources, recipe: OnepassRecipe, height: int, width: int, rng: Generator) -> Known:
    """A varied picture uint8 (height, width, 3) and what is known of it."""
    how, mix = recipe.augmentation, recipe.pictures
    kind = rng.choice(3, p=[mix.scene, mix.mosaic, mix.collage])
    draw = (cut_of_scene, mosaic, collage)[kind]
    picture, truth = draw(sources, recipe, height, width, rng)
    if rng.random() < how.flip:
        picture = np.ascontiguousarray(picture[:, ::-1])
        truth = Truth(_flipped(truth.boxes, width), truth.labels, _flipped(truth.ignored, width))
    picture = recolour(picture, how, rng)
    if rng.random() < how.low_resolution:
        shrunk = rng.uniform(1, 2)
        small = cv2.resize(picture, (round(width / shrunk), round(height / shrunk)), interpolation=cv2.INTER_AREA)
        picture = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    if rng.random() < how.blur:
        picture = blur(picture, rng, most=1.5)
    if rng.random() < how.noise:
        noise = rng.standard_normal(picture.shape, np.float32) * np.float32(rng.uniform(2, 12))
        picture = to_pixels(picture + noise)
    if rng.random() < how.jpeg:
        picture = recompress(picture, quality=int(rng.integers(25, 90)))
    return picture, learnable(truth, recipe.pictures.smallest_face)


def cut_of_scene(sources: Sources, recipe: OnepassRecipe, height: int, width: int, rng: Generator) -> Known:
    """A part of a scene in which a face has a size drawn for it, as far as the scene fills the picture.

    Now and then it is something that was taken for a face.
    """
    size = _size(recipe, height, rng)
    if _mistaken(sources, recipe, rng):
        scene, box = sources.mistake(rng, size / LARGEST_SCALE, clear=True)
        image, truth = scene.read(), scene.truth
    else:
        scene, face = sources.scene(rng, size / LARGEST_SCALE)
        image, truth = scene.read(), scene.truth
        box = truth.boxes[face]
        if rng.random() < recipe.augmentation.occluder:
            image = occluded(image, truth, face, recipe, rng)
        if rng.random() < recipe.pictures.cut_off:
            image, truth, box = cut_off(image, truth, face, rng)
    tall, wide = image.shape[:2]
    least = LEAST_FILLED * min(height / tall, width / wide)
    picture, truth = cut(image, truth, box, size, least, height, width, rng)
    degrees = rng.uniform(-1, 1) * recipe.augmentation.rotation
    return turned(picture, truth, degrees) if rng.random() < 0.5 else (picture, truth)


def cut(
    image: Image, truth: Truth, box: Floats, size: float, least: float, height: int, width: int, rng: Generator
) -> Known:
    """A part of a source that shows `box` (4,) whole, its longer side `size` px as far as the largest scale lets.

    least: the smallest scale.
    """
    left, top, right, bottom = box
    scale = min(max(size / max(right - left, bottom - top), least), LARGEST_SCALE)
    tall, wide = image.shape[:2]
    origin = (
        _somewhere(scale * left, scale * right, scale * wide, width, rng),
        _somewhere(scale * top, scale * bottom, scale * tall, height, rng),
    )
    return placed(image, truth, scale, origin, height, width)


def _mistaken(sources: Sources, recipe: OnepassRecipe, rng: Generator) -> bool:
    return sources.clear_mistakes and rng.random() < recipe.pictures.mistaken


def occluded(image: Image, truth: Truth, face: int, recipe: OnepassRecipe, rng: Generator) -> Image:
    """A scene with something before one of its faces, over the mouth of a bare one."""
    left, top, right, bottom = map(float, truth.boxes[face])
    size = max(right - left, bottom - top)
    # Drawn in what surrounds the face alone: a whole scene takes ten times as long.
    x, y = max(int(left - size), 0), max(int(top - size), 0)
    around = image[y : int(bottom + size), x : int(right + size)]
    box = Box(left - x, top - y, right - left, bottom - top)
    bare = truth.labels[face] == recipe.labels.index("without_mask")
    image = image.copy()
    image[y : y + around.shape[0], x : x + around.shape[1]] = draw_occluder(around, box, over_mouth=bare, rng=rng)
    return image


def _size(recipe: OnepassRecipe, height: int, rng: Generator) -> float:
    """What a face's longer side is brought to: so often that of a near face, of any size else."""
    most = LARGEST_SHARE * height
    if rng.random() < recipe.pictures.near:
        return _log_uniform(NEAR * height, most, rng)
    return _log_uniform(recipe.pictures.least_face, min(recipe.pictures.most_face, most), rng)


def _somewhere(start: float, end: float, whole: float, room: float, rng: Generator) -> float:
    """Where a scaled scene begins, so that its stretch from start to end is seen and little of the room stays empty."""
    least, most = sorted((0.0, room - whole))
    # As far as the face lies inside; a face larger than the room stands in its middle.
    inside = sorted((-start, room - end))
    least, most = max(least, min(inside[0], most)), min(most, max(inside[1], least))
    return float(rng.uniform(least, max(least, most)))


def mosaic(sources: Sources, recipe: OnepassRecipe, height: int, width: int, rng: Generator) -> Known:
    """Four or nine cuts of scenes side by side."""
    count = rng.choice([2, 3], p=[0.7, 0.3])
    picture = np.empty((height, width, 3), np.uint8)
    truths = []
    rows, columns = _divided(height, count, rng), _divided(width, count, rng)
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            part, truth = cut_of_scene(sources, recipe, bottom - top, right - left, rng)
            picture[top:bottom, left:right] = part
            truths.append(shifted(truth, left, top))
    return picture, together(truths)


def _divided(length: int, count: int, rng: Generator) -> list[int]:
    parts = rng.uniform(0.7, 1.3, count)
    return [0, *np.rint(np.cumsum(parts / parts.sum()) * length).astype(int).tolist()]


def collage(sources: Sources, recipe: OnepassRecipe, height: int, width: int, rng: Generator) -> Known:
    """Single faces, all of about one size, pasted on a scene where it has no faces."""
    picture, scene = cut_of_scene(sources, recipe, height, width, rng)
    size = _size(recipe, height, rng)
    tile = WINDOW * size
    if tile > height:  # one face that fills most of the picture: whoever stood behind is hidden or cut
        scene = Truth(scene.boxes[:0], [], np.concatenate([scene.ignored, scene.boxes]))
    rows, columns = max(int(height / tile), 1), max(int(width / tile), 1)
    taken = np.concatenate([scene.boxes, scene.ignored])
    truths = [scene]
    for row, column in (divmod(int(place), columns) for place in rng.permutation(rows * columns)[:MOST_PASTED]):
        left, top = round(column * width / columns), round(row * height / rows)
        right, bottom = min(round(left + tile), width), min(round(top + tile), height)
        inside = (taken[:, :2] < (right, bottom)) & (taken[:, 2:] > (left, top))
        if tile <= height and inside.all(axis=1).any():
            continue
        part, truth = _tile(sources, recipe, size * np.exp(rng.uniform(-0.2, 0.05)), bottom - top, right - left, rng)
        tall, wide = part.shape[:2]
        top, left = int(rng.integers(top, bottom - tall + 1)), int(rng.integers(left, right - wide + 1))
        picture[top : top + tall, left : left + wide] = part
        truths.append(shifted(truth, left, top))
    return picture, together(truths)


def _tile(sources: Sources, recipe: OnepassRecipe, size: float, height: int, width: int, rng: Generator) -> Known:
    """A face, or something taken for one, with what surrounds it; of at most this height and width."""
    if _mistaken(sources, recipe, rng):
        scene, box = sources.mistake(rng, size / LARGEST_SCALE, clear=True)
        return cut(scene.read(), scene.truth, box, size, 0.0, height, width, rng)
    window = sources.window(rng)
    pixels, label = dressed(sources, window, recipe, rng)
    known = Truth(window.truth.boxes, [label], window.truth.ignored)
    if rng.random() < recipe.pictures.behind:
        before = sources.window(rng)
        pixels, known = behind(pixels, known, before.read(), before.truth.boxes[0], before.truth.labels[0], rng)
    scale = min(size / window.box.size, LARGEST_SCALE)
    tall = min(max(round(pixels.shape[0] * scale), 1), height)
    wide = min(max(round(pixels.shape[1] * scale), 1), width)
    return cut(pixels, known, window.truth.boxes[0], size, 0.0, tall, wide, rng)


def dressed(sources: Sources, window: Source, recipe: OnepassRecipe, rng: Generator) -> tuple[Image, int]:
    """A window's pixels and its face's label, after something was drawn over the face now and then.

    A mask on a bare face makes another label; a hand or a cup before it does not.
    """
    pixels, label = window.read(), window.truth.labels[0]
    bare = recipe.labels.index("without_mask")
    if label == bare and rng.random() < recipe.pictures.drawn_masks:
        points = sources.points(window, pixels)
        if points is not None:
            wearing = rng.choice(WEARINGS, p=[getattr(recipe.pictures, name) for name in WEARINGS])
            pixels, label = draw_mask(pixels, points, wearing, rng), recipe.labels.index(LABEL[wearing])
    if rng.random() < recipe.augmentation.occluder:
        pixels = draw_occluder(pixels, window.box, over_mouth=label == bare, rng=rng)
    return pixels, label


def placed(image: Image, truth: Truth, scale: float, origin: tuple[float, float], height: int, width: int) -> Known:
    """A source scaled, its upper left corner at `origin` (x, y) of a picture; grey where it does not reach."""
    full = max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1)
    exact = full[0] / image.shape[1], full[1] / image.shape[0]
    left, top = round(origin[0]), round(origin[1])
    # Only what will be seen is resized: a large scale must not make a huge picture.
    seen = [max(-left, 0), max(-top, 0), min(width - left, full[0]), min(height - top, full[1])]
    picture = np.full((height, width, 3), PADDING, np.uint8)
    if seen[2] > seen[0] and seen[3] > seen[1]:
        matrix = np.array(
            [[1 / exact[0], 0, (0.5 + seen[0]) / exact[0] - 0.5], [0, 1 / exact[1], (0.5 + seen[1]) / exact[1] - 0.5]]
        )
        if scale < 1:
            resized = cv2.resize(image, full, interpolation=cv2.INTER_AREA)
            part = resized[seen[1] : seen[3], seen[0] : seen[2]]
        else:
            part = cv2.warpAffine(
                image,
                matrix,
                (seen[2] - seen[0], seen[3] - seen[1]),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
        picture[top + seen[1] : top + seen[3], left + seen[0] : left + seen[2]] = part
    factor, offset = np.tile(np.array(exact, np.float32), 2), np.tile(np.array((left, top), np.float32), 2)
    moved = Truth(truth.boxes * factor + offset, truth.labels, truth.ignored * factor + offset)
    return picture, clipped(moved, height, width)


def turned(picture: Image, truth: Truth, degrees: float) -> Known:
    """A picture turned about its middle; boxes keep their size and go with their faces."""
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    border = (PADDING,) * 3
    turned_picture = cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=border)

    def with_faces(boxes: np.ndarray) -> np.ndarray:
        middles, halves = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
        middles = middles @ turn[:, :2].T.astype(np.float32) + turn[:, 2].astype(np.float32)
        return np.concatenate([middles - halves, middles + halves], axis=1)

    moved = Truth(with_faces(truth.boxes), truth.labels, with_faces(truth.ignored))
    return turned_picture, clipped(moved, height, width)


def learnable(truth: Truth, smallest: float) -> Truth:
    """Faces too small to be seen become regions where nobody looks."""
    large = (truth.boxes[:, 2:] - truth.boxes[:, :2]).max(axis=1, initial=0) >= smallest
    return Truth(
        truth.boxes[large],
        [label for label, kept in zip(truth.labels, large, strict=True) if kept],
        np.concatenate([truth.ignored, truth.boxes[~large]]),
    )


def together(truths: list[Truth]) -> Truth:
    return Truth(
        np.concatenate([truth.boxes for truth in truths]),
        [label for truth in truths for label in truth.labels],
        np.concatenate([truth.ignored for truth in truths]),
    )


def _flipped(boxes: np.ndarray, width: int) -> np.ndarray:
    return np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1)


def _log_uniform(least: float, most: float, rng: Generator) -> float:
    return float(np.exp(rng.uniform(np.log(min(least, most)), np.log(most))))
