"""The language that the server sends a page in, before any script has run."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from server.web.languages import COOKIE, LANGUAGES
from tests.web.conftest import HandEngine, app_of


@pytest.fixture
def pages(by_hand: HandEngine) -> FlaskClient:
    return app_of(by_hand).test_client()


def sent(pages: FlaskClient, path: str = "/", accept: str = "", chosen: str = "") -> str:
    """`lang` and `dir` of a page."""
    if chosen:
        pages.set_cookie(COOKIE, chosen)
    text = pages.get(path, headers={"Accept-Language": accept}).text
    found = re.search(r'<html lang="([^"]+)" dir="([^"]+)"', text)
    assert found
    return f"{found[1]} {found[2]}"


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en ltr"),
        ("de", "de ltr"),
        ("bn-BD,bn;q=0.9,en;q=0.8", "bn ltr"),
        ("zh-CN", "zh ltr"),
        ("zh-Hant-TW,zh;q=0.9", "zh ltr"),
        ("ar-EG", "ar rtl"),
        ("nl,fr;q=0.5,en;q=0.4", "fr ltr"),
        ("nl", "en ltr"),
        ("de;q=0.2,es;q=0.9", "es ltr"),
        ("*", "en ltr"),
        ("\x7f;;q=,,", "en ltr"),
    ],
)
def test_the_browser_s_first_language_that_there_is(pages: FlaskClient, accept: str, language: str):
    assert sent(pages, accept=accept) == language


def test_the_visitor_s_choice_goes_before_the_browser_s_and_the_address_before_both(pages: FlaskClient):
    assert sent(pages, accept="de", chosen="ar") == "ar rtl"
    assert sent(pages, "/?lang=bn", accept="de", chosen="ar") == "bn ltr"
    assert sent(pages, "/?lang=FR-ca", accept="de", chosen="ar") == "fr ltr"


@pytest.mark.parametrize("nonsense", ["xx", "../en", "en.js", "%00", "<script>", "e" * 500])
def test_nonsense_is_passed_over(pages: FlaskClient, nonsense: str):
    assert sent(pages, f"/?lang={nonsense}", accept="de") == "de ltr"
    assert sent(pages, "/", accept="de", chosen=nonsense) == "de ltr"


@pytest.mark.parametrize("path", ["/", "/models", "/models/tiny", "/models/nothing"])
def test_every_page_comes_in_the_language(pages: FlaskClient, path: str):
    answer = pages.get(path, headers={"Accept-Language": "ar"})
    assert '<html lang="ar" dir="rtl"' in answer.text
    assert re.findall(r'preload" href="/static/lang/(\w+)\.json', answer.text) == ["ar"]
    assert "JavaScript" in (noscript := answer.text.partition("<noscript>")[2].partition("</noscript>")[0])
    assert "needs" not in noscript
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in answer.headers["Vary"].split(",")}


@pytest.mark.parametrize("path", ["/", "/models"])
def test_every_language_is_offered_by_its_own_name(pages: FlaskClient, path: str):
    text = pages.get(path).text.partition('data-action="language"')[2].partition("</select>")[0]
    offered = re.findall(r'<option value="(\w+)" lang="(\w+)"( selected)?>([^<]+)</option>', text)
    assert tuple(code for code, *_ in offered) == LANGUAGES
    assert [code for code, _, selected, _ in offered if selected] == ["en"]
    assert [name for *_, name in offered] == ["English", "বাংলা", "Español", "Français", "العربية", "Deutsch", "简体中文"]


def test_a_page_kept_in_one_language_is_not_shown_in_another(pages: FlaskClient):
    kept = pages.get("/models", headers={"Accept-Language": "de"}).headers["ETag"]
    assert pages.get("/models", headers={"Accept-Language": "de", "If-None-Match": kept}).status_code == 304
    assert pages.get("/models", headers={"Accept-Language": "fr", "If-None-Match": kept}).status_code == 200
