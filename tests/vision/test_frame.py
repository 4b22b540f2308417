from __future__ import annotations

import struct
import tracemalloc
import zlib
from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Pillow

from server.training.portrait import portrait
from server.vision.frame import decode
from server.vision.messages import Image, Refusal

FORMATS = ("JPEG", "PNG", "WEBP")


def encode(image: Image | Pillow.Image, form: str, **options: object) -> bytes:
    picture = image if isinstance(image, Pillow.Image) else Pillow.fromarray(image)
    with BytesIO() as file:
        picture.save(file, form, **options)
        return file.getvalue()


def small_portrait() -> Image:
    return np.array(Pillow.fromarray(portrait()).resize((96, 64)))


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *extra: bytes) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(bytes((3 * width + 1) * height if width < 100 else 100)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + pixels + png_chunk(b"IEND", b"")


def jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(encode(small_portrait(), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def webp_claiming(width: int, height: int) -> bytes:
    """An animation whose canvas is huge and whose one picture is small."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)

    def three(number: int) -> bytes:
        return struct.pack("<I", number)[:3]

    picture = encode(small_portrait(), "WEBP")[12:]
    canvas = chunk(b"VP8X", bytes([2, 0, 0, 0]) + three(width - 1) + three(height - 1))
    placed = chunk(b"ANMF", bytes(6) + three(95) + three(63) + three(100) + b"\0" + picture)
    body = b"WEBP" + canvas + chunk(b"ANIM", bytes(6)) + placed
    return b"RIFF" + struct.pack("<I", len(body)) + body


def refusal(data: bytes, **limits: int) -> Refusal:
    with pytest.raises(Refusal) as caught:
        decode(data, **limits)
    return caught.value


@pytest.mark.parametrize(("form", "options"), [("JPEG", {"quality": 95}), ("PNG", {}), ("WEBP", {"lossless": True})])
def test_pixels_come_back(form: str, options: dict[str, object]) -> None:
    image = small_portrait()
    decoded = decode(encode(image, form, **options))
    assert (decoded.shape, decoded.dtype) == (image.shape, np.uint8)
    assert decoded.flags.c_contiguous
    assert decoded.flags.writeable
    assert np.abs(decoded.astype(int) - image).mean() < (4 if form == "JPEG" else 0.01)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(form: str, orientation: int) -> None:
    quarters = np.zeros((40, 60, 3), np.uint8)
    quarters[:20, :30], quarters[:20, 30:], quarters[20:, :30] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    upright = {
        1: quarters,
        2: quarters[:, ::-1],
        3: quarters[::-1, ::-1],
        4: quarters[::-1],
        5: quarters.transpose(1, 0, 2),
        6: np.rot90(quarters, -1),
        7: quarters[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(quarters),
    }[orientation]
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    decoded = decode(encode(quarters, form, exif=exif))
    assert decoded.shape == upright.shape
    assert np.abs(decoded.astype(int) - upright).mean() < 8


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b""])
def test_broken_exif_leaves_the_picture_as_it_is(exif: bytes) -> None:
    assert decode(encode(small_portrait(), "JPEG", exif=exif)).shape == (64, 96, 3)


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
        ("1", "PNG"),
        ("L", "PNG"),
        ("LA", "PNG"),
        ("P", "PNG"),
        ("RGBA", "PNG"),
        ("RGBA", "WEBP"),
    ],
)
def test_every_colour_mode_becomes_rgb(mode: str, form: str) -> None:
    picture = Pillow.fromarray(small_portrait()).convert(mode)
    expected = np.array(picture.convert("RGB")).astype(int)
    decoded = decode(encode(picture, form))
    assert (decoded.shape, decoded.dtype) == (expected.shape, np.uint8)
    assert np.abs(decoded - expected).mean() < 6


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    grey = (np.arange(64 * 96, dtype=np.uint16) * 10).reshape(64, 96)
    decoded = decode(encode(grey, "PNG"))
    assert np.array_equal(decoded, np.repeat((grey >> 8).astype(np.uint8)[..., None], 3, axis=2))


@pytest.mark.parametrize("form", ["WEBP", "PNG"])
def test_first_picture_of_an_animation(form: str) -> None:
    first, second = Pillow.new("RGB", (32, 24), (250, 10, 10)), Pillow.new("RGB", (32, 24), (10, 10, 250))
    decoded = decode(encode(first, form, save_all=True, append_images=[second], duration=100))
    assert decoded.shape == (24, 32, 3)
    assert decoded[..., 0].mean() > 200
    assert decoded[..., 2].mean() < 60


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (9, 1)])
def test_tiny_pictures(form: str, size: tuple[int, int]) -> None:
    assert decode(encode(Pillow.new("RGB", size, "white"), form)).shape == (size[1], size[0], 3)


def test_progressive_jpeg() -> None:
    assert decode(encode(small_portrait(), "JPEG", progressive=True)).shape == (64, 96, 3)


def test_bytes_after_the_picture_do_no_harm() -> None:
    """Phones append a film to a photo; its bytes hold every JPEG marker by chance."""
    assert decode(encode(small_portrait(), "JPEG") + b"film\xff\xda\xff\xd8" * 40).shape == (64, 96, 3)


def test_oddities_beside_the_pixels_are_not_logged(recwarn: pytest.WarningsRecorder) -> None:
    """A stranger's picture must not fill the server's log."""
    tags = b"".join(struct.pack(">HHII", tag, 2, 2**31 - 1, 8) for tag in range(1, 500))
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 499) + tags + bytes(4)
    assert decode(encode(small_portrait(), "JPEG", exif=exif)).shape == (64, 96, 3)
    assert decode(png(8, 8, *[png_chunk(b"acTL", bytes(7) + b"\1")] * 2)).shape == (8, 8, 3)
    assert not recwarn.list


def test_no_bytes() -> None:
    assert refusal(b"").code == "no_image"


@pytest.mark.parametrize(
    "data",
    [b"\0", b"hello", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"RIFF\0\0\0\0WAVE", b"<svg/>" * 99]
    + [encode(Pillow.new("RGB", (8, 8)), form) for form in ("GIF", "BMP", "TIFF", "PPM")],
)
def test_other_formats_are_refused(data: bytes) -> None:
    assert refusal(data).code == "not_an_image"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kept", [0.02, 0.1, 0.5, 0.9, 0.99])
def test_truncated_pictures_are_refused(form: str, kept: float) -> None:
    data = encode(portrait(), form)
    answer = refusal(data[: int(len(data) * kept)])
    assert answer.code == "not_an_image"
    assert "send it again" in answer.message


@pytest.mark.parametrize("form", FORMATS)
def test_flipped_bytes_give_pixels_or_a_refusal(form: str) -> None:
    data, random = encode(small_portrait(), form), np.random.default_rng(7)
    for _ in range(200):
        broken = bytearray(data)
        for place in random.integers(0, len(data), 4):
            broken[place] = random.integers(0, 256)
        with suppress(Refusal):  # anything else that is raised fails the test
            assert decode(bytes(broken), max_side=256).dtype == np.uint8


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (png(10_000, 10_000), "10000x10000"),
        (png(60_000, 60_000), "60000x60000"),
        (png(4097, 1), "4097x1"),
        (jpeg_claiming(10_000, 10_000), "10000x10000"),
        (jpeg_claiming(1, 4097), "1x4097"),
        (webp_claiming(8_000, 4_096), "8000x4096"),
        (webp_claiming(16_383, 16_383), f"{16_383**2} pixels"),
    ],
)
def test_size_is_read_from_the_header(data: bytes, size: str) -> None:
    tracemalloc.start()
    answer = refusal(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.code == "too_large"
    assert size in answer.message
    assert "4096x4096" in answer.message
    assert peak < 2**20


def test_the_limit_itself_is_allowed() -> None:
    assert decode(encode(Pillow.new("RGB", (64, 96)), "PNG"), max_side=96).shape == (96, 64, 3)
    assert refusal(encode(Pillow.new("RGB", (64, 97)), "PNG"), max_side=96).code == "too_large"


@pytest.mark.parametrize(
    "bomb",
    [
        [png_chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(2**20)))] * 1000,
        [png_chunk(b"iTXt", b"k\0\1\0\0\0" + zlib.compress(b"a" * 2**20))] * 1000,
        [png_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(2**27)))],
    ],
    ids=["zTXt", "iTXt", "iCCP"],
)
def test_bombs_in_a_png_s_text_are_not_inflated(bomb: list[bytes]) -> None:
    data = png(8, 8, *bomb)
    tracemalloc.start()
    answer = refusal(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.code == "not_an_image"
    assert peak < 8 * 2**20


def test_text_of_a_usual_size_is_allowed() -> None:
    assert decode(png(8, 8, png_chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(10_000))))).shape == (8, 8, 3)
