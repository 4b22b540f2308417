from __future__ import annotations

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.vision.engine import EngineStats
from tests.web.conftest import Connect, HandEngine, app_of


def measured(text: str) -> dict[str, float]:
    """Name and labels to value, read as Prometheus does."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {" ".join((sample.name, *sample.labels.values())): sample.value for sample in samples}


@pytest.mark.parametrize(("up", "status"), [(True, 200), (False, 503)])
def test_health_is_whether_a_frame_can_be_answered_now(by_hand: HandEngine, up: bool, status: int):
    by_hand.up = up
    answer = app_of(by_hand).test_client().get("/healthz")
    assert (answer.status_code, answer.json["ready"]) == (status, up)
    assert ("error" in answer.json) != up
    assert re.fullmatch("[0-9a-f]{16}", answer.json["version"])


def test_the_engines_counters(by_hand: HandEngine):
    by_hand.counted = EngineStats(2, 1, 3, 40, {"superseded": 5, "timed_out": 6}, {"detect": 1500.0})
    answer = app_of(by_hand).test_client().get("/metrics")
    assert answer.mimetype == "text/plain"
    assert (
        measured(answer.text).items()
        >= {
            "maskgate_workers": 2,
            "maskgate_worker_restarts_total": 1,
            "maskgate_frames_waiting": 3,
            "maskgate_frames_answered_total": 40,
            "maskgate_frames_refused_total superseded": 5,
            "maskgate_frames_refused_total timed_out": 6,
            "maskgate_stage_seconds_total detect": 1.5,
        }.items()
    )


def test_streams_and_those_turned_away(by_hand: HandEngine, connect: Connect):
    first, second = connect(), connect()
    first.emit("frame", {"id": 1}, b"", namespace="/stream")
    second.emit("hello", namespace="/stream")
    http = first.app.test_client()
    http.post("/api/v1/detect")
    values = measured(http.get("/metrics").text)
    assert values["maskgate_streams"] == 2
    assert values["maskgate_turned_away_total no_image"] == 2
    assert values["maskgate_turned_away_total bad_message"] == 1
    second.disconnect("/stream")
    assert measured(http.get("/metrics").text)["maskgate_streams"] == 1
