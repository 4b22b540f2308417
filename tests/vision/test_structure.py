"""Counting a picture's parts before it is decoded."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pillow

from server.vision.frame import decode
from server.vision.structure import check_jpeg, check_png
from tests.vision.test_frame import encode, png, png_chunk, refusal, small_portrait

END_IN_A_COMMENT = b"\xff\xfe\x00\x04\xff\xd9"
EMPTY_COMMENT = b"\xff\xfe\x00\x02"


def many_scans(mode: str, before: bytes = b"") -> bytes:
    """A progressive JPEG whose last scan comes 60 times, after `before`."""
    data = encode(Pillow.fromarray(small_portrait()).convert(mode), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + before + data[last:-2] * 60 + data[-2:]


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("before", [b"", END_IN_A_COMMENT, EMPTY_COMMENT], ids=["", "end in a comment", "comment"])
def test_endless_scans_are_counted_wherever_they_hide(mode: str, before: bytes) -> None:
    with pytest.raises(ValueError, match="scans"):
        check_jpeg(many_scans(mode, before))
    assert refusal(many_scans(mode, before)).code == "not_an_image"


@pytest.mark.parametrize(
    ("flood", "why"),
    [
        (EMPTY_COMMENT * 10_000, "beside"),
        (b"\xff\xd0" * 100_000, "beside"),
        (b"\xff" * 100_000, "beside"),
        (bytes(100_000), "beside"),
        (b"\xff\xd8", "twice"),
    ],
    ids=["segments", "restarts", "padding", "zeros", "starts"],
)
def test_floods_before_a_jpeg_s_pixels(flood: bytes, why: str) -> None:
    data = encode(small_portrait(), "JPEG")
    with pytest.raises(ValueError, match=why):
        check_jpeg(data[:20] + flood + data[20:])  # after the first segment


@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"restart_marker_blocks": 1}, {"quality": 100}, {"comment": b"\xff\xd8\xff\xda" * 99}],
    ids=["plain", "progressive", "restarts", "large", "comment"],
)
@pytest.mark.parametrize("after", [b"", b"\xff\xda\xff\xd8" * 5000], ids=["", "and a film"])
def test_usual_jpegs_pass(options: dict[str, object], after: bytes) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (600, 800, 3), np.uint8)
    data = encode(noise, "JPEG", **options) + after
    check_jpeg(data)
    assert decode(data).shape == noise.shape


def test_a_jpeg_without_an_end_passes_here() -> None:
    check_jpeg(encode(small_portrait(), "JPEG")[:-2])  # decoding refuses it


@pytest.mark.parametrize("kind", [b"IDAT", b"tEXt", b"aaAa"])
def test_a_png_of_endless_chunks(kind: bytes) -> None:
    data = png(8, 8, *[png_chunk(kind, b"")] * 30_000)
    with pytest.raises(ValueError, match="chunks"):
        check_png(data)
    assert refusal(data).code == "not_an_image"


def test_bytes_after_a_png_do_no_harm() -> None:
    assert decode(encode(small_portrait(), "PNG") + bytes(500_000)).shape == (64, 96, 3)
