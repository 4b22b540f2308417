"""The pages about models, with and without what they show."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import CARDS, HandEngine, app_of

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><style>path { fill: red }</style></svg>'
ADDRESS = "/models/tiny/pictures/curves.svg"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of `tiny` with all it can have; `careful` has none."""
    folder = tmp_path / "models" / "tiny"
    (folder / "pictures").mkdir(parents=True)
    (folder / "card.json").write_text(CARDS["tiny"].model_dump_json())
    (folder / "model.tflite").write_bytes(b"weights")
    (folder / "README.md").write_text("# Tiny\n\nSmall <i>indeed</i>.\n\n![curves](pictures/curves.svg)\n")
    (folder / "pictures" / "curves.svg").write_bytes(SVG)
    (folder / "pictures" / "notes.txt").write_text("mine")
    return folder


@pytest.fixture
def pages(folder: Path, by_hand: HandEngine) -> FlaskClient:
    return app_of(by_hand, models_dir=folder.parent).test_client()


@pytest.mark.parametrize("path", ["/models", "/models/tiny", "/models/careful"])
def test_a_page_is_ours_and_is_not_sent_again_unchanged(pages: FlaskClient, path: str):
    answer = pages.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "style=" not in answer.text, "the policy forbids it"
    again = pages.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert pages.get(path + "/").status_code == 200


def test_all_models_are_in_the_table_and_one_by_one(pages: FlaskClient):
    text = pages.get("/models").text
    assert re.findall(r'<tr data-model="([^"]+)"', text) == ["careful", "tiny"]
    assert re.findall(r'<article class="model" data-model="([^"]+)"', text) == ["careful", "tiny"]
    assert re.findall(r'<tr data-model="([^"]+)"[^>]* data-default', text) == ["tiny"]
    assert text.count("data-never") == 2, "two classes: said of each"


