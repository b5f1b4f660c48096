"""The reference of the command line, made of the command itself when the site is built."""

from __future__ import annotations

from typing import Any

from typer.main import get_command

from segmentry.cli import app as commands

PLACE = "<!-- commands -->"
"""Where the page of the reference has a section for every command."""


def reference() -> str:
    """Every command as a section of Markdown: what it does, its arguments and its options."""
    group: Any = get_command(commands)
    return "\n\n".join(_section(name, command) for name, command in group.commands.items())


def _section(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    called = " ".join(["segmentry", name, *(_metavar(a) for a in arguments), "[OPTIONS]"])
    rows = [(f"`{_metavar(a)}`", a.help or "") for a in arguments]
    rows += [(_names(o), _told(o)) for o in options]
    table = "\n".join(f"| {_cell(left)} | {_cell(right)} |" for left, right in rows)
    return f"## {name}\n\n{command.help}\n\n```text\n{called}\n```\n\n| | |\n|---|---|\n{table}"


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _names(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    return names if option.is_flag else f"{names} `{_metavar(option)}`"


def _told(option: Any) -> str:
    parts = [option.help or ""]
    parts += ["Required."] if option.required else []
    is_said = option.default not in (None, False, ()) and not callable(option.default) and not option.is_flag
    parts += [f"Default: `{option.default}`."] if is_said and not option.required else []
    return " ".join(part for part in parts if part)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _read(_: Any, page: str, source: list[str]) -> None:
    if page == "reference/commands":
        source[0] = source[0].replace(PLACE, reference())


def setup(app: Any) -> dict[str, bool]:
    """Connect the reference with the page that Sphinx reads."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}
