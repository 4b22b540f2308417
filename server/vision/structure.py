"""Counting a picture's parts before it is decoded: files of a few bytes can ask for hours of work."""

from __future__ import annotations

import re

# A progressive JPEG has about ten scans. Each may be a few bytes that cost a pass over the whole picture.
_MAX_JPEG_SCANS = 32
# Each part costs Pillow about 10 µs. JPEGs have tens; PNGs one for each few kB, some writers one for each kB.
_MAX_JPEG_SEGMENTS = 2000
_MAX_PNG_CHUNKS = 20_000
_MAX_JUNK_BYTES = 2**16

# Markers with a length after them, and the picture's start and end; in coded data and beside it libjpeg looks for
# the next in the same way. Left out: 00 (an escaped FF), FF (padding), D0 to D7 (restarts, no length), reserved ones.
_JPEG_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA


def check_jpeg(data: bytes) -> None:
    """Walk from segment to segment as libjpeg does, to the end of the picture; what follows it does not matter.

    Raises ValueError for more scans, segments or bytes between segments than any picture has.
    """
    place, segments, scans, junk = 2, 0, 0, 0
    while (found := _JPEG_MARKER.search(data, place)) is not None:
        marker = data[found.start() + 1]
        if marker == _END:
            return
        if marker == _START:
            raise ValueError("it starts twice")
        segments += 1
        junk += 0 if scans else found.start() - place  # from the first scan on these are the coded pixels
        scans += marker == _SCAN
        if scans > _MAX_JPEG_SCANS:
            raise ValueError("too many scans")
        if segments > _MAX_JPEG_SEGMENTS or junk > _MAX_JUNK_BYTES:
            raise ValueError("too much beside the picture")
        place = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")


def check_png(data: bytes) -> None:
    """Count the chunks to the end of the picture; what follows it does not matter.

    Raises ValueError for more than any picture has.
    """
    place, chunks = 8, 0
    while place < len(data) and data[place + 4 : place + 8] != b"IEND":
        place += 12 + int.from_bytes(data[place : place + 4], "big")
        chunks += 1
        if chunks > _MAX_PNG_CHUNKS:
            raise ValueError("too many chunks")
