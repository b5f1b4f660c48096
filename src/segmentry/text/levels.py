"""How levels of features are written where their feature does not stand beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

MISSING_LEVEL = "missing"
"""Level of customers without a value, where a recipe gives them one; it has no place in an order."""
_WORDS = """
    y n t f yes no true false on off unknown missing none nothing other others any all both neither either various misc
    na nan null nil empty blank unspecified undefined unclassified undisclosed known stated available applicable refused
    rest remaining default mixed general regular standard normal usual typical basic common special
    good bad better best worse worst fair poor excellent average okay ok great satisfactory acceptable perfect decent
    low lower lowest medium middle mid moderate high higher highest small big large little much many few some several
    more less most least half part full partly fully extreme severe mild minor major short long tall light heavy
    young old new recent current former first second third last next early late primary secondary tertiary
    never rarely seldom sometimes often always occasionally usually frequently daily weekly monthly quarterly yearly annually
    agree disagree neutral undecided indifferent important unimportant likely unlikely satisfied dissatisfied happy unhappy
    positive negative active inactive open closed pending passed failed won lost success failure done
    very too not so quite rather strongly strong weak somewhat slightly extremely mostly right about same equal enough
    increase increased decrease decreased up down rising falling stayed changed unchanged
    the a an of or and at in to with without is it do don don't t dont know sure
    ja nein wahr falsch unbekannt andere anderes sonstige sonstiges keine kein keines gut schlecht hoch mittel niedrig nie
    selten manchmal oft immer oui non vrai faux inconnu inconnue autre autres aucun aucune bon mauvais moyen haut bas jamais
    parfois souvent toujours si sí verdadero falso desconocido otro otra otros ninguno ninguna bueno malo medio alto bajo nunca
    siempre sì vero sconosciuto altro altri nessuno nessuna buono cattivo mai sempre nee waar onwaar onbekend anders overig geen
    goed slecht hoog laag nooit soms vaak altijd tak nie prawda fałsz nieznany inne inny brak dobry zły sim não verdadeiro
    desconhecido outro outra outros nenhum bom mau nej okänd annat övrigt ingen bra dålig да нет неизвестно другое
