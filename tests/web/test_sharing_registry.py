"""Shares without a socket or a clock of their own: what whoever gets, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from server.vision.messages import Refusal
from server.web.sharing import registry
from server.web.sharing.messages import ShareWish
from server.web.sharing.registry import Share, Shares

PICTURE = b"\xff\xd8\xff of 17"


def answer(number: int = 17) -> dict[str, Any]:
    return {"id": number, "width": 64, "height": 48, "faces": [], "model": "tiny", "timing_ms": {"total": 2.0}}


class Timer:
    def __init__(self, act: Callable[[], None]) -> None:
        self.act, self.cancelled = act, False

    def cancel(self) -> None:
        self.cancelled = True


class Stage:
    """An audience that writes down what it hears, and the time and timers that a test moves by hand."""

    def __init__(self, **settings: Any) -> None:
        self.now = 100.0
        self.heard: list[tuple[str, str, dict[str, Any], bytes | None]] = []
        self.dismissed: list[str] = []
        self.timers: list[tuple[float, Timer]] = []
        options = {"rate": 8.0, "most": 20, "grace": 60.0} | settings
        self.shares = Shares(self, clock=lambda: self.now, later=self._later, **options)

    def to_owner(self, sid: str, event: str, message: dict[str, Any]) -> None:
        self.heard.append((sid, event, message, None))

    def to_watchers(self, sids: Iterable[str], event: str, message: dict[str, Any], picture: bytes | None) -> None:
        self.heard += [(sid, event, message, picture) for sid in sids]

    def dismiss(self, sids: Iterable[str]) -> None:
        self.dismissed += sids

    def _later(self, seconds: float, act: Callable[[], None]) -> Timer:
        self.timers.append((seconds, Timer(act)))
        return self.timers[-1][1]

    def share(self, owner: str = "owner", **wish: Any) -> Share:
        return self.shares.share(owner, ShareWish(**wish))

    def watch(self, share: Share, *watchers: str) -> None:
        for watcher in watchers:
            self.shares.join(watcher, share.id)
            self.shares.next(watcher)

    def news(self, who: str, event: str) -> list[Any]:
        """What somebody heard since the last call: of a moment its number and picture, of a state its phase."""
        found = [(message, picture) for sid, said, message, picture in self.heard if (sid, said) == (who, event)]
        self.heard = [entry for entry in self.heard if entry[:2] != (who, event)]
        match event:
            case "moment":
                return [(message["number"], picture) for message, picture in found]
            case "state":
                return [message["phase"] for message, _ in found]
            case "viewers":
                return [message["viewers"] for message, _ in found]
            case _:
                return [message for message, _ in found]


@pytest.fixture
def stage() -> Stage:
    return Stage()


def code(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    assert caught.value.message.endswith("."), "a sentence"
    return caught.value.code


def test_nobody_guesses_a_link(stage: Stage):
    shares = [stage.share(f"owner {number}") for number in range(50)]
    assert len({share.id for share in shares} | {share.secret for share in shares}) == 100
    assert all(len(share.id) >= 32 for share in shares), "six bits a character"
    assert shares[0].id in stage.shares
    assert "x" * 32 not in stage.shares


def test_a_stream_has_one_share_whatever_is_asked_of_it(stage: Stage):
    share = stage.share(name="door")
    assert not share.picture, "boxes alone unless the owner says otherwise"
    assert stage.share(picture=True) is share
    assert (share.picture, share.name, len(stage.shares)) == (True, "door", 1)


def test_boxes_only_never_holds_or_relays_the_picture(stage: Stage):
    share = stage.share()
    stage.watch(share, "eve")
    stage.shares.publish("owner", answer(), PICTURE)
    assert share.moment is not None
    assert share.moment.picture is None
    assert stage.news("eve", "moment") == [(1, None)]


def test_what_a_viewer_gets_of_an_answer(stage: Stage):
    stage.watch(stage.share(picture=True), "eve")
    stage.shares.publish("owner", answer(), PICTURE)
    *_, (sid, event, message, picture) = stage.heard
    assert (sid, event, picture) == ("eve", "moment", PICTURE)
    assert message == {"number": 1, "width": 64, "height": 48, "faces": []}


def test_a_picture_taken_back_is_let_go_of_at_once(stage: Stage):
    share = stage.share(picture=True)
    stage.shares.publish("owner", answer(), PICTURE)
    stage.share(picture=False)
    stage.watch(share, "eve")
    assert stage.news("eve", "moment") == [(1, None)]
    stage.share(picture=True)
    assert share.moment is not None
    assert share.moment.picture is None, "it is gone; the next answer brings its own"


def test_one_moment_for_each_time_that_a_viewer_asks(stage: Stage):
    stage.watch(stage.share(), "eve", "bob")
    for _ in range(5):
        stage.now += 1
        stage.shares.publish("owner", answer(), PICTURE)
        stage.shares.next("eve")
    assert [number for number, _ in stage.news("eve", "moment")] == [1, 2, 3, 4, 5]
    assert [number for number, _ in stage.news("bob", "moment")] == [1], "it has not asked again"
    stage.shares.next("bob")
    assert [number for number, _ in stage.news("bob", "moment")] == [5], "the newest, not those between"
    stage.shares.next("bob")
    stage.shares.next("bob")
    assert stage.news("bob", "moment") == [], "it has seen it"


@pytest.mark.parametrize("fps", [10, 15, 30])
def test_a_viewer_gets_its_rate_and_no_more(stage: Stage, fps: int):
    stage.watch(stage.share(), "eve")
    for _ in range(10 * fps):
        stage.now += 1 / fps
        stage.shares.publish("owner", answer(), PICTURE)
        stage.shares.next("eve")
    assert 78 <= len(stage.news("eve", "moment")) <= 81, "8 a second for ten seconds"


def test_after_a_rest_there_is_no_burst(stage: Stage):
    stage.watch(stage.share(), "eve")
    stage.now += 60
    for _ in range(20):
        stage.now += 0.01
        stage.shares.publish("owner", answer(), PICTURE)
        stage.shares.next("eve")
    assert len(stage.news("eve", "moment")) <= 3


def test_a_slow_stream_is_relayed_whole(stage: Stage):
    stage.watch(stage.share(), "eve")
    for number in range(1, 6):
        stage.now += 0.5
        stage.shares.publish("owner", answer(), PICTURE)
        assert [seen for seen, _ in stage.news("eve", "moment")] == [number]
        stage.shares.next("eve")


def test_the_owner_hears_how_many_watch(stage: Stage):
    share = stage.share()
    stage.watch(share, "eve", "bob")
    stage.shares.leave("eve")
    stage.shares.leave("eve")
    stage.shares.leave("nobody")
    assert stage.news("owner", "viewers") == [1, 2, 1]
    assert stage.shares.watching == 1


def test_one_more_than_may_watch_is_told_so():
    stage = Stage(most=2)
    share = stage.share()
    stage.watch(share, "eve", "bob")
    assert code(lambda: stage.watch(share, "ann")) == "share_full"
    stage.shares.leave("bob")
    stage.watch(share, "ann")
    assert stage.shares.watching == 2


def test_ending_tells_everybody_and_forgets_all(stage: Stage):
    share = stage.share(picture=True)
    stage.watch(share, "eve", "bob")
    stage.shares.publish("owner", answer(), PICTURE)
    stage.shares.unshare("owner")
    assert stage.news("eve", "state") == ["waiting", "live", "ended"]
    assert stage.dismissed == ["eve", "bob"]
    assert share.moment is None
    assert (len(stage.shares), stage.shares.watching, stage.shares.shared("owner")) == (0, 0, False)
    stage.shares.publish("owner", answer(), PICTURE)
    stage.shares.next("eve")
    assert stage.news("eve", "moment") == [(1, PICTURE)]
    assert code(lambda: stage.watch(share, "ann")) == "unknown_share"
    assert code(lambda: stage.shares.unshare("owner")) == "unknown_share"


def test_an_owner_that_comes_back_in_time_has_its_viewers_still(stage: Stage):
    share = stage.share(picture=True)
    stage.watch(share, "eve")
    stage.shares.publish("owner", answer(), PICTURE)
    stage.shares.owner_left("owner")
    assert share.moment is None, "nothing is held for somebody who is gone"
    ((seconds, timer),) = stage.timers
    assert seconds == 60
    assert stage.share("again", id=share.id, secret=share.secret) is share
    assert timer.cancelled
    timer.act()  # it was about to, at that very moment
    stage.now += 1
    stage.shares.next("eve")
    stage.shares.publish("again", answer(), PICTURE)
    assert stage.news("eve", "state") == ["waiting", "live", "away", "waiting", "live"]
    assert stage.news("eve", "moment") == [(1, PICTURE), (2, PICTURE)]


def test_an_owner_that_stays_away_ends_it(stage: Stage):
    share = stage.share()
    stage.watch(share, "eve")
    stage.shares.owner_left("owner")
    stage.timers[0][1].act()
    assert stage.news("eve", "state")[-1] == "ended"
    assert code(lambda: stage.share("again", id=share.id, secret=share.secret)) == "unknown_share"
    stage.timers[0][1].act()


@pytest.mark.parametrize("secret", [None, "", "x", "ü"])
def test_without_the_secret_nobody_takes_it(stage: Stage, secret: str | None):
    share = stage.share()
    assert code(lambda: stage.share("eve", id=share.id, secret=secret)) == "unknown_share"
    assert share.owner == "owner"


def test_a_second_page_takes_the_share_over_and_the_first_hears_it(stage: Stage):
    share, other = stage.share("first"), stage.share("second")
    stage.share("second", id=share.id, secret=share.secret)
    assert [news["code"] for news in stage.news("first", "unshared")] == ["taken_over"]
    assert (share.owner, other.id in stage.shares, stage.shares.shared("first")) == ("second", False, False)
    stage.shares.owner_left("first")
    assert stage.timers == [], "it is no longer its own"


def test_while_its_owner_pauses_nothing_goes_out_and_nothing_is_held(stage: Stage):
    share = stage.share(picture=True)
    stage.watch(share, "eve")
    stage.shares.publish("owner", answer(), PICTURE)
    stage.share(paused=True)
    stage.now += 1
    stage.shares.next("eve")
    stage.shares.publish("owner", answer(), PICTURE)
    assert share.moment is None
    stage.share(paused=False)
    stage.shares.publish("owner", answer(), PICTURE)
    assert stage.news("eve", "state") == ["waiting", "live", "paused", "waiting", "live"]
    assert stage.news("eve", "moment") == [(1, PICTURE), (2, PICTURE)]


def test_who_comes_in_the_midst_hears_how_it_stands_first(stage: Stage):
    share = stage.share(name="door")
    stage.shares.publish("owner", answer(), PICTURE)
    stage.shares.join("eve", share.id)
    assert stage.news("eve", "state") == []
    stage.shares.next("eve")
    assert [(sid, event) for sid, event, *_ in stage.heard] == [
        ("owner", "viewers"),
        ("eve", "state"),
        ("eve", "moment"),
    ]
    assert stage.heard[1][2] == {"phase": "live", "name": "door", "picture": False}


def test_shares_are_bounded(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry, "MOST_SHARES", 2)
    stage.share("one")
    stage.share("two")
    assert code(lambda: stage.share("three")) == "too_many_shares"
    stage.share("two", picture=True)


def test_a_timer_of_its_own_ends_a_share_in_the_background():
    done: list[int] = []
    registry.in_the_background(60, lambda: done.append(1)).cancel()
    timer = registry.in_the_background(0, lambda: done.append(2))
    timer.join(30)  # type: ignore[attr-defined]
    assert done == [2]
