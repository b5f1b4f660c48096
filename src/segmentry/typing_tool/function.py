"""The tool as one Python function that needs only the standard library."""

from __future__ import annotations

import pprint

from segmentry.scoring.function import CODE, argument_names, argument_texts, level_rule
from segmentry.sql.encode import NO_WORDS, YES_WORDS
from segmentry.text.one_line import printable
from segmentry.typing_tool.tool import UNIT, TypingTool

_BODY = '''
def tell({arguments}):
    """Tell a customer's segment by a few answers; leave out, or give None for, what is not known.

{documentation}
    Returns a dictionary: segment (from 1), name, certainty, possible (numbers of the segments that may be the customer's).
    """
    return _tell(({values}))


def _tell(values):
    """Tell a segment by the values of the questions, in their order."""
    return tell_codes([_code(rule, value) for rule, value in zip(RULES, values, strict=True)])


def tell_codes(codes):
    """Tell a segment by the positions of the answers, from 0; below 0 there is none."""
    sums = list(START)
    for points, code in zip(POINTS, codes, strict=True):
        if code >= 0:
            sums = [a + b for a, b in zip(sums, points[code], strict=True)]
    best = max(sums)
    return {{
        "segment": sums.index(best) + 1,
        "name": SEGMENTS[sums.index(best)],
        "certainty": 1 / sum(math.exp((s - best) / UNIT) for s in sums),
        "possible": [i for i, s in enumerate(sums, 1) if s >= best - GAP],
    }}


'''


def to_python(tool: TypingTool, kinds: dict[str, dict[str, str]]) -> str:
    """Write the tool as Python source.

    Parameters
    ----------
    tool
        Typing tool.
    kinds
        Kinds of the features' values, as `kinds_of` returns them.
    """
    features = tuple(question.feature for question in tool.questions)
    names = argument_names(features)
    constants = {
        "SEGMENTS": tuple(printable(name) for name in tool.segments),
        "START": tool.start,
        "POINTS": tuple(question.points for question in tool.questions),
        "GAP": tool.gap,
        "UNIT": UNIT,
        "YES": YES_WORDS,
        "NO": NO_WORDS,
        "RULES": tuple(level_rule(q.feature, len(q.answers), kinds) for q in tool.questions),
    }
    lines = [
        f"{name} = {pprint.pformat(value, width=100, sort_dicts=False)}" for name, value in constants.items()
    ]
    documentation = "\n".join(f"    {line}" for line in argument_texts(features, names))
    body = _BODY.format(
        arguments=", ".join(f"{name}=None" for name in names), values=", ".join((*names, "")).strip(),
        documentation=f"{documentation}\n",
    )  # fmt: skip
    heading = (
        '"""Segments told by a few answers, by one function without dependencies."""',
        "",
        "import math",
        "",
    )
    return "\n".join((*heading, *lines)) + "\n\n" + body + CODE
