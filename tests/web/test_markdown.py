from __future__ import annotations

import pytest

from server.web.markdown import render


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Title\n\nText.", "<p>Text.</p>\n"),
        ("Text.\n\n# Not the first", "<p>Text.</p>\n<h1>Not the first</h1>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("a <b onclick='x'>b</b>", "<p>a &lt;b onclick='x'&gt;b&lt;/b&gt;</p>\n"),
        ("[a](https://example.org)", '<p><a href="https://example.org">a</a></p>\n'),
        ("[a](../../docs/a.md) [*b*](/c)", "<p>a <em>b</em></p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("![a](pictures/curves.svg) b", "<p> b</p>\n"),
        ("[![a](pictures/curves.svg)](curves.html)b", "<p>b</p>\n"),
        ("", ""),
    ],
)
def test_what_becomes_of_it(text: str, html: str):
    assert render(text) == html


def test_tables_can_be_scrolled_by_keyboard():
    html = render("| a | b |\n|---|---|\n| 1 | <i>2</i> |\n")
    assert html.startswith('<div class="scroll" tabindex="0" role="group"')
    assert html.endswith("</table>\n</div>\n")
    assert "<td>&lt;i&gt;2&lt;/i&gt;</td>" in html