def test_a_model_that_comes_while_the_server_runs_is_shown(
    pages: FlaskClient, by_hand: HandEngine, monkeypatch: pytest.MonkeyPatch
):
    before = pages.get("/models")
    new = CARDS["tiny"].model_copy(update={"name": "new", "title": "New <b>"})
    monkeypatch.setattr(by_hand, "models", lambda: (*CARDS.values(), new))
    after = pages.get("/models", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert 'data-model="new"' in after.text
    assert "New &lt;b&gt;" in after.text
    assert pages.get("/models/new").status_code == 200


def test_only_pictures_that_are_there_are_named(pages: FlaskClient, folder: Path):
    assert re.findall(r"/pictures/([^?\"]+)\?", pages.get("/models").text) == ["curves.svg"]
    assert re.findall(r"/pictures/([^?\"]+)\?", pages.get("/models/tiny").text) == ["curves.svg"]
    (folder / "pictures" / "curves.svg").unlink()
    assert "/pictures/" not in pages.get("/models").text.replace("static/pictures/", "")


def test_the_card_for_people_is_shown_where_there_is_one(pages: FlaskClient):
    text = pages.get("/models/tiny").text
    assert "<p>Small &lt;i&gt;indeed&lt;/i&gt;.</p>" in text
    facts = pages.get("/models/careful").text
    assert "for tests" in facts
    assert 'data-word="models.unknown"' in facts


def test_a_model_that_finds_the_faces_itself_says_so_everywhere(
    pages: FlaskClient, by_hand: HandEngine, monkeypatch: pytest.MonkeyPatch
):
    whole = {"kind": "one-stage", "min_score": 0.5, "input_size": 384}
    monkeypatch.setattr(by_hand, "models", lambda: [CARDS["tiny"], CARDS["careful"].model_copy(update=whole)])
    table, each = pages.get("/models").text.split('class="each"')
    assert re.findall(r'<tr data-model="([^"]+)"[^>]* data-one-stage', table) == ["careful"]
    assert [table.count(f'data-word="models.{note}"') for note in ("oneStage", "note.included")] == [1, 1]
    for text in (each, pages.get("/models/careful").text):
        assert text.count("data-finds") == 1
        assert 'data-width="384" data-height="288"' in text
    assert "data-finds" not in pages.get("/models/tiny").text


def test_the_smallest_face_answered_is_told_once_with_and_without_a_card_for_people(pages: FlaskClient, folder: Path):
    (folder.parent / "careful").mkdir()
    for path in ("/models", "/models/careful"):
        assert re.findall(r'"models.fact.smallest"></dt><dd [^>]*data-value="(\d+)"', pages.get(path).text) == ["20"]
    (folder.parent / "careful" / "README.md").write_text("# Careful\n")
    assert pages.get("/models/careful").text.count("models.fact.smallest") == 1
    assert "models.fact.smallest" not in pages.get("/models/tiny").text, "it answers any"


@pytest.mark.parametrize("path", ["/models", "/models/careful"])
def test_headings_leave_out_no_level(
    pages: FlaskClient, by_hand: HandEngine, monkeypatch: pytest.MonkeyPatch, path: str
):
    said = {"value": 1.0, "n": 9, "low": 0.6, "high": 1.0}
    hard = CARDS["careful"].model_copy(update={"metrics": {"test_incorrect": {"faces": 9, "with_mask": said}}})
    monkeypatch.setattr(by_hand, "models", lambda: (hard,))
    text = pages.get(path).text
    assert "models.answers.incorrect" in text
    levels = [int(level) for level in re.findall(r"<h(\d)", text)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels


def test_a_card_of_another_encoding_is_shown_all_the_same(pages: FlaskClient, folder: Path):
    (folder / "README.md").write_bytes("Für alle".encode("latin-1"))
    assert "r alle" in pages.get("/models/tiny").text


@pytest.mark.parametrize("name", ["nothing", "TINY", "..", "%2e%2e", "<script>alert(1)", "tiny%00"])
def test_an_unknown_model_is_told_of_in_our_voice(pages: FlaskClient, name: str):
    answer = pages.get(f"/models/{name}")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert 'data-word="models.missing.text"' in answer.text
    assert 'href="/models"' in answer.text
    assert "<script>alert" not in answer.text


def test_a_picture_may_style_itself_and_nothing_else(pages: FlaskClient):
    answer = pages.get(ADDRESS)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/svg+xml", SVG)
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = pages.get(ADDRESS, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_picture_is_kept_only_by_the_address_that_names_its_weights(pages: FlaskClient, folder: Path):
    (named,) = re.findall(r'src="([^"]+curves\.svg\?[^"]+)"', pages.get("/models/tiny").text)
    assert CARDS["tiny"].sha256[:16] in named
    kept = pages.get(named).headers["Cache-Control"]
    assert "max-age=31536000" in kept
    assert "immutable" in kept
    for other in (ADDRESS, ADDRESS + "?version=", ADDRESS + "?version=1", named + "0"):
        assert pages.get(other).headers["Cache-Control"] == "no-cache", other
    (folder / "pictures" / "curves.svg").write_bytes(SVG + b"\n")
    assert pages.get(named).headers["Cache-Control"] == "no-cache", "it is another picture by now"
    assert named not in pages.get("/models/tiny").text


@pytest.mark.parametrize(
    "path",
    [
        "tiny/pictures/roc.svg",  # not there
        "tiny/pictures/notes.txt",  # there, and no picture of ours
        "tiny/pictures/card.json",
        "tiny/pictures/../card.json",
        "tiny/pictures/..%2fcard.json",
        "tiny/pictures/..%5ccard.json",
        "tiny/pictures/%2e%2e/%2e%2e/tiny/pictures/curves.svg",
        "tiny/pictures/",
        "tiny/model.tflite",
        "careful/pictures/curves.svg",
        "nothing/pictures/curves.svg",
        "../models/tiny/pictures/curves.svg",
    ],
)
def test_nothing_else_is_served(pages: FlaskClient, path: str):
    assert pages.get(f"/models/{path}").status_code == 404


def test_links_to_files_outside_are_not_followed(pages: FlaskClient, folder: Path, tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for path in (folder / "pictures" / "curves.svg", folder / "README.md"):
        path.unlink()
        path.symlink_to(secret)
    assert pages.get(ADDRESS).status_code == 404
    page = pages.get("/models/tiny")
    assert page.status_code == 200
    assert "secret" not in page.text
    assert "curves.svg" not in page.text
