"""The assignment as one Python function that needs only the standard library."""

from __future__ import annotations

import keyword
import pprint
import re

from segmentry.recipe import Feature
from segmentry.recipe.levels import coded_edges, coded_groups
from segmentry.scoring.placing import formula_of
from segmentry.segmentation import Segmentation
from segmentry.sql.encode import NO_WORDS, YES_WORDS
from segmentry.sql.sums import WITHOUT_REASON
from segmentry.text.one_line import printable

_BODY = '''
def assign({arguments}):
    """Place one customer; every argument is the value of a feature, None where it is missing.
{documentation}
    Cleaning steps of the recipe are not part of it. Returns a dictionary: segment (from 1), certainty, second_segment,
    reason, fits; segment is None where the recipe assigns nobody with such a value.
    """
    return _assign(({arguments},))


def _assign(values):
    """Place one customer by the values of the features, in their order."""
    codes = [_code(rule, value) for rule, value in zip(RULES, values, strict=True)]
    if any(code in refused for code, refused in zip(codes, REFUSED, strict=True)):
        return {{"segment": None, "certainty": None, "second_segment": None, "reason": None, "fits": False}}
    rows = [terms[code] if code >= 0 else NOTHING for terms, code in zip(TERMS, codes, strict=True)]
    for first, second, terms in PAIRS:
        rows.append(terms[codes[first]][codes[second]] if codes[first] >= 0 and codes[second] >= 0 else NOTHING)
    sums, at = None, 0
    for size in GROUPS:
        run = None
        for j in range(at, at + size):
            row = [a + b for a, b in zip(rows[j], CONSTANTS, strict=True)] if j == 0 else rows[j]
            run = row if run is None else [a + b for a, b in zip(run, row, strict=True)]
        sums = run if sums is None else [a + b for a, b in zip(sums, run, strict=True)]
        at += size
    best = min(sums)
    segment = sums.index(best)
    odds = sum(math.exp(best - s) if s - best <= 700 else 0.0 for s in sums)
    away = best - math.log(odds) if KIND == "likelihood" else best
    strange = any(code in unknown for code, unknown in zip(codes, STRANGE, strict=True))
    fits = away <= LIMIT and not strange and any(code >= 0 for code in codes)
    if len(sums) == 1:
        return {{"segment": 1, "certainty": 1.0, "second_segment": None, "reason": "the only segment", "fits": fits}}
    others = sums[:segment] + [math.inf] + sums[segment + 1 :]
    following = min(others)
    second = others.index(following)
    if KIND == "likelihood":
        certainty = 1 / odds
    elif KIND == "squared":
        certainty = 1 - math.sqrt(best) / math.sqrt(following) if following > 0 else 0.0
    else:
        certainty = 1 - best / following if following > 0 else 0.0
    gains = [row[second] - row[segment] for row in rows]
    for pair in reversed(PAIRS):
        gained = gains.pop()
        for j in pair[:2]:
            gains[j] += 0.5 * gained
    decided = [j for j in sorted(range(len(gains)), key=lambda j: -gains[j])[:2] if gains[j] > 0]
    reason = "; ".join(SPOKEN[j][codes[j]] for j in decided) or {without!r}
    return {{
        "segment": segment + 1,
        "certainty": certainty,
        "second_segment": second + 1,
        "reason": reason,
        "fits": fits,
    }}

'''

CODE = '''def _code(rule, value):
    """The number of the level; -1 is missing (or its own level), -2 is in no level."""
    if value is None or value != value:
        return rule["missing"]
    if rule["kind"] == "edges":
        below = (lambda v, e: v < e) if rule["closed"] == "left" else (lambda v, e: v <= e)
        return next((i for i, edge in enumerate(rule["edges"]) if below(value, edge)), len(rule["edges"]))
    if rule["kind"] == "yes_no":
        if not isinstance(value, str):
            return int(bool(value))
        text = value.strip(" ").lower()
        return 1 if text in YES else 0 if text in NO else -2
    if not rule["is_number"] and not isinstance(value, str):
        value = str(value)
    return next((i for i, group in enumerate(rule["groups"]) if value in group), rule["rest"])
'''
"""Source of the function that finds the number of a value's level, by a rule of `level_rule`."""


