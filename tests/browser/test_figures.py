"""The statistics panel: what is sent, answered and drawn, how old it is, and where the time went."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import WebSocket

from tests.browser.live_page import LivePage

PARTS = ("capture", "network", "queue", "decode", "detect", "classify")


def test_sums_of_known_answers(live: LivePage) -> None:
    live.open()
    seen: dict[str, Any] = live.page.evaluate(
        """async () => {
            const { Statistics, partsOf } = await import("/static/js/statistics.js");
            const statistics = new Statistics();
            statistics.start(0);
            for (let now = 100; now <= 6_000; now += 100) {
                statistics.sent(now, 20_000);
                if (now % 200 === 0) statistics.answered(now, partsOf(
                    { queue: 5, decode: 3, detect: 40, classify: 10, total: 60 },
                    { at: now - 100, sentAt: now - 90, now },
                ));
                if (now % 500 === 0) statistics.drawn(now, now === 5_000 ? 400 : 80);
            }
            statistics.droppedHere();
            return {
                rates: statistics.rates(6_000), age: statistics.age(6_000), worst: statistics.worst(6_000),
                parts: statistics.parts.at(-1), kept: statistics.parts.length, dropped: statistics.dropped,
                later: statistics.age(9_000), silent: statistics.rates(20_000),
            };
        }"""
    )
    assert seen["rates"] == {
        "sent": pytest.approx(10),
        "answered": pytest.approx(5),
        "drawn": pytest.approx(2),
        "bytes": pytest.approx(200_000),
    }
    assert (seen["age"], seen["worst"]) == (80, 400)
    assert seen["parts"] == {"capture": 10, "network": 30, "queue": 5, "decode": 3, "detect": 40, "classify": 10}
    assert seen["kept"] == 30
    assert seen["dropped"] == 1
    assert seen["later"] == 3_080, "what is drawn ages while nothing follows"
    assert set(seen["silent"].values()) == {0}


def test_figures_are_those_of_the_stream(live: LivePage) -> None:
    sent: list[int] = []

    def watch(socket: WebSocket) -> None:
        socket.on("framesent", lambda data: sent.append(len(data)) if isinstance(data, bytes) else None)

    live.page.on("websocket", watch)
    live.start()
    live.wait(lambda data: int(data["frames"]) >= 12)
    live.page.wait_for_timeout(600)  # the figures are written twice a second
    shown = {
        name: live.page.locator(f"[data-figure={name}]").inner_text()
        for name in ("age", "worst", "sent", "rate", "drawn", "bytes", "picture", "quality")
    }
    shares = [live.page.locator(f"[data-share={part}]").inner_text() for part in PARTS]
    areas = [live.page.locator(f"#chart [data-part={part}]").get_attribute("d") or "" for part in PARTS]

    assert _number(shown["worst"]) >= _number(shown["age"]) > 0
    assert float(shown["sent"]) >= 0.5 * float(shown["rate"]) > 0
    assert float(shown["drawn"]) > 0
    each = sum(sent) / len(sent) / 1_000
    assert _number(shown["bytes"]) == pytest.approx(each * float(shown["sent"]), rel=0.5)
    width, height = (int(side) for side in shown["picture"].removesuffix(" px").split(" × "))
    assert width * 3 == height * 4, "the film's shape"
    assert 480 <= width <= 640
    assert 60 <= _number(shown["quality"]) <= 85
    assert all(_number(share) >= 0 for share in shares)
    assert _number(shares[PARTS.index("detect")]) > 0
    assert all(area.startswith("M") and "NaN" not in area for area in areas)


def test_pictures_get_smaller_while_answers_are_late(live: LivePage) -> None:
    live.start()
    live.page.evaluate(
        """async () => {
            const { Transport } = await import("/static/js/transport.js");
            const { ask } = Transport.prototype;
            window.slow = true;
            Transport.prototype.ask = async function (...rest) {
                if (window.slow) await new Promise((resolve) => setTimeout(resolve, 700));
                return ask.apply(this, rest);
            };
        }"""
    )
    picture = live.page.locator("[data-figure=picture]")
    quality = live.page.locator("[data-figure=quality]")
    live.wait(lambda _: picture.inner_text() == "480 × 360 px" and _number(quality.inner_text()) == 60)


def _number(text: str) -> float:
    return float(text.replace(",", "").split(maxsplit=1)[0])
