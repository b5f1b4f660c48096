"""The order of texts: known scales in several languages, and ranges of numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from segmentry.auditing.words import folded_words

# Each line is a scale from low to high; values between commas are one step.
_SCALES = (
    "none|no education|illiterate|analfabeto|nao alfabetizado|sem escolaridade|sem instrucao|sin estudios|sin instruccion|"
    "nessuno|sans diplome, preschool|kindergarten, 1st 4th|1st grade, basic|primary|elementary|basic 4y|basic 6y|grundschule|primaria|ensino fundamental i|"
    "primeiro quarto ano|ecole primaire|scuola elementare, 5th 6th, 7th 8th, basic 9y|secondary|lower secondary|middle school|hauptschule|"
    "realschule|mittlere reife|ensino fundamental ii|quinto nono ano|fundamental|ensino fundamental|secundaria|"
    "scuola media|licenza media|college unique|brevet, 9th, 10th, 11th, 12th, "
    "high school|hs grad|below college|upper secondary|highschool|high school graduate|abitur|matura|bac|baccalaureat|medio|ensino medio|"
    "bachillerato|diploma|scuola superiore|lycee, "
    "some college|college|associate|assoc voc|assoc acdm|vocational|professional course|apprenticeship|lehre|ausbildung|berufsausbildung|tecnico|"
    "ensino tecnico|formacion profesional|cap|bep|bts|dut, "
    "graduation|graduate|bachelor|bachelors|university|university degree|undergraduate|tertiary|licence|superior|"
    "ensino superior|graduacao|grado|universitaria|universitario|laurea|universite, "
    "master|masters|2n cycle|postgraduate|post graduate|magister|diplom|pos graduacao|especializacao|mestrado|maestria|"
    "laurea magistrale, prof school, phd|doctorate|doctoral|doctor|promotion|doktor|doutorado|doctorado|dottorato|doctorat",
    "p|pri, s|sec, ps",
    "none|no|not working|not employed|unemployed|inactive|keine|arbeitslos|aucun|sem emprego|sin empleo, "
    "part time|parttime|halftime|half time|teilzeit|temps partiel|meio periodo|tiempo parcial, "
    "full time|fulltime|vollzeit|temps plein|periodo integral|tiempo completo",
    "not|not at all, notvery|not very|a little|slightly, somewhat|fairly|moderately, very|quite, extremely",
    "worst|bad, worse, good, better, best",
    "never|none|non smoker, occas|occasional|occasionally|light, regul|regular|regularly|moderate, heavy",
    "none, some, freq|frequent|a lot",
    "no|none|non|never|nie|nunca|mai|jamais, rarely|seldom|selten|rarement|raramente|rara vez, "
    "sometimes|occasionally|manchmal|parfois|as vezes|a veces|qualche volta, "
    "often|frequently|mostly|most of time|most of the time|usually|oft|haufig|meistens|souvent|muitas vezes|frequentemente|a menudo|spesso, "
    "always|immer|toujours|sempre|siempre",
    "no|not|nicht|pas|non|nao, partly|partially|teilweise|partiellement|parcialmente|parzialmente|em parte|in parte, "
    "fully|completely|ganz|vollstandig|completement|entierement|completamente|totalmente",
    "none|kein, very low|sehr niedrig|sehr gering|muito baixo|muito baixa|muy bajo|muy baja|molto basso|molto bassa|"
    "tres faible, low|niedrig|gering|bas|bajo|baja|faible|baixo|baixa|basso|bassa, "
    "medium|middle|mid|moderate|average|mittel|moyen|moyenne|medio|media, "
    "high|hoch|haut|alto|alta|eleve|elevee, very high|sehr hoch|muito alto|muito alta|muy alto|muy alta|molto alto|"
    "molto alta|tres eleve",
    "xxs, xs|extra small, s|small|klein|petit|pequeno|piccolo, m|medium|mittel|moyen|mediano|medio, "
    "l|large|gross|grand|grande, xl|extra large, xxl, xxxl",
    "basic|free|starter|bronze, standard|silver|silber|argent|plata|prata|argento|plus, gold|premium|oro|ouro|or, "
    "platinum|platin|platino|platina|platine, diamond|diamant|diamante",
    "very poor|very bad|muito ruim|muy malo|pessimo, poor|bad|schlecht|mangelhaft|mauvais|ruim|mau|malo|cattivo, "
    "fair|average|ok|ausreichend|befriedigend|regular|passable|sufficiente, good|gut|bon|bom|bueno|buono, "
    "very good|sehr gut|tres bon|muito bom|muy bueno, excellent|hervorragend|excelente|otimo|ottimo|eccellente",
    "strongly disagree|disagree strongly|completely disagree|totally disagree|stimme uberhaupt nicht zu|pas du tout d accord|"
    "discordo totalmente|totalmente en desacuerdo|fortemente in disaccordo, disagree|somewhat disagree|tend to disagree|stimme nicht zu|"
    "stimme eher nicht zu|pas d accord|plutot pas d accord|discordo|en desacuerdo|in disaccordo, "
    "neutral|neither|neither agree nor disagree|undecided|weder noch|teils teils|ni d accord ni pas d accord|neutro|indeciso, "
    "agree|somewhat agree|tend to agree|stimme zu|stimme eher zu|d accord|plutot d accord|concordo|de acuerdo|d accordo, "
    "strongly agree|agree strongly|completely agree|totally agree|stimme voll zu|stimme voll und ganz zu|tout a fait d accord|"
    "concordo totalmente|totalmente de acuerdo|fortemente d accordo",
    "extremely dissatisfied|completely dissatisfied, very dissatisfied|very unsatisfied|sehr unzufrieden|tres insatisfait|muito insatisfeito, "
    "dissatisfied|unsatisfied|somewhat dissatisfied|not satisfied|unzufrieden|insatisfait|insatisfeito, "
    "neutral|neither|neither satisfied nor dissatisfied|indifferent|teils teils|neutro, "
    "satisfied|somewhat satisfied|zufrieden|satisfait|satisfeito, very satisfied|sehr zufrieden|tres satisfait|muito satisfeito, "
    "extremely satisfied|completely satisfied",
    "not at all important, not important|unimportant|not very important|not too important, slightly important|a little important, "
    "neutral|neither|somewhat important|moderately important|fairly important, important|quite important, very important, "
    "extremely important",
    "very unlikely|extremely unlikely|not at all likely|definitely not, unlikely|not very likely|somewhat unlikely|probably not, "
    "neutral|neither|maybe|perhaps|possibly|undecided, likely|somewhat likely|probably, very likely|extremely likely|definitely",
    "daily|taglich, weekly|wochentlich, fortnightly, monthly|monatlich|month to month, quarterly, "
    "yearly|annual|annually|jahrlich|one year, two year, three year",
    "monday|mon|montag, tuesday|tue|dienstag, wednesday|wed|mittwoch, thursday|thu|donnerstag, friday|fri|freitag, "
    "saturday|sat|samstag, sunday|sun|sonntag",
    "child|kind, teen|teenager, young|young adult|jung, adult|middle aged|erwachsen, senior|old|elderly|alt",
    "a1, a2, b1, b2, c1, c2",
    "rural|landlich|rurale, suburban|suburb|vorstadtisch|suburbano|suburbana|suburbain|periurbain, urban|stadtisch|urbano|urbana|urbain",
)  # fmt: skip

_SIGNS = "<>=≤≥+%&#*$€£-"
"""Signs that make one value another: bounds, grades, units."""
_UNFINISHED = re.compile(r"\s*\b(in|un)(complet[oae]?|finished)\b")
_FINISHED = re.compile(r"\s*\b(complet[oae]?|finished)\b")

_NUMBER = re.compile(r"(?<![^\W\d_])(\d+(?:[.,' ]\d{3})*)(?:[.,](\d{1,2}))?(?!\d)( ?[km]\b)?")
_TIMES = {"k": 1e3, "m": 1e6}
_BELOW = re.compile(
    r"<|≤|\b(lt|le|less|under|below|up to|until|at most|bis|unter|weniger|hochstens|moins|jusqu|au plus|menor|menos|ate|abaixo|hasta"
    r"|debajo|meno|fino|sotto)\b"
)
_ABOVE = re.compile(
    r">|≥|\+|\b(gt|ge|more|over|above|from|at least|and up|ab|uber|mehr|mindestens|plus|dessus|partir|maior|mais|acima|desde|mayor|mas"
    r"|encima|oltre|piu|sopra|older)\b"
)

ScalePlace = tuple[float, ...]
"""Position of a value among others."""
_WITHIN = 1.0
_ALONE = 0.5
"""Second part of a position: "below" comes before the number alone, then the range from it, then "above"."""


def order_texts(values: Sequence[str]) -> list[list[str]] | None:
    """Put texts into their order, step by step; None where no order of all is known.

    An order is known where all texts stand on one known scale, in one of several languages, or are ranges of
    numbers. Words that all texts share are ignored, and incomplete steps come before complete ones.

    Examples
    --------
    >>> order_texts(["high risk", "low risk", "medium risk"])
    [['low risk'], ['medium risk'], ['high risk']]
    >>> order_texts(["De R$ 1.045 a R$ 2.000", "Acima de R$ 2.000", "Menor que R$ 1.045"])
    [['Menor que R$ 1.045'], ['De R$ 1.045 a R$ 2.000'], ['Acima de R$ 2.000']]
    >>> order_texts(["red", "low", "high"])
    """
    if len(values) < 2:
        return None
    in_ranges = _in_ranges(values)
    if (
        in_ranges is not None
        and len(in_ranges) == len(values)
        and not all(v.strip().isdecimal() for v in values)
    ):
        return in_ranges
    texts = [unpunctuated(value) for value in values]
    for line in _SCALES:
        steps = _steps_of(line)
        for read in (texts, _unshared(texts)):
            found = _by_place({v: _on(steps, text) for v, text in zip(values, read, strict=True)})
            if found is not None:
                return found
    return None


def _in_ranges(values: Sequence[str]) -> list[list[str]] | None:
    """Ranges of numbers in their order; words that all have are left aside, and a single text for nothing comes first."""
    without = dict(zip(values, _unshared([v.replace("_", " ") for v in values]), strict=True))
    if all(text.strip().isdecimal() for text in without.values()):
        return None
    places = {v: _range(v) or _range(without[v]) for v in values}
    bare = [v for v, at in places.items() if at is None]
    if len(bare) == 1 and len(values) > 3 and _is_nothing(unpunctuated(bare[0])):
        places[bare[0]] = (float("-inf"), _ALONE)
    return _by_place(places)


def _is_nothing(text: str) -> bool:
    """Whether a text among ranges of numbers says none of it: "none", or "do not watch" among hours."""
    return text in _NOTHING or text.startswith(("do not ", "does not ", "don t ", "doesn t "))


_NOTHING = frozenset(
    {"none", "no", "nothing", "never", "unemployed", "zero", "keine", "arbeitslos", "aucun", "ninguno", "nenhum",
     "nessuno"}
)  # fmt: skip


def unpunctuated(value: str) -> str:
    """Reduce a text to its letters and digits in lower case, without accents and with single spaces."""
    words = "".join(c if c.isalnum() else " " for c in folded_words(value)).split()
    return " ".join(words) or value


def spelling(value: str) -> str:
    """Reduce a text to what tells it from others: as `unpunctuated`, with the signs that carry a meaning.

    Examples
    --------
    >>> spelling("<=50K"), spelling(">50K"), spelling("A+"), spelling("A-"), spelling("New  York!")
    ('<=50k', '>50k', 'a+', 'a-', 'new york')
    """
    signs = "".join(c if c.isalnum() or c in _SIGNS else " " for c in folded_words(value))
    kept = re.sub(r"(?<=[^\W_])-(?=\w)|(?<!\S)-(?![0-9])|(?<![^\W_])-(?=\s)", " ", signs)
    return " ".join(kept.split()) or value


def _by_place(places: Mapping[str, ScalePlace | None]) -> list[list[str]] | None:
    """Values in the order of their positions; None where a value has none, or all have the same."""
    known = sorted({p for p in places.values() if p is not None})
    if len(known) < 2 or None in places.values():
        return None
    return [[v for v, at in places.items() if at == p] for p in known]


@cache
def _steps_of(line: str) -> dict[str, int]:
    return {
        unpunctuated(word): i for i, step in enumerate(line.split(",")) for word in step.strip().split("|")
    }


def _on(steps: dict[str, int], text: str) -> ScalePlace | None:
    """The step of a text; half a step lower where the text says incomplete."""
    if text in steps:
        return (steps[text],)
    for pattern, lower in ((_UNFINISHED, 0.5), (_FINISHED, 0.0)):
        rest = pattern.sub("", text).strip()
        if rest != text and rest in steps:
            return (steps[rest] - lower,)
    return None


def _unshared(texts: Sequence[str]) -> list[str]:
    """The texts without the words that all of them have."""
    shared = set.intersection(*(set(text.split()) for text in texts))
    return [" ".join(w for w in text.split() if w not in shared) for text in texts]


def _range(value: str) -> ScalePlace | None:
    """Position of a range of numbers ("18-24", "65+", "under 20,000", "de 1.045,00 a 2.000,00") or of a number alone."""
    text = folded_words(value)
    numbers = [_amount(*found) for found in _NUMBER.findall(text)]
    if len(numbers) == 2 and numbers[0] < numbers[1]:
        return (numbers[0], _WITHIN)
    if len(numbers) != 1:
        return None
    if _BELOW.search(text):
        return (numbers[0], _WITHIN - 1)
    if _ABOVE.search(text):
        return (numbers[0], _WITHIN + 1)
    return (numbers[0], _ALONE) if text.isdecimal() else None


def _amount(whole: str, decimals: str, times: str) -> float:
    """Read a number with separators and decimals of any country, with "k" or "m" times thousand or million."""
    digits = re.sub(r"\D", "", whole)
    return float(f"{digits}.{decimals or 0}") * _TIMES.get(times.strip(), 1.0)
