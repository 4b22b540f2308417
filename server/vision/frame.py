"""From the bytes of a picture to its pixels, checked before anything is decoded."""

from __future__ import annotations

import warnings
from io import BytesIO

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from server.vision.limits import MAX_SIDE
from server.vision.messages import Image, Refusal
from server.vision.structure import check_jpeg, check_png

# Pillow inflates up to 64 MB of a PNG's text before it gives up, a fifth of a second; no pixel needs any of it.
PngImagePlugin.MAX_TEXT_MEMORY = 2**21

_EXIF_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}


def decode(data: bytes, max_side: int = MAX_SIDE) -> Image:
    """Decode a JPEG, PNG or WebP picture, upright.

    Width and height come from the header and are checked first: a decompression bomb costs nothing. Colours
    become RGB of 8 bits, transparency is dropped, of an animation the first picture is taken.

    data: the encoded picture. max_side: the greatest width and height in pixels.
    Returns (height, width, 3), uint8, RGB.
    Raises Refusal: `no_image` for no bytes, `too_large`, `not_an_image` for other formats and broken data.
    """
    if not data:
        raise Refusal("no_image", "The picture has no bytes; send a JPEG, PNG or WebP picture.")
    with warnings.catch_warnings():
        # Pillow warns of each odd entry beside the pixels: one picture could write a megabyte into the log.
        warnings.simplefilter("ignore")
        return _decode(data, max_side)


def _decode(data: bytes, max_side: int) -> Image:
    try:
        opened = _open(data)
    except Pillow.DecompressionBombError as error:
        raise _too_large(str(error).partition(" exceeds")[0], max_side) from error
    except Exception as error:  # whatever the parsers raise on a stranger's bytes
        raise _broken(error) from error
    if opened is None:
        raise Refusal("not_an_image", "This is not a JPEG, PNG or WebP picture; convert it to one of these.")
    width, height = opened.size
    if max(width, height) > max_side:
        raise _too_large(f"Image size ({width}x{height} pixels)", max_side)
    try:
        return _upright(_pixels(opened, data), _orientation(opened))
    except Exception as error:
        raise _broken(error) from error


def _too_large(size: str, max_side: int) -> Refusal:
    return Refusal(
        "too_large", f"{size} is too large: at most {max_side}x{max_side} pixels are allowed; make the picture smaller."
    )


def _broken(error: Exception) -> Refusal:
    return Refusal(
        "not_an_image",
        f"The picture is broken or was cut off ({str(error) or type(error).__name__}); save or send it again.",
    )


def _open(data: bytes) -> ImageFile.ImageFile | None:
    """Read the header. The plug-ins are named, since `Image.open` has limits of its own and no size to tell."""
    if data.startswith(b"\xff\xd8\xff"):
        check_jpeg(data)
        return JpegImagePlugin.JpegImageFile(BytesIO(data))
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        check_png(data)
        return PngImagePlugin.PngImageFile(BytesIO(data))
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WebPImagePlugin.WebPImageFile(BytesIO(data))
    return None


def _pixels(opened: ImageFile.ImageFile, data: bytes) -> Image:
    if opened.format == "JPEG" and opened.mode in ("RGB", "L"):
        return _jpeg_pixels(data)
    if opened.mode.startswith("I"):
        # Pillow would clip 16-bit grey at 255.
        grey = (np.asarray(opened) >> 8).astype(np.uint8)
        return np.repeat(grey[:, :, np.newaxis], 3, axis=2)
    return np.array(opened.convert("RGB"))


def _jpeg_pixels(data: bytes) -> Image:
    """The hot path: OpenCV takes half of Pillow's time, and refuses truncated data as Pillow does."""
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    pixels: Image | None = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if pixels is None:
        raise ValueError("its data end early or make no sense")
    return pixels


def _orientation(opened: ImageFile.ImageFile) -> int:
    """EXIF's orientation, 1 to 8; 1 where it is missing or cannot be read."""
    try:
        return int(opened.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - broken EXIF is common, takes many shapes, and the picture is still good
        return 1


def _upright(pixels: Image, orientation: int) -> Image:
    method = _UPRIGHT.get(orientation)
    if method is None:
        return pixels
    return np.array(Pillow.fromarray(pixels).transpose(method))
