"""How large pictures are sent, decided by how late answers are: the page's own module under a clock of our own."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.browser.live_page import LivePage

SECOND = 1_000

_RUN = """async (answers) => {
    const { Adaptation, STEPS } = await import("/static/js/adaptation.js");
    const adaptation = new Adaptation();
    const steps = [];
    for (const [now, age] of answers) {
        const changed = adaptation.record(age, now);
        const step = STEPS.indexOf(adaptation.step);
        if (changed !== (steps.length > 0 && steps.at(-1).step !== step) && steps.length > 0) throw Error("untold");
        steps.push({ now, step });
    }
    return { steps, count: STEPS.length, all: STEPS };
}"""


class Link:
    """Answers every `each_ms` whose ages are told by the time."""

    def __init__(self, live: LivePage, age_at: Callable[[float], float], seconds: float, each_ms: float = 100) -> None:
        times = [at * each_ms for at in range(int(seconds * SECOND / each_ms))]
        found: dict[str, Any] = live.page.evaluate(_RUN, [[now, age_at(now)] for now in times])
        self.steps = [(each["now"], each["step"]) for each in found["steps"]]
        self.all: list[dict[str, float]] = found["all"]

    @property
    def changes(self) -> list[tuple[float, int]]:
        return [after for before, after in pairwise(self.steps) if before[1] != after[1]]

    @property
    def last(self) -> int:
        return self.steps[-1][1]


@pytest.fixture
def page(live: LivePage) -> LivePage:
    return live.open()


def test_goes_down_while_answers_are_late_and_never_below_the_last_step(page: LivePage) -> None:
    link = Link(page, lambda _: 800, seconds=60)
    assert link.last == len(link.all) - 1
    assert all(after[1] > before[1] for before, after in pairwise(link.changes))
    assert min(step["longest"] for step in link.all) >= 480, "a face at 1.5 m is still found"
    assert link.all == sorted(link.all, key=lambda step: (-step["longest"], -step["quality"]))


def test_one_late_answer_changes_nothing(page: LivePage) -> None:
    link = Link(page, lambda now: 4_000 if now == 5 * SECOND else 200, seconds=30)
    assert link.changes == []


def test_comes_down_soon_though_answers_are_few(page: LivePage) -> None:
    link = Link(page, lambda _: 2_500, seconds=20, each_ms=2_500)
    assert link.changes
    assert link.changes[0][0] <= 10 * SECOND


def test_goes_up_where_there_is_room_and_stays_between(page: LivePage) -> None:
    assert Link(page, lambda _: 60, seconds=60).last == 0
    assert Link(page, lambda _: 220, seconds=120).changes == []


def test_comes_back_after_a_bad_spell(page: LivePage) -> None:
    link = Link(page, lambda now: 900 if now < 10 * SECOND else 60, seconds=120)
    worst = max(step for _, step in link.steps)
    assert worst > link.steps[0][1]
    assert link.last == 0


def test_what_proved_too_much_is_tried_less_and_less_often(page: LivePage) -> None:
    # A line that bears the first step and nothing finer: its answers' ages follow the step in force.
    tried = page.page.evaluate(
        """async () => {
            const { Adaptation, STEPS } = await import("/static/js/adaptation.js");
            const adaptation = new Adaptation();
            const bearable = STEPS.indexOf(adaptation.step);
            const climbs = [];
            for (let now = 0; now < 600_000; now += 100) {
                const before = STEPS.indexOf(adaptation.step);
                adaptation.record(before < bearable ? 600 : 80, now);
                if (STEPS.indexOf(adaptation.step) < before) climbs.push(now);
            }
            return climbs;
        }"""
    )
    waits = [later - sooner for sooner, later in pairwise(tried)]
    assert 3 <= len(tried) <= 12, "tried again, and ever more rarely"
    assert waits[1] > waits[0]
    assert waits[-1] >= 60 * SECOND
