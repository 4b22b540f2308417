"""What axe-core objects to on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def objections(page: Page) -> list[dict[str, Any]]:
    """What axe-core finds wrong on a page by WCAG 2.2 AA and its own best practices."""
    page.evaluate(AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        """async (tags) => (await axe.run(document, { runOnly: tags, resultTypes: ["violations"] })).violations.map(
            ({ id, help, nodes }) => ({ rule: id, help, where: nodes.map((node) => node.html.slice(0, 200)) }))""",
        TAGS,
    )
    return found
