"""Drafts beside an expert: what 94 public tables are drafted as, whether the drafts run, and whether names are true."""

from __future__ import annotations

import tomllib
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from names import held_shares
from page import table
from roles import Judged, headline_columns, judge
from tables import FOLDER, GROUPS, ExpertTable, expert_tables, missing_packages

import segmentry as sg
from cases.bench import Bench

ENOUGH = 0.6
"""Share of a segment's customers for whom its name has to hold."""
QUICK = ("defaults", "card-balance", "catalogues")
BEFORE = FOLDER / "before.toml"
_MOST_KINDS = 15
NO_LANGUAGE = ("quorel", "brenaso", "fimdal")
"""Names that say nothing, for targets."""


@dataclass(frozen=True)
class Measured:
    """A table's draft and its run: what went wrong, and the shares of customers for whom the names hold.

    `is_found_by_place` says whether the target is the headline outcome where its name says nothing; None where there is no target.
    """

    expert: ExpertTable
    n_columns: int
    judged: Judged | None = None
    failed: str = ""
    n_segments: int = 0
    shares: Sequence[float | None] = field(default_factory=list)
    is_found_by_place: bool | None = None

    @property
    def n_right(self) -> int:
        return 0 if self.judged is None else self.n_columns - len(self.judged.wrong)


def drafts(bench: Bench) -> str:
    missing = missing_packages()
    if missing:
        raise RuntimeError(f"needs the dependency group bench: {', '.join(missing)}")
    chosen = [one for one in expert_tables() if not bench.is_quick or one.name in QUICK]
    measured = [measure(one, bench.folder) for one in chosen]
    parts = [_intro(measured), _summary(measured), _by_table(measured), _kinds(measured)]
    return "\n\n".join(part for part in parts if part)


def measure(expert: ExpertTable, folder: Path) -> Measured:
    """Draft a table from a file, as a user has one, and run the draft."""
    frame = expert.frame()
    columns = [str(c) for c in frame.columns]
    path = folder / f"{expert.name}.csv"
    frame.to_csv(path, index=False)
    judged, is_found = None, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            recipe = sg.draft(path)
            judged = judge(expert, columns, recipe)
            is_found = found_by_place(expert, folder) if expert.target else None
            result = sg.run(path, recipe)
    except sg.SegmentryError as error:
        if expert.is_open:
            print(f"  {expert.name}: {error}", flush=True)
        return Measured(expert, len(columns), judged, str(error), is_found_by_place=is_found)
    return Measured(expert, len(columns), judged, "", len(result.segments), held_shares(result), is_found)


def found_by_place(expert: ExpertTable, folder: Path) -> bool:
    """Draft the table with names of targets that say nothing, and say whether one of them is the headline outcome."""
    names = dict(zip(expert.target, NO_LANGUAGE, strict=False))
    (folder / "renamed").mkdir(exist_ok=True)
    path = folder / "renamed" / f"{expert.name}.csv"
    expert.frame().rename(columns=names).to_csv(path, index=False)
    return bool(set(names.values()) & set(headline_columns(sg.draft(path))))


def figures(measured: Iterable[Measured]) -> dict[str, tuple[int, int]]:
    """Return every yardstick as how many are right, of how many."""
    all_of = list(measured)
    judged = [(m.expert, m.judged) for m in all_of]
    with_target = [(e, j) for e, j in judged if e.target]
    shares = [s for m in all_of for s in m.shares]
    by_place = [m.is_found_by_place for m in all_of if m.is_found_by_place is not None]

    def summed(of: Callable[[Judged], tuple[int, int]]) -> tuple[int, int]:
        pairs = [of(j) for _, j in judged if j is not None]
        return sum(p[0] for p in pairs), sum(p[1] for p in pairs)

    repeated = [j is not None and bool(j.is_one_row) for e, j in judged if e.is_repeated]
    return {
        "columns whose role is right": (sum(m.n_right for m in all_of), sum(m.n_columns for m in all_of)),
        "targets that are the headline outcome": (sum(j is not None and j.has_headline for _, j in with_target), len(with_target)),
        "the same where the targets' names say nothing": (sum(by_place), len(by_place)),
        "targets that are an outcome": (sum(len(j.outcomes) for _, j in with_target if j is not None), sum(len(e.target) for e, _ in with_target)),
        "drafts that run": (sum(not m.failed for m in all_of), len(all_of)),
        f"names that hold for {ENOUGH:.0%} of their segment": (sum(s is not None and s >= ENOUGH for s in shares), len(shares)),
        "names that can be looked up": (sum(s is not None for s in shares), len(shares)),
        "outcomes compared in the right way": summed(lambda j: j.kinds),
        "ordered answers in their order": summed(lambda j: j.orders),
        "sensitive columns that are marked": summed(lambda j: j.sensitive),
        "tables of repeated rows with one row per customer": (sum(repeated), len(repeated)),
    }  # fmt: skip