def to_python(segmentation: Segmentation) -> str:
    """Write the assignment as Python source; see `Segmentation.to_python`."""
    formula = formula_of(segmentation)
    features = segmentation.recipe.features
    names = argument_names(features)
    constants = {
        "KIND": formula.kind,
        "CONSTANTS": formula.constants,
        "GROUPS": formula.groups,
        "LIMIT": formula.limit,
        "NOTHING": (0.0,) * formula.n_segments,
        "TERMS": tuple(f.numbers for f in formula.features),
        "PAIRS": tuple((p.first, p.second, p.numbers) for p in formula.pairs),
        "SPOKEN": tuple(f.spoken for f in formula.features),
        "STRANGE": tuple(f.strange for f in formula.features),
        "REFUSED": tuple(f.refuses for f in formula.features),
        "YES": YES_WORDS,
        "NO": NO_WORDS,
        "RULES": tuple(
            level_rule(f, len(t.numbers), segmentation.kinds)
            for f, t in zip(features, formula.features, strict=True)
        ),
    }
    lines = [
        f"{name} = {pprint.pformat(value, width=100, sort_dicts=False)}" for name, value in constants.items()
    ]
    documentation = "\n".join(f"    {line}" for line in argument_texts(features, names))
    body = _BODY.format(
        arguments=", ".join(names), documentation=f"\n{documentation}\n", without=WITHOUT_REASON
    )
    heading = [f"# segment {i}: {_one_line(name)}" for i, name in enumerate(formula.segments, 1)]
    return (
        "\n".join(
            ('"""Segments, by one function without dependencies."""', "", "import math", "", *heading, *lines)
        )
        + "\n\n"
        + body
        + "\n\n"
        + CODE
    )


def _one_line(text: str) -> str:
    return printable(" ".join(text.split()))


def argument_names(features: tuple[Feature, ...]) -> list[str]:
    """Return a name for the argument of each feature: one that Python allows, and no two alike."""
    names: list[str] = []
    for feature in features:
        name = re.sub(r"\W", "_", feature.name, flags=re.ASCII)
        name = f"_{name}" if keyword.iskeyword(name) or not name[:1].isalpha() else name
        while name in names:
            name += "_"
        names.append(name)
    return names


def argument_texts(features: tuple[Feature, ...], names: list[str]) -> list[str]:
    """Say in a docstring what each argument is."""
    found = []
    for feature, name in zip(features, names, strict=True):
        what = (
            f"the column {feature.column!r}"
            if feature.column is not None
            else f"the value of {feature.sql!r}"
        )
        found.append(f"{name}: {_one_line(what)}".replace("\\", "\\\\").replace('"', "'"))
    return found


def level_rule(feature: Feature, n_levels: int, kinds: dict[str, dict[str, str]]) -> dict[str, object]:
    """Return what finds the level of a value: edges or groups, and the codes of values that are missing or in no level."""
    missing = n_levels - 1 if feature.missing == "level" else -1
    if feature.edges is not None:
        return {"kind": "edges", "missing": missing, "edges": coded_edges(feature), "closed": feature.closed}
    if feature.yes_no:
        return {"kind": "yes_no", "missing": missing}
    groups = coded_groups(feature)
    is_number = kinds.get("features", {}).get(feature.name, "text") not in ("text", "other")
    if not is_number:
        groups = tuple(tuple(str(v) for v in group) for group in groups)
    rest = len(groups) if feature.rest is not None else -2
    return {"kind": "groups", "missing": missing, "groups": groups, "rest": rest, "is_number": is_number}
