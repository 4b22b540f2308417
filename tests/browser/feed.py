"""Films for Chromium's fake camera, made from a portrait that may be shown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from server.training.portrait import FACE, masked_portrait, portrait
from server.vision.messages import Box, Image

BIT_PX = 16
BITS = 8
NOSE_OUT_PX = 25


@dataclass(frozen=True, slots=True)
class Film:
    """The portrait drifting slowly, bare for the first half and masked for the second; Chromium loops it.

    size: pixels (width, height). frames: at the 30 a second that Chromium plays MJPEG at; at most 256.
    scale: of the portrait. numbered: each frame carries its number as black and white blocks at its upper
    left corner, so that a test can tell which frame the page shows; at the lower one they gave a sleeve an outline that
    was taken for a face's.
    """

    size: tuple[int, int] = (640, 480)
    frames: int = 240
    scale: float = 1.4
    numbered: bool = True

    def face(self, index: int) -> Box:
        """Where the face is in a frame, in pixels."""
        left, top = self._offset(index)
        box = FACE.scaled(self.scale, self.scale)
        return Box(box.x - left, box.y - top, box.width, box.height)

    def label(self, index: int) -> str:
        """The true label of a frame."""
        return "without_mask" if index < self.frames // 2 else "with_mask"

    def pictures(self) -> Iterator[Image]:
        """All frames: (height, width, 3), uint8, RGB."""
        width, height = self.size
        bare, masked = (
            cv2.resize(picture, None, fx=self.scale, fy=self.scale, interpolation=cv2.INTER_CUBIC)
            for picture in (portrait(), masked_portrait())
        )
        for index in range(self.frames):
            left, top = self._offset(index)
            whole = bare if self.label(index) == "without_mask" else masked
            frame = np.array(whole[top : top + height, left : left + width], dtype=np.uint8)
            if self.numbered:
                _write_number(frame, index)
            yield frame

    def write(self, path: Path) -> Path:
        """Write the film as MJPEG, which is JPEGs one after the other; returns `path`."""
        with path.open("wb") as file:
            for frame in self.pictures():
                file.write(jpeg(frame))
        return path

    def _offset(self, index: int) -> tuple[int, int]:
        """The corner of the window that wanders over the enlarged portrait, in pixels."""
        room = int(512 * self.scale) - self.size[0]
        turn = 2 * math.pi * index / self.frames
        return round(room * (0.5 - 0.5 * math.cos(turn))), round(20 - 20 * math.cos(2 * turn))


def nose_out() -> Image:
    """The portrait with the drawn mask pulled down under the nose: (512, 512, 3), uint8, RGB."""
    bare, masked = portrait(), masked_portrait()
    worn = np.roll((bare != masked).any(axis=2), NOSE_OUT_PX, axis=0)
    bare[worn] = np.roll(masked, NOSE_OUT_PX, axis=0)[worn]
    return bare


def two_people() -> Image:
    """A bare face on the left and a masked one on the right: (360, 640, 3), uint8, RGB."""
    return np.concatenate([picture[20:380, 80:400] for picture in (portrait(), masked_portrait())], axis=1)


def nobody() -> Image:
    """A wall: (480, 640, 3), uint8, RGB."""
    return np.full((480, 640, 3), (188, 182, 170), np.uint8)


def write_still(picture: Image, path: Path) -> Path:
    """Write one picture as a film that stands still; returns `path`."""
    path.write_bytes(jpeg(picture) * 30)
    return path


def write_film(path: Path, pictures: Sequence[Image], fps: int = 10) -> Path:
    """Write RGB pictures, each with its number, as a WebM to be given to the page; returns `path`."""
    height, width = pictures[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"VP80"), fps, (width, height))  # type: ignore[attr-defined]
    assert writer.isOpened()
    for number, picture in enumerate(pictures):
        frame = np.ascontiguousarray(picture[..., ::-1])
        _write_number(frame, number)
        writer.write(frame)
    writer.release()
    return path


def jpeg(image: Image, quality: int = 85) -> bytes:
    """An RGB picture as JPEG."""
    done, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return data.tobytes()


def _write_number(frame: Image, number: int) -> None:
    for bit in range(BITS):
        value = 255 if number >> bit & 1 else 0
        frame[:BIT_PX, bit * BIT_PX : (bit + 1) * BIT_PX] = value


READ_NUMBER = f"""() => {{
    const video = document.querySelector("video");
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    const context = canvas.getContext("2d", {{ willReadFrequently: true }});
    context.drawImage(video, 0, 0);
    let number = 0;
    for (let bit = 0; bit < {BITS}; bit += 1) {{
        const x = bit * {BIT_PX} + {BIT_PX // 2};
        const [red] = context.getImageData(x, {BIT_PX // 2}, 1, 1).data;
        if (red > 127) number |= 1 << bit;
    }}
    return number;
}}"""
"""JavaScript that tells which frame of a numbered film the page's video shows."""
