"""Two values that say how something ended: the sides of a bound, or a verdict."""

from __future__ import annotations

import re

from segmentry.auditing.columns import ColumnFacts
from segmentry.auditing.words import folded_words

_VERDICTS = (
    "good bad", "satisfied dissatisfied", "satisfied unsatisfied", "churned stayed", "left stayed", "existing attrited",
    "won lost", "success failure", "active inactive", "active churned", "approved rejected", "accepted rejected", "pass fail",
    "paid default", "alive dead", "survived died", "fraud legitimate", "converted lost", "high low", "positive negative",
    "gut schlecht", "zufrieden unzufrieden", "gewonnen verloren", "bon mauvais", "satisfait insatisfait", "gagne perdu",
    "bueno malo", "ganado perdido", "bom ruim", "ganho perdido", "ativo inativo", "buono cattivo", "vinto perso",
)  # fmt: skip
"""Pairs of words, of which one says that it went well and the other that it did not."""
_BOUND = re.compile(
    r"<|>|≤|≥|\b(under|over|below|above|less|more|bis|unter|uber|moins|plus|menos|mas|mais|fino|oltre)\b"
)


def is_band(facts: ColumnFacts) -> bool:
    """Whether two texts are the sides of one bound, such as "<=50K" and ">50K"."""
    if facts.kind != "text" or facts.n_distinct != 2 or len(facts.top_values) != 2:
        return False
    one, other = (folded_words(str(v)) for v, _ in facts.top_values)
    numbers = [re.findall(r"\d+", text) for text in (one, other)]
    return numbers[0] == numbers[1] != [] and all(_BOUND.search(text) for text in (one, other))


def is_verdict(facts: ColumnFacts) -> bool:
    """Whether two texts say that it went well, and that it did not."""
    if facts.kind != "text" or facts.n_distinct != 2:
        return False
    words = [set(re.findall(r"[^\W\d_]+", folded_words(str(v)))) for v, _ in facts.top_values]
    if len(words) != 2:
        return False
    return any(
        (a in words[0] and b in words[1]) or (a in words[1] and b in words[0])
        for a, b in (pair.split() for pair in _VERDICTS)
    )
