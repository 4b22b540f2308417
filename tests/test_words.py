"""The words of all languages: none missing, none too many, none outside the language files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path

import pytest

from server.training import recipes
from server.training.onepass import recipe as one_stage_recipes
from server.training.recipes import Training
from server.vision.classifiers.card import Card
from server.vision.classifiers.folders import ModelFolders
from server.vision.detectors import DetectorInfo, infos
from server.web.errors import STATUS
from server.web.languages import COOKIE, LANGUAGES, read_words

ROOT = Path(__file__).parents[1]
LANG, SCRIPTS, TEMPLATES = ROOT / "static" / "lang", ROOT / "static" / "js", ROOT / "templates"
OTHERS = LANGUAGES[1:]

# CLDR's plural forms for whole numbers below a million.
FORMS = {
    **{code: {"one", "other"} for code in ("en", "bn", "es", "fr", "de")},
    "ar": {"zero", "one", "two", "few", "many", "other"},
    "zh": {"other"},
}
NOTICE_PARTS = ("title", "text", "note", "button")
GAP = re.compile(r"\{(\w+)\}")
SPOKEN_OR_SHOWN = ("alt", "aria-label", "placeholder", "title", "aria-roledescription", "aria-description")

Words = Mapping[str, object]


@pytest.fixture(scope="module")
def all_words() -> dict[str, Words]:
    return {code: read_words(LANG / f"{code}.json") for code in LANGUAGES}


def is_plural(node: object) -> bool:
    return isinstance(node, Mapping) and "other" in node


def leaves(node: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every path that has words, with a string or the forms by number."""
    if isinstance(node, Mapping) and not is_plural(node):
        for name, below in node.items():
            yield from leaves(below, f"{path}.{name}" if path else name)
    else:
        yield path, node


def strings(words: object) -> list[str]:
    return [str(text) for text in words.values()] if isinstance(words, Mapping) else [str(words)]


def test_a_file_for_every_language_and_none_besides():
    assert sorted(path.stem for path in LANG.glob("*.json")) == sorted(LANGUAGES)
    script = (SCRIPTS / "language.js").read_text()
    listed = re.search(r"LANGUAGES = .*?\(\[(.*?)\]\)", script)
    assert listed
    assert tuple(re.findall(r'"(\w+)"', listed[1])) == LANGUAGES
    assert f'COOKIE = "{COOKIE}"' in script


@pytest.mark.parametrize("code", OTHERS)
def test_no_word_is_missing_and_none_too_many(all_words: dict[str, Words], code: str):
    english, other = dict(leaves(all_words["en"])), dict(leaves(all_words[code]))
    assert sorted(other.keys() ^ english.keys()) == []
    assert [path for path in english if is_plural(english[path]) != is_plural(other[path])] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_have_the_forms_that_their_language_counts_with(all_words: dict[str, Words], code: str):
    for path, words in leaves(all_words[code]):
        if isinstance(words, Mapping):
            assert set(words) == FORMS[code], path


@pytest.mark.parametrize("code", OTHERS)
def test_words_have_the_gaps_of_the_english_ones(all_words: dict[str, Words], code: str):
    other = dict(leaves(all_words[code]))
    for path, words in leaves(all_words["en"]):
        wanted = {gap for text in strings(words) for gap in GAP.findall(text)}
        for text in strings(other[path]):
            # "One face" can do without its number.
            exempt = {"count"} if isinstance(other[path], Mapping) else set()
            assert wanted - exempt <= set(GAP.findall(text)) <= wanted, f"{code}: {path}"


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_are_well_written(all_words: dict[str, Words], code: str):
    english = dict(leaves(all_words["en"]))
    for path, words in leaves(all_words[code]):
        for text in strings(words):
            assert text, path
            assert text == text.strip(), path
            assert "..." not in text, f"{path}: one character, …"
            assert not re.search(r"['\"]", text) or path.startswith(("modelNames", "detectorNames")), path
        sentence = any(re.search(r"[a-z]{2} [a-z]{2}", text) for text in strings(words))
        assert code == "en" or words != english[path] or not sentence, f"{code}: {path} is still English"


