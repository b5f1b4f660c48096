"""The table of numerals beside Babel, which has the whole CLDR and of which it is made.

After a new CLDR, rewrite the table with

    SEGMENTRY_REWRITE_GOLDEN=1 python -m pytest tests/text/test_locales.py

and read the difference before committing it.
"""

from __future__ import annotations

import json
import os
import re
import textwrap
from functools import cache
from pathlib import Path

import pytest
from babel import Locale, UnknownLocaleError, localedata
from babel.core import get_cldr_version, get_global

import segmentry.text.locales
from segmentry.text.locales import Numerals, numerals_of

TABLE = Path(segmentry.text.locales.__file__).with_name("locales.toml")
# Alone among variants, this one has numerals of its own: no groups.
LOCALES = sorted(set(localedata.locale_identifiers()) - {"en_US_POSIX"})
SCRIPT = re.compile(r"_[A-Z][a-z]{3}(?=_|$)")
HEAD = f"""\
# Numerals by locale, in Latin digits, from the Unicode CLDR {get_cldr_version()} (licence: UNICODE-LICENSE.txt).
# Made from Babel by tests/text/test_locales.py, not by hand. -AT after de stands for de-AT.
"""


@cache
def by_babel(locale: str) -> Numerals | None:
    try:
        found = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None
    signs = found.number_symbols["latn"]
    tag = "-".join(filter(None, (found.language, found.script, found.territory)))
    return Numerals(tag, signs["decimal"], signs["group"], found.decimal_formats[None].grouping)


def made() -> str:
    """Return the text of the table."""
    groups: dict[tuple[str, str, tuple[int, int]], list[str]] = {}
    scripts, renamed = [], {"UK": "GB"}
    for locale in LOCALES:
        one = by_babel(locale)
        if one.locale != locale.replace("_", "-"):  # a variant
            continue
        tags = groups.setdefault((one.decimal, one.group, one.sizes), [])
        stem = next((tag for tag in reversed(tags) if not tag.startswith("-")), "")
        tags.append(one.locale.removeprefix(stem) if one.locale.startswith(f"{stem}-") else one.locale)
        short = SCRIPT.sub("", locale)
        if short != locale and short not in LOCALES and by_babel(short) == one:
            scripts.append(one.locale)
    former = sorted(get_global("language_aliases").items())
    renamed |= {old: new for old, new in former if len(old) == 2 and new.isalpha() and new in LOCALES}
    parts = [
        f"{HEAD}\nscript_left_out = {_wrapped(scripts)}",
        "[renamed]\n" + "".join(f'{old} = "{new}"\n' for old, new in renamed.items()),
    ]
    for (decimal, group, sizes), tags in sorted(groups.items(), key=lambda item: -len(item[1])):
        signs = f"decimal = {json.dumps(decimal)}\ngroup = {json.dumps(group)}\nsizes = {list(sizes)}\n"
        parts.append(f"[[numerals]]\n{signs}locales = {_wrapped(tags)}")
    return "\n".join(parts)


def _wrapped(tags: list[str]) -> str:
    lines = textwrap.fill(" ".join(tags), 110, break_on_hyphens=False, break_long_words=False)
    return f'"""\n{lines}\n"""\n'


def test_the_table_is_made_from_cldr() -> None:
    if os.environ.get("SEGMENTRY_REWRITE_GOLDEN"):
        TABLE.write_text(made(), encoding="utf-8")
        segmentry.text.locales._table.cache_clear()
    assert TABLE.read_text(encoding="utf-8") == made()


def test_every_locale_has_the_numerals_that_babel_gives_it() -> None:
    wanted = {locale: by_babel(locale) for locale in [*LOCALES, *(SCRIPT.sub("", one) for one in LOCALES)]}
    found = {locale: numerals_of(locale) for locale, numerals in wanted.items() if numerals}
    assert len(found) > 1_100
    assert found == {locale: numerals for locale, numerals in wanted.items() if numerals}
    assert found == {locale: numerals_of(locale.replace("_", "-").lower()) for locale in found}


@pytest.mark.parametrize(
    "locale",
    [
        "pt_BR",
        "PT-br",
        "zh_TW",
        "zh-hant-tw",
        "sr-ME",
        "en-UK",
        "de-Latn-AT",
        "de_AT.UTF-8",
        "de_AT.iso885915@euro",
        "de@euro",
        "de-1996",
        "ca-ES-valencia",
        "es-419",
    ],
)
def test_other_spellings_are_read_as_babel_reads_them(locale: str) -> None:
    assert numerals_of(locale) == by_babel(locale)


@pytest.mark.parametrize(
    ("old", "new"), [("iw", "he"), ("iw-IL", "he-IL"), ("in_ID", "id-ID"), ("tl", "fil")]
)
def test_former_names_of_languages_are_read(old: str, new: str) -> None:
    assert numerals_of(old) == numerals_of(new)
    assert by_babel(old).group == numerals_of(new).group


@pytest.mark.parametrize(
    "locale",
    [
        "",
        "xx",
        "deutsch",
        "de-XX",
        "zh-Latn-TW",
        "de AT",
        "de--AT",
        "de-AT-",
        "-AT",
        "d",
        "de-AT-CH",
        "fr-JP",
        "ß",
        "de-4",
    ],
)
def test_what_babel_refuses_is_refused(locale: str) -> None:
    assert by_babel(locale) is None
    with pytest.raises(ValueError, match=f"there is no locale {locale!r} in CLDR; known are 'de', 'en'"):
        numerals_of(locale)


def test_the_table_is_small() -> None:
    assert TABLE.stat().st_size < 10_000
