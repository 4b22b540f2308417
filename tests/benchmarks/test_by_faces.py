"""Ways timed with ever more faces: in turns, the one face checked, the count told where it is another."""

from __future__ import annotations

import pytest

from server.benchmarks.by_faces import Timing, growth, time_by_faces


def test_every_way_takes_its_turn_with_every_picture():
    looked: list[tuple[str, int]] = []

    def way(name: str):
        def see(picture: int) -> int:
            looked.append((name, picture))
            return min(picture, 10)

        return see

    times = time_by_faces({"a": way("a"), "b": way("b")}, {1: 1, 4: 4, 16: 16}, rounds=2)
    a_round = [(name, picture) for name in "ab" for picture in (1, 4, 16)]
    assert looked[-2 * len(a_round) :] == 2 * a_round
    assert list(times) == ["a", "b"]
    assert [(timing.shown, timing.seen) for timing in times["b"]] == [(1, 1), (4, 4), (16, 10)]


@pytest.mark.parametrize("seen", [0, 2])
def test_the_one_face_has_to_be_seen(seen: int):
    with pytest.raises(RuntimeError, match=r"^blind does not see exactly one face"):
        time_by_faces({"fine": lambda picture: picture, "blind": lambda _picture: seen}, {1: 1, 4: 4}, rounds=1)


def test_as_people_read_it():
    one, many = Timing(1, 1, 0.0123), Timing(16, 14, 0.0246)
    assert (str(one), str(many)) == ("12.3", "24.6 (saw 14)")
    assert growth([one, many]) == "2.00"
