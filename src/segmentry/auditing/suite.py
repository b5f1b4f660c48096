"""A suite of checks in the YAML that pointblank reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segmentry.auditing.findings import Finding
from segmentry.text.inert import for_markdown, for_yaml
from segmentry.text.one_line import one_line
from segmentry.text.words import listed

_BEGINNING = "# Checks by segmentry of "
_LIMITED = ("missing",)
"""Kinds of findings of which checks allow as much as there is today."""
_HEAD = """\
{beginning}{name}, for pointblank:
#   pb run THIS_FILE --data TABLE --fail-on warning
# In Python: pointblank.yaml_interrogate(Path(THIS_FILE), set_tbl=table).assert_below_threshold(level="warning")
# Bounds are rounded outwards. A check that names rows failed when this was written.
{unchecked}tbl: null
tbl_name: {table}
thresholds: {{warning: 1, error: 0.01}}
steps:
"""


@dataclass(frozen=True)
class Check:
    """A step of a suite.

    Attributes
    ----------
    method
        Method of pointblank.
    takes
        What it takes.
    brief
        Sentence beside it, unless findings say it.
    findings
        Findings by which it fails today.
    thresholds
        Failing rows, or their share, from which on it warns or is an error, where these are not the suite's.
    """

    method: str
    takes: Mapping[str, Any]
    brief: str
    findings: tuple[Finding, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def text(self) -> str:
        """Write the step."""
        brief = "; ".join(f.summary or f.title for f in self.findings) or self.brief
        given = {**self.takes, "brief": for_markdown(one_line(brief))}
        given |= {"thresholds": self.thresholds} if self.thresholds else {}
        return "\n".join([f"- {self.method}:", *_lines(given, "    ")]) + "\n"


def suite_text(
    name: str, checks: Sequence[Check], findings: Sequence[Finding], patterns: Sequence[str] = ()
) -> str:
    """Write the suite; findings of a table that no check tells are named by their kinds, and columns whose names are `patterns`."""
    said = {id(f) for check in checks for f in check.findings}
    unsaid = [f for f in findings if id(f) not in said and f.severity != "know" and f.kind not in _LIMITED]
    kinds = list(dict.fromkeys(f.kind for f in unsaid))
    head = _HEAD.format(
        beginning=_BEGINNING,
        name=one_line(name),
        table=for_yaml(one_line(name)),
        unchecked="".join(
            f"# {what} without a check: {one_line(listed(names, 40))}.\n"
            for what, names in (
                ("Findings", kinds),
                ("Columns whose names polars takes for several,", patterns),
            )
            if names
        ),
    )
    return head + "".join(check.text() for check in checks)


def is_suite(path: Path) -> bool:
    """Whether a file holds such a suite."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(len(_BEGINNING)) == _BEGINNING


def _lines(given: Mapping[str, Any], indent: str) -> Iterator[str]:
    """A line for each value, and for each column of a schema."""
    for key, value in given.items():
        if key == "schema":
            yield f"{indent}{key}:"
            yield f"{indent}  columns:"
            yield from (f"{indent}  - {for_yaml(place)}" for place in value["columns"])
        else:
            yield f"{indent}{key}: {for_yaml(value)}"