def _summary(measured: Sequence[Measured]) -> str:
    before = tomllib.loads(BEFORE.read_text(encoding="utf-8")) if BEFORE.exists() else {}
    groups = [group for group in GROUPS if any(m.expert.group == group for m in measured)]
    now = {group: figures(m for m in measured if m.expert.group == group) for group in groups}
    columns = {}
    for group in groups:
        if group in before:
            columns[f"{group}, before"] = before[group]
        columns[f"{group}, now"] = now[group]
    if closed := [m for m in measured if not m.expert.is_open]:
        columns["both that are not open, now"] = figures(closed)
    rows = [[name, *(_share(*of.get(name, (0, 0))) for of in columns.values())] for name in now[groups[0]]]
    tables = table(["", *columns], rows)
    return f"{tables}\n\nBefore: {before['when']}." if before else tables


def _share(right: int, of: int) -> str:
    return f"{right / of:.0%} ({right:,} of {of:,})" if of else ""


def _intro(measured: Sequence[Measured]) -> str:
    n_open = sum(m.expert.is_open for m in measured)
    mean = sum(m.n_right / m.n_columns for m in measured) / len(measured)
    return f"""{len(measured)} public tables of people and customers, drafted from CSV files without a word about them, and run as drafted.
Their columns' roles were written down before drafts of them were looked at (`benchmarks/experts`); {n_open} tables are
open to who makes rules, {len(measured) - n_open} drawn ones are not. Of the mean table {mean:.0%} of the columns have a right role."""


def _by_table(measured: Sequence[Measured]) -> str:
    """Return one row per table that is open."""
    rows = [_row(m) for m in measured if m.expert.is_open]
    return table(["table", "group", "columns right", "headline", "outcome", "runs", "segments", "names that hold", "least share"], rows)  # fmt: skip


def _row(m: Measured) -> list[str]:
    target = m.expert.target
    known = [s for s in m.shares if s is not None]
    has_headline = m.judged is not None and m.judged.has_headline
    n_outcomes = 0 if m.judged is None else len(m.judged.outcomes)
    return [
        m.expert.name,
        m.expert.group,
        f"{m.n_right} of {m.n_columns}",
        ("yes" if has_headline else "no") if target else "",
        f"{n_outcomes} of {len(target)}" if target else "",
        "no" if m.failed else "yes",
        str(m.n_segments or ""),
        f"{sum(s >= ENOUGH for s in known)} of {len(m.shares)}" if m.shares else "",
        f"{min(known):.0%}" if known else "",
    ]


def _kinds(measured: Sequence[Measured]) -> str:
    """Return the most frequent kinds of wrong roles in the tables that are open, and all of them."""
    judged = [(m.expert.name, m.judged) for m in measured if m.judged is not None and m.expert.is_open]
    wrong = Counter(w for _, j in judged for w in j.wrong.values())
    in_tables = Counter(w for _, j in judged for w in set(j.wrong.values()))
    rows = [
        [f"{right} → {drafted}", str(n), str(in_tables[right, drafted])]
        for (right, drafted), n in wrong.most_common(_MOST_KINDS)
    ]
    every = [
        [name, f"{kind[0]} → {kind[1]}", ", ".join(f"`{c}`" for c, w in j.wrong.items() if w == kind)]
        for name, j in judged
        for kind in dict.fromkeys(j.wrong.values())
    ]
    if not rows:
        return ""
    whole = table(["table", "right → drafted", "columns"], every)
    return f"""{table(["right → drafted, in the tables that are open", "columns", "tables"], rows)}

<details><summary>every wrong role in the tables that are open</summary>

{whole}

</details>"""
