"""`python -m server bench`: which parts run, with what, and how the tables look. The measures are never asserted."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.benchmarks import detectors_alone, frame_path, load, page, start
from server.training.peers import PeersMissingError
from server.vision.catalogue import CatalogueError
from tests.commands.tiny import run

DETECTORS = ["blazeface-back", "retinaface-640", "onepass"]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """What each part was asked for; nothing is measured."""
    asked: list[tuple] = []

    def stand_in(name: str, answer: list):
        def measured(*arguments: object, **named: object) -> list:
            asked.append((name, *arguments, *named.values()))
            return answer

        return measured

    monkeypatch.setattr(frame_path, "compare", stand_in("frame", [["ours", *"1234567"]]))
    monkeypatch.setattr(detectors_alone, "compare", stand_in("alone", [["haar", "faces", *"1234567"]]))
    monkeypatch.setattr(start, "compare", stand_in("start", [["haar", "1.00", "200", "no"]]))
    monkeypatch.setattr(load, "compare", stand_in("load", [["1", "eventlet", "10.0", "20", "30", "0"]]))
    monkeypatch.setattr(page, "measure", stand_in("page", ["haar", "40", "60", "100", "12.5"]))
    monkeypatch.setattr(page, "CHROMIUM", __file__)
    return asked


def test_all_parts_by_default(calls: list[tuple]):
    result = run("bench", "--rounds", 7, "--seconds", 1.5, "--peers", "weights")
    assert result.exit_code == 0
    frame, alone, start_, load_, *pages = calls
    paths = frame_path.at_hand(Path("models"))
    assert frame == ("frame", Path("models"), paths, Path("weights"), 7)
    assert alone == ("alone", [detector for detector, _ in paths], Path("models"), Path("weights"), 7)
    assert start_ == ("start", DETECTORS, 3)
    assert load_ == ("load", (1, 4, 8, 12), 1.5, 3)
    assert [(name, seconds, detector) for name, _folder, seconds, detector in pages] == [
        ("page", 1.5, detector) for detector in DETECTORS
    ]
    assert "| path | 1 face, ms | 4 faces, ms | 16 faces, ms | 1 face, times faster |" in result.stdout
    assert "| ours | 1 | 2 | 3 | 4 | 5 | 6 | 7 |" in result.stdout
    assert "| 16 faces, ms | 1 face, to blazeface-back |" in result.stdout
    assert result.stdout.count("\n### ") == 5
    for table in result.stdout.split("\n### ")[1:]:
        assert len({line.count("|") for line in table.strip().splitlines()[2:]}) == 1, table


def test_parts_by_name(calls: list[tuple]):
    assert run("bench", "load", "frame").exit_code == 0
    assert [name for name, *_ in calls] == ["load", "frame", "alone"]


@pytest.mark.parametrize("trained", [False, True])
def test_onepass_is_left_out_until_it_is_there(
    calls: list[tuple], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained: bool
):
    monkeypatch.chdir(tmp_path)
    if trained:
        card = Path("models/onepass/card.json")
        card.parent.mkdir(parents=True)
        card.touch()
    result = run("bench", "frame")
    assert ("onepass is left out: models/onepass/card.json is not there." in result.stderr) is not trained
    (_, _, paths, *_), (_, own, *_) = calls
    assert (("onepass", None) in paths, "onepass" in own) == (trained, trained)


def test_an_unknown_part(calls: list[tuple]):
    result = run("bench", "speed")
    assert result.exit_code == 2
    assert "'speed' is not one of 'frame', 'start', 'load', 'page'" in result.stderr
    assert not calls


@pytest.mark.parametrize(
    ("module", "function", "error", "says"),
    [
        (frame_path, "compare", PeersMissingError("x.pb is missing: name its folder with --peers."), "with --peers."),
        (frame_path, "compare", CatalogueError("The default model is 'm', but there is no model at all."), "no model"),
        (detectors_alone, "compare", PeersMissingError("y is missing: name its folder with --peers."), "y is missing"),
        (start, "compare", RuntimeError("the server did not start: no port"), "the server did not start: no port"),
        (
            load,
            "compare",
            ModuleNotFoundError("No module named 'psutil'", name="psutil"),
            "psutil is missing: pip install -r requirements.txt -r requirements/dev.txt",
        ),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(
    calls: list[tuple], monkeypatch: pytest.MonkeyPatch, module: object, function: str, error: Exception, says: str
):
    def fails(*_arguments: object, **_named: object) -> None:
        raise error

    monkeypatch.setattr(module, function, fails)
    result = run("bench")
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.splitlines()[-1].startswith("Error: ")


def test_without_chromium(calls: list[tuple], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page, "CHROMIUM", "/nowhere/chromium")
    result = run("bench", "page")
    assert result.exit_code == 1
    assert "`page` needs Chromium at /nowhere/chromium (Debian: apt-get install chromium)." in result.stderr
    assert not calls


def test_accuracy_runs_when_asked_for_alone(tmp_path: Path):
    result = run("bench", "accuracy", "--scores", tmp_path / "none.csv")
    assert result.exit_code == 1
    assert "none.csv is missing: python -m server evaluate-scenes" in result.output