def test_direction_is_one_that_pages_can_have(all_words: dict[str, Words]):
    directions = {code: dict(leaves(words))["language.direction"] for code, words in all_words.items()}
    assert directions == {code: "rtl" if code == "ar" else "ltr" for code in LANGUAGES}


def test_the_models_and_face_finders_of_maskgate_have_names(all_words: dict[str, Words]):
    def called(each: Training | Card | DetectorInfo) -> dict[str, str]:
        return {"title": each.title, "description": each.description}

    # A model comes with its recipe's name, whether or not it is trained yet.
    one_stage = {name: called(one_stage_recipes.load(name)) for name in one_stage_recipes.names()}
    models = {name: called(recipes.load(name)) for name in recipes.names()} | one_stage
    assert all_words["en"]["modelNames"] == models
    assert {name: called(card) for name, card in ModelFolders(ROOT / "models").items()}.items() <= models.items()
    assert all_words["en"]["detectorNames"] == {info.name: called(info) for info in infos()} | one_stage


def test_every_refusal_has_words(all_words: dict[str, Words]):
    problems = all_words["en"]["problems"]
    assert isinstance(problems, Mapping)
    assert {*STATUS, "unauthorized", "internal_error"} <= set(problems)


class Texts(HTMLParser):
    """Collects what a template would show or have read aloud by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in SPOKEN_OR_SHOWN]


def own_words(template: str) -> list[str]:
    """Words of a template that are in no language file; MaskGate's name is the same in all."""
    parser = Texts()
    named = re.sub(r"(</?)\{\{.*?\}\}", r"\1p", template)  # an element whose name a macro is told
    parser.feed(re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", named, flags=re.DOTALL))
    return [text.strip() for text in parser.found if re.search(r"[^\W\d_]", text.replace("MaskGate", ""))]


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_templates_have_no_words_of_their_own(path: Path):
    assert own_words(path.read_text()) == []


def test_words_in_a_template_would_be_found():
    assert own_words('<p data-word="a.b"></p>{# why #}<a title="{{ x }}">MaskGate</a>–{{ y }}') == []
    assert own_words("<p>{% if x %}Hello{% endif %}</p>") == ["Hello"]
    assert own_words('<img alt="A face">') == ["A face"]


_SINKS = re.compile(
    r"""(?:\.(?:textContent|innerText|innerHTML|title|alt|placeholder|ariaLabel|ariaDescription|ariaRoleDescription)\s*=\s*
        |setAttribute\(\s*"(?:aria-label|aria-description|title|alt|placeholder)"\s*,\s*
        |new\sOption\(\s*|\.(?:append|prepend|replaceChildren|setCustomValidity)\(\s*
        |\b(?:alert|confirm|prompt|createTextNode|fillText|SpeechSynthesisUtterance)\(\s*)
        (?:(?:(?!word\()[^;\n"'`])*[?]\s*[^;\n"'`]*)?(?<!word\()(["'`])(.*?)\1""",
    re.VERBOSE,
)
_ARGUMENT = re.compile(r"[(,]\s*`([^`\n]*)`")
_ERROR = re.compile(r"new \w*Error\((?:[^()]|\([^()]*\))*\)")
_COMMENT = re.compile(r"/\*.*?\*/|(?:^|(?<=\s))//[^\n]*", re.DOTALL)


def shown_literals(script: str) -> list[str]:
    """Texts that a script shows without looking them up, as far as they stand where they are shown or handed on."""
    code = _COMMENT.sub(" ", script)
    found = [match[2] for match in _SINKS.finditer(code)]
    shown = [text for text in found if re.search(r"[^\W\d_]|%", _gapless(text))]
    return [*shown, *(text for text in _handed_on(code) if text not in shown)]


def _handed_on(code: str) -> list[str]:
    """Texts with gaps that are a function's argument and no selector: who gets them may show them."""
    texts = [text for text in _ARGUMENT.findall(_ERROR.sub(" ", code)) if not re.search(r"^\.|[#[]", text)]
    return [text for text in texts if re.search(r"%|[^\W\d_]{2}\s|\s[^\W\d_]{2}", _gapless(text))]


def _gapless(text: str) -> str:
    return re.sub(r"\$\{.*?\}", "", text)


@pytest.mark.parametrize("path", sorted(SCRIPTS.rglob("*.js")), ids=lambda path: str(path.relative_to(SCRIPTS)))
def test_scripts_show_no_words_of_their_own(path: Path):
    assert shown_literals(path.read_text()) == []


def test_words_in_a_script_would_be_found():
    assert shown_literals('a.textContent = word("a.b"); a.textContent = ""; a.alt = `${b}`; // x.title = "No"') == []
    assert shown_literals('a.textContent = "Hello";') == ["Hello"]
    assert shown_literals('a.textContent = b ? word("a.b") : "";') == []
    assert shown_literals("a.textContent = `${b} %`;") == ["${b} %"]
    assert shown_literals('a.title = b ? "On" : word("off");') == ["On"]
    assert shown_literals('new Option("None", "")') == ["None"]
    assert shown_literals("row(name, `${b} %`, `Face ${c}`);") == ["${b} %", "Face ${c}"]
    assert shown_literals("find(`[data-a=${b}] svg`); word(`a.${b}`); throw new TypeError(`No ${b} in it`);") == []


def named_paths() -> tuple[list[str], list[re.Pattern[str]]]:
    """What templates and scripts look up: paths, and patterns of those put together as the page runs."""
    found: set[str] = set()
    for path in TEMPLATES.glob("*.html"):
        text = re.sub(r"url_for\([^)]*\)|(?:include|extends|from) \"[\w-]+\.html\"", "", path.read_text())
        found |= set(re.findall(r'data-word(?:-label|-alt|-known)?="([^"]+)"', text))
        found |= set(re.findall(r"""['"]([a-zA-Z]+(?:\.[a-zA-Z]+)+)['"]""", text))
    for path in SCRIPTS.rglob("*.js"):
        script = _COMMENT.sub(" ", path.read_text())
        found |= set(re.findall(r'"([\w-]+(?:\.[\w-]+)+)"', script))
        found |= {
            text for text in re.findall(r"`([^`\n]*)`", script) if re.fullmatch(r"(?:[\w.-]|\$\{[^{}]*\})+", text)
        }
    for path in (ROOT / "server" / "web").rglob("*.py"):
        found |= set(re.findall(r'data-word(?:-label|-alt)?="([^"]+)"', path.read_text()))
    whole = re.compile(r"[\w-]+(?:\.[\w-]+)+")
    patterns = {text for text in found if not whole.fullmatch(text) and "." in text}
    return sorted(found - patterns), [_pattern(text) for text in sorted(patterns)]


def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(r"(\$\{[^{}]*\}|\{\{.*?\}\})", text)
    return re.compile("".join("[^.]+" if part.startswith(("$", "{")) else re.escape(part) for part in parts))


def test_every_word_is_used_and_every_word_used_is_there(all_words: dict[str, Words]):
    there = {path for path, _ in leaves(all_words["en"])}
    literal, patterns = named_paths()
    notices = {f"{path}.{part}" for path in literal for part in NOTICE_PARTS} & there
    tops = {path.partition(".")[0] for path in there}
    missing = [
        path
        for path in literal
        if path.partition(".")[0] in tops
        and path not in there
        and not any(other.startswith(f"{path}.") for other in there)  # a stem that the page adds to
    ]
    assert missing == []
    used = {*literal, *notices}
    for path in there - used:
        stems = {path, *(path.removesuffix(f".{part}") for part in NOTICE_PARTS)}
        if any(pattern.fullmatch(stem) for pattern in patterns for stem in stems):
            used.add(path)
    assert sorted(there - used) == []
