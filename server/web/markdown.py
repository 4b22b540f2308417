"""Model cards for people: their Markdown as HTML that is safe and fits our pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

FRAME = '<div class="scroll" tabindex="0" role="group" data-word-label="models.wideTable">\n'


def render(text: str) -> str:
    """Markdown as HTML.

    Raw HTML is shown as text. The first line's title is left out, for the page has one; so are pictures, which the
    page shows itself, and links within the repository, which lead nowhere here. Tables can be scrolled by keyboard.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        tokens = tokens[3:]
    for token in tokens:
        if token.children:
            token.children = _ours(token.children)
    return parser.renderer.render(list(_framed(tokens)), parser.options, {})


def _framed(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens with a frame of ours around each table; it scrolls where the table is wider than the page."""
    for token in tokens:
        if token.type == "table_open":
            yield Token("html_block", "", 0, content=FRAME)
        yield token
        if token.type == "table_close":
            yield Token("html_block", "", 0, content="</div>\n")


def _ours(inline: Sequence[Token]) -> list[Token]:
    """A line's tokens without pictures and without links that are not to the web."""
    kept: list[Token] = []
    dropped: list[bool] = []
    for token in inline:
        if token.type == "image":
            continue
        if token.type == "link_open":
            dropped.append(not str(token.attrGet("href")).startswith(("https://", "http://", "#")))
            if dropped[-1]:
                continue
        if token.type == "link_close" and dropped.pop():
            continue
        kept.append(token)
    return kept