"""
_EMPTY_WORDS = frozenset(_WORDS.split())
"""Words that say how much, how well, how often, or nothing; a level of such words alone says nothing without its feature."""
_FEW_LETTERS = 2
_NUMBER = r"(?:\d{4}-\d\d-\d\d|[^ \d–]{0,3}\d[^ –-]*)"
_FORMS = tuple(
    (re.compile(pattern), form)
    for pattern, form in (
        (rf"(?:under|below|less than) (?P<under>{_NUMBER})", "under {}"),
        (rf"(?P<word>up to|to) (?P<high>{_NUMBER})", "{word} {}"),
        (rf"(?P<low>{_NUMBER}) to under (?P<under>{_NUMBER})", ""),
        (rf"over (?P<over>{_NUMBER}) to (?P<high>{_NUMBER})", ""),
        (rf"(?P<low>{_NUMBER})(?: to |–| – |-)(?P<high>{_NUMBER})", ""),
        (rf"(?P<low>{_NUMBER}) (?P<word>(?:and|or) \w+)", "{} {word}"),
        (rf"(?P<low>{_NUMBER})\+", "{}+"),
        (rf"(?:over|more than|above) (?P<over>{_NUMBER})", "over {}"),
        (rf"(?P<word>from|since) (?P<low>{_NUMBER})", "{word} {}"),
        (rf"(?P<low>(?P<high>{_NUMBER}))", ""),
    )
)


@dataclass(frozen=True)
class LevelNames:
    """Writes levels of several features so that they are understood without their features.

    A level speaks for itself unless it is a number or a range of numbers, a code of one or two letters, consists of
    words such as yes, unknown, other, good, never, or another feature has a level of the same name. One that does
    not is written with its feature.

    Attributes
    ----------
    repeated
        Levels that several features have, in lower case.

    Examples
    --------
    >>> names = LevelNames.of([["web", "shop", "unknown"], ["web", "post"], ["under 25", "25–39", "40 and more"]])
    >>> names.level("First channel", "shop"), names.level("First channel", "unknown"), names.level("Channel", "web")
    ('shop', 'First channel unknown', 'Channel web')
    >>> names.run("Age", ["under 25", "25–39", "40 and more"], 0, 1)
    'Age under 40'
    """

    repeated: frozenset[str] = frozenset()

    @classmethod
    def of(cls, features: Iterable[Iterable[str]]) -> LevelNames:
        """Take the levels of each feature."""
        seen: set[str] = set()
        repeated: set[str] = set()
        for levels in features:
            own = {level.casefold() for level in levels}
            repeated |= seen & own
            seen |= own
        return cls(frozenset(repeated))

    def speaks(self, feature: str, level: str) -> bool:
        """Whether a level is understood without its feature."""
        return _mentions(level, feature) or (level.casefold() not in self.repeated and _says_something(level))

    def level(self, feature: str, level: str) -> str:
        """Write a level, with its feature where it does not speak for itself."""
        return level if self.speaks(feature, level) else f"{feature} {level}"

    def either(self, feature: str, levels: Sequence[str]) -> str:
        """Write levels of a feature, of which customers have one.

        Examples
        --------
        >>> LevelNames().either("Status", ["Single", "Divorced", "Widow"]), LevelNames().either("Health", ["good", "fair"])
        ('Single, Divorced or Widow', 'Health good or fair')
        """
        text = " or ".join(filter(None, (", ".join(levels[:-1]), levels[-1])))
        return text if all(self.speaks(feature, level) for level in levels) else f"{feature} {text}"

    def other_than(self, feature: str, level: str) -> str:
        """Write that customers do not have a level.

        Examples
        --------
        >>> LevelNames().other_than("Status", "Married"), LevelNames().other_than("Health", "good")
        ('not Married', 'Health not good')
        """
        return f"not {level}" if self.speaks(feature, level) else f"{feature} not {level}"

    def run(self, feature: str, levels: Sequence[str], first: int, last: int) -> str:
        """Write the levels from the one at `first` to the one at `last`, of all `levels` in their order.

        Examples
        --------
        >>> orders = ["0", "1", "2–3", "4–6", "7 and more"]
        >>> [LevelNames().run("Orders", orders, *ends) for ends in [(3, 4), (0, 2), (1, 3)]]
        ['Orders 4 and more', 'Orders up to 3', 'Orders 1–6']
        >>> LevelNames().run("Degree", ["School", "Bachelor", "Master", "Doctor"], 1, 3)
        'Degree from Bachelor up'
        """
        if first == last:
            return self.level(feature, levels[first])
        text = _range_text(levels, first, last)
        if text is None and last - first == 1:
            return self.either(feature, levels[first : last + 1])
        text = text or _run_text(levels, first, last)
        return text if _mentions(text, feature) else f"{feature} {text}"


@lru_cache(maxsize=4096)
def _says_something(level: str) -> bool:
    """Whether a level is more than a number, a code, and words that say nothing by themselves."""
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", level.casefold())
    is_code = any(c.isdigit() for c in level) or sum(map(len, words)) <= _FEW_LETTERS
    return not (is_code or _EMPTY_WORDS.issuperset(words))


@lru_cache(maxsize=4096)
def _mentions(level: str, feature: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(feature)}(?!\w)", level, re.IGNORECASE))


def _run_text(levels: Sequence[str], first: int, last: int) -> str:
    if first == 0:
        return f"up to {levels[last]}"
    return f"from {levels[first]} up" if last == len(levels) - 1 else f"{levels[first]} to {levels[last]}"


@dataclass(frozen=True)
class _Range:
    """Ends of a range of numbers as its label has them; `form` writes an open range of its kind."""

    form: str
    low: str = ""
    over: str = ""
    high: str = ""
    under: str = ""


def _range_of(label: str) -> _Range | None:
    for pattern, form in _FORMS:
        if found := pattern.fullmatch(label):
            ends = {k: v for k, v in found.groupdict().items() if v}
            written = form.replace("{word}", ends.pop("word", ""))
            is_date = re.match(r"0\d", ends.get("high", "")) and ends["high"] != ends.get("low")
            return None if is_date else _Range(written, **ends)
    return None


def _range_text(levels: Sequence[str], first: int, last: int) -> str | None:
    """Put ranges of numbers together; None where a label is no such range."""
    found = [_range_of(level) for level in levels[first : last + 1]]
    ranges = [r for r in found if r is not None]
    if len(ranges) < len(found):
        return None
    start, end = ranges[0], ranges[-1]
    if first == 0:
        return _up_to(start, end, _range_of(levels[last + 1]) if last + 1 < len(levels) else None)
    if not end.high and not end.under:
        is_alike = bool(start.over) == end.form.startswith("over")
        form = end.form if is_alike else "over {}" if start.over else "{} and more"
        return form.format(start.over or start.low)
    if start.over:
        return f"over {start.over} to {end.high or end.under}"
    return f"{start.low} to under {end.under}" if end.under else f"{start.low}–{end.high}"


def _up_to(start: _Range, end: _Range, after: _Range | None) -> str:
    """Write a range that begins with the first one."""
    if end.under:
        return f"under {end.under}"
    if start.under and after is not None and after.low:
        return f"under {after.low}"
    return (start.form if start.high and start.form else "up to {}").format(end.high)
