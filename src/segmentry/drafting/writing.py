"""Writes the drafted recipe as TOML with comments."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segmentry.drafting.cleaning import DraftedStep
from segmentry.drafting.drafted_feature import DraftedFeature
from segmentry.drafting.outcomes import DraftedGroup
from segmentry.drafting.words import shortened_value

WIDTH = 110
_MOST_NAMED = 4
_MOST_LISTED = 60


@dataclass(frozen=True)
class Plan:
    """Content of the drafted recipe; fields that end in `why` are its comment lines.

    Attributes
    ----------
    n_customers
        Customers of the table.
    title, headline, source, sensitive
        Keys of the recipe.
    candidates
        Columns that the table could be about instead, the likeliest first.
    about
        Comment lines at its beginning.
    steps, features, outcomes
        Cleaning steps, features, and groups of outcomes.
    offered
        Features that are written as comments, each with the reason why it is not used.
    unused
        Columns that are not used, each with the reason.
    """

    n_customers: int
    title: str
    headline: str
    candidates: tuple[str, ...]
    about: tuple[str, ...]
    source: dict[str, Any]
    source_why: tuple[str, ...]
    sensitive: tuple[str, ...]
    steps: Sequence[DraftedStep]
    features: Sequence[DraftedFeature]
    features_why: tuple[str, ...]
    outcomes: Sequence[DraftedGroup]
    outcomes_why: tuple[str, ...]
    offered: Sequence[tuple[DraftedFeature, str]]
    unused: Sequence[tuple[str, str]]


def recipe_text(plan: Plan) -> str:
    """Write the plan as a commented recipe."""
    parts = [_comment(plan.about), _toml_keys({"title": plan.title}, {})]
    if plan.headline:
        why = "The outcome that the first screen, the texts and the targeting speak of; another outcome's name may stand here."
        parts += [_comment([why, *_instead(plan.candidates)]) + _toml_keys({"headline": plan.headline}, {})]
    elif len(plan.outcomes) > 1:
        parts += [_asked_headline(plan.outcomes, plan.candidates)]
    if plan.sensitive:
        why = "Looked at in the audit of who is in which segment; being listed here keeps no column from forming segments."
        parts += [_comment([why]) + _toml_keys({"sensitive": list(plan.sensitive)}, {})]
    parts += [_comment(plan.source_why) + (_toml_table(("source",), plan.source) if plan.source else "")]
    parts += [_step_toml(step) for step in plan.steps]
    parts += [_comment(plan.features_why)]
    parts += [_feature_toml(made) for made in plan.features]
    parts += [_comment(plan.outcomes_why)]
    parts += [_group_toml(group) for group in plan.outcomes]
    parts += [_model_toml()]
    parts += _offered_toml(plan.offered)
    if plan.unused:
        lines = [f"{shortened_value(name)}: {why}" for name, why in plan.unused[:_MOST_LISTED]]
        more = len(plan.unused) - _MOST_LISTED
        parts += [
            _comment(["Columns that are not used:", *lines, *([f"… and {more} more"] if more > 0 else [])])
        ]
    return "\n".join(part for part in parts if part)


def _instead(candidates: Sequence[str]) -> list[str]:
    """Say what the table could be about instead, where nothing says for sure."""
    names = " or ".join(shortened_value(name) for name in candidates)
    return (
        [f"Not sure: `segmentry init --target COLUMN` compares another first, such as {names}."]
        if names
        else []
    )


def _asked_headline(outcomes: Sequence[DraftedGroup], candidates: Sequence[str]) -> str:
    """Ask for the headline outcome, and write one as a comment: a yes or no, where there is any."""
    first = sorted(outcomes, key=lambda group: group.role != "flags")
    names = ", ".join(shortened_value(group.headline) for group in first[:_MOST_NAMED])
    why = (
        "Nothing says which outcome the table is about. Name one, and the first screen, the texts and the targeting speak "
        f"of it, such as {names}: remove the # below."
    )
    return _comment([why, *_instead(candidates)]) + f"# {_toml_keys({'headline': first[0].headline}, {})}"


def _step_toml(step: DraftedStep) -> str:
    rows = "1 row" if step.n_rows == 1 else f"{step.n_rows:,} rows"
    why = [f"Drops {rows}. Alternative: remove this step; they then fall in the outer level."]
    return _comment(why) + _toml_entry("clean", {"step": step.name, "keep": step.keep, "why": step.why})


def _feature_toml(made: DraftedFeature) -> str:
    return _comment(made.why) + _toml_table(("features", made.name), made.keys, made.notes)


def _group_toml(group: DraftedGroup) -> str:
    keys: dict[str, Any] = {"label": group.label, "role": group.role}
    if not group.campaign:
        keys["campaign"] = False
    if group.cost is not None and group.revenue is not None:
        keys |= {"cost_per_contact": group.cost, "revenue_per_acceptance": group.revenue}
    share = (
        f"contacting pays above a rate of {group.cost / group.revenue:.1%}"
        if group.cost and group.revenue
        else ""
    )
    notes = {"cost_per_contact": share} if share else {}
    keys["columns"] = group.columns
    return _comment(group.why) + _toml_table(("outcomes", group.name), keys, notes)


def _model_toml() -> str:
    notes = {
        "method": 'takes missing values as they are; alternatives: "k-modes", "k-means"',
        "segments": "by BIC, from 1 up; alternative: a number",
    }
    return _toml_table(("model",), {"method": "latent-class", "segments": "auto"}, notes)


def _offered_toml(offered: Iterable[tuple[DraftedFeature, str]]) -> list[str]:
    parts = []
    for made, why in offered:
        toml = _toml_table(("features", made.name), made.keys)
        lines = "".join(f"# {line}\n" if line else "#\n" for line in toml.rstrip("\n").splitlines())
        parts.append(_comment([f"Not used, {why}:"]) + lines)
    if not parts:
        return []
    head = "Further features, ready to be taken: remove the # before the lines of one, and the column from the outcomes."
    return [_comment([head]), *parts]


def _toml_table(
    path: tuple[str, ...], keys: Mapping[str, Any], notes: Mapping[str, str] | None = None
) -> str:
    """TOML of a table, with comments behind its keys; tables within it come last."""
    import tomlkit

    inner = _filled(tomlkit.table(), keys, notes or {})
    for name in reversed(path[1:]):
        outer = tomlkit.table(is_super_table=True)
        outer.append(name, inner)
        inner = outer
    document = tomlkit.document()
    document.append(path[0], inner)
    return tomlkit.dumps(document)


def _toml_entry(name: str, keys: Mapping[str, Any]) -> str:
    """TOML of one entry of an array of tables."""
    import tomlkit

    entries = tomlkit.aot()
    entries.append(_filled(tomlkit.table(), keys, {}))
    document = tomlkit.document()
    document.append(name, entries)
    return tomlkit.dumps(document)


def _toml_keys(keys: Mapping[str, Any], notes: Mapping[str, str]) -> str:
    import tomlkit

    return tomlkit.dumps(_filled(tomlkit.document(), keys, notes))


def _filled(
    container: Any, keys: Mapping[str, Any], notes: Mapping[str, str], *, is_inner: bool = False
) -> Any:
    """Add keys to a table, tables last; within `is_inner` tables, further tables are written in a line."""
    import tomlkit

    for key, value in keys.items():
        if isinstance(value, Mapping) and not is_inner:
            continue
        item = _filled(tomlkit.inline_table(), value, {}) if isinstance(value, Mapping) else _item(key, value)
        if key in notes:
            if len(f"{key} = {item.as_string()} # {notes[key]}") > WIDTH:
                container.append(None, tomlkit.comment(shortened_value(notes[key], 200)))
            else:
                item.comment(shortened_value(notes[key], 200))
        container.append(key, item)
    for key, value in keys.items():
        if isinstance(value, Mapping) and not is_inner:
            container.append(key, _filled(tomlkit.table(), value, {}, is_inner=True))
    return container


def _item(key: str, value: Any) -> Any:
    """TOML of a value; SQL is a literal string, which keeps its quotes and lines."""
    import tomlkit

    if not isinstance(value, str) or key not in ("sql", "keep", "column"):
        return tomlkit.item(value)
    lines = value.split("\n")
    if not all(line.isprintable() for line in lines) or "'''" in value:
        return tomlkit.item(value)
    if key == "sql" and len(lines) > 1:
        return tomlkit.string(f"\n{value}\n", literal=True, multiline=True)
    is_literal = len(lines) == 1 and '"' in value and "'" not in value
    return tomlkit.string(value, literal=is_literal)


def _comment(lines: Iterable[str]) -> str:
    """Comment lines, wrapped."""
    wrapped = [part for line in lines for part in textwrap.wrap(shortened_value(line, 10_000), WIDTH - 2)]
    return "".join(f"# {line}\n" for line in wrapped)
