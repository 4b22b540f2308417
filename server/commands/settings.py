"""Print every setting: its value now, where that came from, what it may be and what it is for."""

from __future__ import annotations

import click

from server.settings import Settings, bounds, load, variable


@click.command(help=__doc__)
@click.option("--markdown", is_flag=True, help="Print the table of the README instead: names, defaults, bounds, help.")
def command(markdown: bool) -> None:
    click.echo(markdown_table() if markdown else in_force())


def in_force() -> str:
    """All settings with the values in force, for people."""
    loaded = load()
    return "\n\n".join(
        f"{name} = {shown(getattr(loaded.settings, name))}  ({loaded.sources[name]})\n"
        f"    {variable(name)}: {bounds(name)}\n"
        f"    {field.description}"
        for name, field in Settings.model_fields.items()
    )


def markdown_table() -> str:
    """All settings with their defaults as a Markdown table, the same on every machine."""
    rows = [
        f"| `{name}` | `{variable(name)}` | `{shown(field.default)}` | {bounds(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    head = "| setting | environment | default | may be | what it is for |\n|---|---|---|---|---|"
    return "\n".join([head, *rows])


def shown(value: object) -> str:
    """A setting's value as one writes it."""
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
