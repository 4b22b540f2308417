"""The table of whole paths; what they see and cost is handed in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from server.benchmarks import frame_path
from server.benchmarks.by_faces import Timing
from server.training.peers import PeersMissingError

COSTS = {"the field's usual path": 0.1, "peer:aizoo": 0.05, "a + b": 0.02, "onepass": 0.01}


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """What each path was made of. The usual one takes 100 ms a face, the others less."""
    made: list[tuple] = []
    for name in ("_usual", "_aizoo", "_own"):
        monkeypatch.setattr(frame_path, name, lambda *arguments, name=name: made.append((name, *arguments)))

    def timed(ways: Mapping[str, object], pictures: Mapping[int, bytes], rounds: int) -> dict[str, list[Timing]]:
        made.append(("pictures", {faces: picture[:2] for faces, picture in pictures.items()}, rounds))
        return {name: [Timing(faces, min(faces, 14), COSTS[name] * faces) for faces in pictures] for name in ways}

    monkeypatch.setattr(frame_path, "time_by_faces", timed)
    return made


def test_a_row_a_path(looks: list[tuple]):
    models, peers = Path("models"), Path("peers")
    rows = frame_path.compare(models, [("a", "b"), ("onepass", None)], peers, 5)
    assert looks == [
        ("_usual", peers),
        ("_aizoo", models, peers),
        ("_own", models, "a", "b"),
        ("_own", models, "onepass", None),
        ("pictures", dict.fromkeys((1, 4, 16), b"\xff\xd8"), 5),
    ]
    assert rows == [
        ["the field's usual path", "100.0", "400.0", "1600.0 (saw 14)", "1.0", "1.0", "1.0", "16.00"],
        ["peer:aizoo", "50.0", "200.0", "800.0 (saw 14)", "2.0", "2.0", "2.0", "16.00"],
        ["a + b", "20.0", "80.0", "320.0 (saw 14)", "5.0", "5.0", "5.0", "16.00"],
        ["onepass", "10.0", "40.0", "160.0 (saw 14)", "10.0", "10.0", "10.0", "16.00"],
    ]


def test_missing_weights_say_where_they_are_looked_for(tmp_path: Path):
    with pytest.raises(PeersMissingError, match="name their folder with --peers"):
        frame_path._aizoo(tmp_path, tmp_path)
