"""A value that is compared with lists of texts, named once instead of in every comparison."""

from __future__ import annotations

from sqlglot import exp

OF_TEXTS = "of_texts"
"""Key of the note on a CASE whose compared value is known to be text."""


def computed_once(node: exp.Expr) -> exp.Expr:
    """PostgreSQL computes a value anew for every condition about it, unless CASE names it once."""
    value = _compared(node)
    return node if value is None or isinstance(value.unnest(), exp.Column) else _named_once(node, value)


def looked_up_once(node: exp.Expr) -> exp.Expr:
    """ClickHouse compares every text with every list, unless CASE names it once: then it looks it up.

    Only what is known to be text: with a date it would not compare a text.
    """
    value = _compared(node)
    return _named_once(node, value) if value is not None and node.meta.get(OF_TEXTS) else node


def _compared(node: exp.Expr) -> exp.Expr | None:
    """The value that the last condition of a CASE compares with a list."""
    last = node.args["ifs"][-1].this
    return last.this if node.this is None and isinstance(last, exp.In) else None


def _named_once(node: exp.Expr, value: exp.Expr) -> exp.Expr:
    ifs = node.args["ifs"]
    n_others = next(i for i, if_ in enumerate((*ifs, None)) if if_ is None or _is_one_of(if_.this, value))
    others, same = ifs[:n_others], ifs[n_others:]
    if len(same) < 2 or not all(_is_one_of(if_.this, value) for if_ in same):
        return node
    whens = [
        exp.If(this=v.copy(), true=if_.args["true"].copy()) for if_ in same for v in if_.this.expressions
    ]
    once = exp.Case(this=value.copy(), ifs=whens, default=node.args.get("default"))
    return exp.Case(ifs=[if_.copy() for if_ in others], default=once) if others else once


def _is_one_of(condition: exp.Expr, value: exp.Expr) -> bool:
    return isinstance(condition, exp.In) and condition.this == value and bool(condition.expressions)
