"""Texts that stand for no answer: unknown, refused, or off the scale of the other answers."""

from __future__ import annotations

import re

from segmentry.auditing.words import folded_words
from segmentry.drafting.scales import unpunctuated

UNKNOWN = frozenset(
    {"", "?", "-", "--", ".", "n/a", "na", "nan", "null", "unknown", "unk", "missing", "undefined", "not available",
     "not stated", "unbekannt", "k.a.", "keine angabe", "inconnu", "non renseigne", "nsp", "desconocido", "no sabe",
     "ns/nc", "desconhecido", "ignorado", "nao informado", "nao declarado", "sem informacao", "sconosciuto", "non noto"}
)  # fmt: skip
"""Texts that say that a value is unknown, in lower case without accents."""
_NO_ANSWER = frozenset(
    {"refused", "refusal", "refuse", "declined", "did not answer", "no answer", "not answered", "no response", "nonresponse",
     "non response", "prefer not to say", "prefer not to answer", "rather not say", "don t know", "dont know", "do not know",
     "not sure", "unsure", "dk", "dk na", "not ascertained", "weiss nicht", "weis nicht", "verweigert", "keine antwort",
     "keine angaben", "ne sait pas", "nsp", "refus", "sans reponse", "pas de reponse", "no contesta", "no responde",
     "no sabe no contesta", "se niega", "nao sabe", "nao respondeu", "recusou", "prefere nao responder", "non sa",
     "non risponde", "non so", "rifiuta"}
)  # fmt: skip
"""Texts of people who were asked and did not answer, in lower case without accents and signs."""
_OFF_SCALE = re.compile(
    r"(did|was) not\b|didn t\b|(does not|doesn t) (apply|concern)|not (applicable|asked|used|relevant)|inapplicable|n a\b|trifft nicht zu"
    r"|entfallt|nicht (zutreffend|gefragt)|sans objet|non concerne|no (aplica|procede)|nao se aplica|non applicabile"
)
"""Beginning of a text that has no place on a scale of answers, in lower case without accents and signs."""


def is_unknown(value: object) -> bool:
    """Whether a text says that the value is unknown, or that nobody answered."""
    return isinstance(value, str) and (folded_words(value) in UNKNOWN or unpunctuated(value) in _NO_ANSWER)


def is_off_scale(value: str) -> bool:
    """Whether a text says that a question does not apply, or that somebody did not do what it asks about.

    Examples
    --------
    >>> is_off_scale("Not applicable"), is_off_scale("Did not use it"), is_off_scale("not satisfied")
    (True, True, False)
    """
    return _OFF_SCALE.match(unpunctuated(value)) is not None
