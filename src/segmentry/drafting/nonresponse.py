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
    {"did not answer", "no answer", "not answered", "no response", "nonresponse", "non response", "prefer not to say",
     "prefer not to answer", "rather not say", "don t know", "dont know", "do not know", "dk", "dk na", "not ascertained",
     "weiss nicht", "weis nicht", "keine antwort", "keine angaben", "ne sait pas", "sans reponse", "pas de reponse",
     "no contesta", "no responde", "no sabe no contesta", "nao sabe", "nao respondeu", "prefere nao responder", "non sa",
     "non risponde"}
)  # fmt: skip
"""Texts of people who were asked and did not answer, in lower case without accents and signs."""
_REFUSED = frozenset(
    {"refused", "refusal", "refuse", "declined", "not sure", "unsure", "verweigert", "refus", "se niega", "recusou",
     "rifiuta", "non so"}
)  # fmt: skip
"""Texts of no answer beside a scale, which are answers elsewhere: an application is refused, a voter not sure."""
_OFF_SCALE = re.compile(
    r"(did|was) not\b|didn t\b|(does not|doesn t) (apply|concern)|not (applicable|asked|used|relevant)|inapplicable|n a\b|trifft nicht zu"
    r"|entfallt|nicht (zutreffend|gefragt)|sans objet|non concerne|no (aplica|procede)|nao se aplica|non applicabile"
)
"""Beginning of a text that has no place on a scale of answers, in lower case without accents and signs."""


def is_unknown(value: object) -> bool:
    """Whether a text says that the value is unknown, or that nobody answered."""
    return isinstance(value, str) and (folded_words(value) in UNKNOWN or unpunctuated(value) in _NO_ANSWER)


def is_off_scale(value: str) -> bool:
    """Whether a text has no place on a scale: the question does not apply, was refused, or is of what somebody did not do.

    Examples
    --------
    >>> is_off_scale("Not applicable"), is_off_scale("Refused"), is_off_scale("not satisfied")
    (True, True, False)
    """
    text = unpunctuated(value)
    return text in _REFUSED or _OFF_SCALE.match(text) is not None
