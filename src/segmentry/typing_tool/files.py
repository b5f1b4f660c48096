"""What a tool leaves: a summary, its numbers, a workbook, SQL and a Python function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from segmentry.scoring.statement import check_dialect
from segmentry.sql import MatchedTable
from segmentry.sql.points import points_query
from segmentry.sql.score import encoded_start
from segmentry.text.inert import for_markdown
from segmentry.text.numbers import count, percent, ratio
from segmentry.text.plain_json import json_text
from segmentry.typing_tool import wording
from segmentry.typing_tool.tool import UNIT, TypingTool

NAMES = ("typing.md", "typing.json", "typing.xlsx", "typing.sql", "typing.py")
SCHEMA = 1


def to_sql(tool: TypingTool, matched: MatchedTable, dialect: str) -> str:
    """Write the tool as one SELECT over the table that `matched` describes."""
    dialect = check_dialect(dialect)
    points = [question.points for question in tool.questions]
    query = points_query(encoded_start(matched), tool.start, points, tool.gap, UNIT, dialect)
    heading = [f"-- segment {i}: {' '.join(name.split())}\n" for i, name in enumerate(tool.segments, 1)]
    return "".join(heading) + query.text(dialect) + ";\n"


def to_json(tool: TypingTool) -> str:
    """Write the numbers of the tool as JSON."""
    content = asdict(tool)
    content["questions"] = [
        {"name": q.feature.name, "label": q.label, "answers": q.answers, "points": q.points}
        for q in tool.questions
    ]
    return json_text({"schema": SCHEMA, "unit": UNIT, **content}, indent=1) + "\n"


def to_markdown(tool: TypingTool, floor: int) -> str:
    """Write what the tool asks, and how far it may be trusted."""
    n = len(tool.questions)
    words = wording.QUESTION if n == 1 else wording.QUESTIONS
    head = wording.HEADLINE.format(n=words.format(n=n), agreement=percent(tool.trust.agreement))
    is_reached = tool.tried and max(one.held_out for one in tool.tried) >= tool.wanted
    wanted = wording.WANTED.format(wanted=percent(tool.wanted))
    reached = wording.REACHED if is_reached else wording.NOT_REACHED
    proof = wording.PROVED.format(n=tool.n_candidates) if tool.is_proved else wording.NOT_PROVED
    trust = tool.trust
    covered = wording.COVERAGE.format(coverage=percent(trust.coverage), single=percent(trust.single))
    asked = [
        f"{i}. {for_markdown(q.label)}: {for_markdown(' · '.join(q.answers))}"
        for i, q in enumerate(tool.questions, 1)
    ]
    tried = [
        (str(len(one.names)), ", ".join(one.names), percent(one.agreement), percent(one.held_out))
        for one in tool.tried
    ]
    confusion = [(str(i), *map(count, row)) for i, row in enumerate(trust.confusion, 1)]
    weights = [(str(i), *map(ratio, row)) for i, row in enumerate(trust.weights, 1)]
    numbers = ("", *(str(i) for i in range(1, len(tool.segments) + 1)))
    names = [f"{i}. {for_markdown(name)}" for i, name in enumerate(tool.segments, 1)]
    proof = f" {proof}" if is_reached else ""
    parts = [
        f"# {head}", f"{wanted}{reached}{proof} {covered}", "\n".join(asked), "\n".join(names),
        _table(wording.TRIED_HEADS, tried), wording.CONFUSION.format(floor=floor), _table(numbers, confusion),
        *((wording.WEIGHTS, _table(numbers, weights)) if weights else (wording.NO_WEIGHTS,)),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(for_markdown(c) if c != "---" else c for c in line) + " |" for line in lines
    )


def write_tool(tool: TypingTool, folder: Path, texts: dict[str, str]) -> None:
    """Write the workbook and texts by the names of their files into a folder."""
    from segmentry.typing_tool.form import write_form

    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    write_form(tool, folder / "typing.xlsx")
