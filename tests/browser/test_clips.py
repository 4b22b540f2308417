"""The five clips beside the repository, once each through camera, page and server.

How often a face is found and rightly named is counted frame by frame in `tests/test_videos.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.chromium import ALLOWED, CAMERA, Launch
from tests.browser.feed import jpeg
from tests.browser.live_page import LivePage
from tests.browser.serving import Server
from tests.test_videos import CLIPS, VIDEOS, Clip, pictures

SAMPLES = 30
FRAMES = 200  # of the clip: the surgeon is still in the picture

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not VIDEOS.is_dir(), reason="the clips (shared/data/videos) do not lie beside the repository"),
]


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.name)
def test_clip_as_camera(launch: Launch, server: Server, tmp_path: Path, clip: Clip) -> None:
    feed = tmp_path / "clip.mjpeg"
    with feed.open("wb") as film:
        for _, picture in zip(range(FRAMES), pictures(VIDEOS / clip.name), strict=False):
            height, width = (side // 2 * 2 for side in picture.shape[:2])  # Chromium plays no odd MJPEG
            film.write(jpeg(picture[:height, :width]))
    browser = launch(CAMERA, ALLOWED, f"--use-file-for-fake-video-capture={feed}")
    page = LivePage(browser.new_page(), server.url).start()
    seen: list[str] = []
    answers = 0
    for _ in range(SAMPLES):
        data = page.wait(lambda data, before=answers: int(data["frames"]) > before)  # type: ignore[misc]
        answers = int(data["frames"])
        seen.append(data["labels"].split(",")[0])
    accepted = {clip.label} | ({"unsure"} if clip.covered else set())
    assert sum(label in accepted for label in seen) >= 0.8 * SAMPLES, seen
    if clip.label == "without_mask":
        assert seen.count("with_mask") <= 0.05 * SAMPLES, seen
    assert page.errors == []
