"""One result in English and in German: the same numbers, written by the locale everywhere on the page."""

from __future__ import annotations

import ast
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import segmentry as sg
from segmentry.datasets import sample_households
from segmentry.errors import RecipeError
from segmentry.recipe.levels import level_labels
from segmentry.text.locales import format_number, numerals_of, writing_in

pytestmark = pytest.mark.usefixtures("few_null_tables")

SOURCE = Path(sg.__file__).parent
ROWS = sample_households(rows=2_000, seed=8)
RECIPE = sg.Recipe.from_toml("""
title = "Customers"
[source]
id = "ID"
[features.income]
column = "Income"
edges = [20000, 40000, 62500.5]
[features.born]
column = "Year_Birth"
edges = [1965, 1980]
[features.plan]
column = "Education"
[outcomes.spend]
role = "amounts"
columns = ["MntWines", "MntMeatProducts"]
[outcomes.campaigns]
role = "flags"
cost_per_contact = 3.0
revenue_per_acceptance = 11.0
columns = ["Response", "AcceptedCmp1"]
[model]
range = [1, 4]
""")


class _Page(HTMLParser):
    """The words that a page shows or reads out, without scripts, queries and versions; and its exact values."""

    SHOWN = ("title", "aria-label", "data-tip", "data-label")

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.words: list[str] = []
        self.exact: list[str] = []
        self._hidden = 0
        self.feed(re.sub(r'<p class="muted">python .*?</p>', "", path.read_text(encoding="utf-8")))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style", "pre")
        for name, value in attrs:
            if name in self.SHOWN and value:
                self.words.append(value)
            if name in ("data-v", "data-low", "data-high"):
                self.exact.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style", "pre")

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.words.append(data.strip())


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = {}
    for locale in ("en", "de"):
        made[locale] = tmp_path_factory.mktemp(locale)
        sg.run(ROWS, RECIPE, segments=3, locale=locale, audit=True, out=made[locale])
    return made


@pytest.fixture(scope="module")
def pages(folders: dict[str, Path]) -> dict[str, _Page]:
    return {locale: _Page(folder / "report.html") for locale, folder in folders.items()}


def test_the_numbers_are_the_same(pages: dict[str, _Page], folders: dict[str, Path]) -> None:
    assert len(pages["en"].exact) > 200
    assert pages["en"].exact == pages["de"].exact
    for name in ("outcomes.csv", "selection.csv", "targeting.csv"):
        assert (folders["en"] / name).read_bytes() == (folders["de"] / name).read_bytes()


def test_they_are_written_as_the_locale_writes_them(pages: dict[str, _Page]) -> None:
    signs = str.maketrans({",": ".", ".": ","})
    number = re.compile(r"\d+(?:[,.]\d+)+")
    assert len(pages["en"].words) == len(pages["de"].words)
    changed = [(a, b) for a, b in zip(pages["en"].words, pages["de"].words, strict=True) if a != b]
    assert len(changed) > 200
    for english, german in changed:
        assert german == number.sub(lambda found: found[0].translate(signs), english)


def test_no_english_separator_is_left(pages: dict[str, _Page]) -> None:
    text = "\n".join(pages["de"].words)
    assert re.findall(r"[^\n]*\d,\d{3},[^\n]*|[^\n]*[1-9]\d?\d?,\d{3}(?!\d)[^\n]*", text) == []
    assert re.findall(r"[^\n]*\b\d+\.\d{1,2}(?![\d.])[^\n]*", text) == []
    assert "40.000 to under 62.500,5" in text
    assert "1965 to under 1980" in text


def test_other_forms_agree_and_facts_stay_exact(folders: dict[str, Path]) -> None:
    summary = (folders["de"] / "report.md").read_text(encoding="utf-8")
    assert "2.000" in summary
    assert not re.search(r"[1-9],\d{3}(?!\d)", summary)
    facts = {locale: json.loads((folder / "report.json").read_text()) for locale, folder in folders.items()}
    for mine, theirs in zip(facts["en"]["segments"], facts["de"]["segments"], strict=True):
        assert mine["worth"] == theirs["worth"]
    pictures = [p.read_text(encoding="utf-8") for p in (folders["de"] / "charts").glob("*.svg")]
    shown = " ".join(re.findall(r"<text[^>]*>([^<]*)<", " ".join(pictures)))
    assert re.search(r"\d\.\d{3}", shown)
    assert not re.search(r"[1-9],\d{3}(?!\d)", shown)


def test_a_saved_segmentation_keeps_its_locale_and_assigns_alike(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    english, german = (sg.load(folders[locale] / "segmentation.json") for locale in ("en", "de"))
    assert german.recipe.locale == "de"
    again = _Page(german.report(tmp_path / "again.html"))
    assert "40.000 to under 62.500,5" in "\n".join(again.words)
    assert "2.000" in german._repr_html_()
    assert "n = 2.000 customers" in german.charts["bic"].svg
    assert german.assign(ROWS)["segment"].equals(english.assign(ROWS)["segment"])
    drift = german.drift(sample_households(rows=1_000, seed=9), out=tmp_path / "drift")
    assert drift.verdict.kind in ("stable", "shifting", "refit")
    page = (tmp_path / "drift" / "drift.html").read_text(encoding="utf-8")
    assert "2.000" in page
    assert "1.000" in page
    assert not re.search(r">[12],000<", page)


def test_a_pattern_table_is_read_in_any_locale() -> None:
    patterns = sg.collect(ROWS, RECIPE)
    found = sg.run(patterns, RECIPE, segments=3, locale="de")
    assert found.patterns is not None
    assert found.patterns.features[0].levels[0] == "under 20.000"


@pytest.mark.parametrize(
    ("locale", "expected"),
    [  # CLDR 46, number symbols and decimal formats
        ("en", ("1,234,567.5", "0.05")), ("de", ("1.234.567,5", "0,05")), ("fr", ("1\u202f234\u202f567,5", "0,05")),
        ("sv", ("1\xa0234\xa0567,5", "0,05")), ("en-IN", ("12,34,567.5", "0.05")),
        ("pt_BR", ("1.234.567,5", "0,05")),
    ],
)  # fmt: skip
def test_signs_and_groups_are_those_of_cldr(locale: str, expected: tuple[str, str]) -> None:
    with writing_in(locale):
        assert (format_number(1234567.5, ",.1f"), format_number(0.05, ".2f")) == expected
        assert format_number(-12, "+.1f")[1:] == format_number(12, ".1f")


def test_labels_follow_the_recipes_locale() -> None:
    income, born = RECIPE.features[:2]
    assert level_labels(income, "fr")[0] == "under 20\u202f000"
    assert level_labels(income)[1] == "20,000 to under 40,000"
    assert level_labels(born, "de")[0] == "under 1965"


@pytest.mark.parametrize("locale", ["xx", "", "deutsch"])
def test_an_unknown_locale_is_refused_with_known_ones(locale: str) -> None:
    with pytest.raises(RecipeError, match=r"locale: there is no locale .* known are 'de', 'en'"):
        sg.run(ROWS, RECIPE, locale=locale)


def test_the_scripts_tag_has_language_script_and_region_alone() -> None:
    assert numerals_of("de@euro").locale == "de"
    assert numerals_of("zh_Hant_TW").locale == "zh-Hant-TW"


PLACES = ("profiling", "selection", "segmentation", "report", "drift", "auditing", "pages", "cli", "text",
          "runs/previous.py", "runs/check.py", "recipe/levels.py", "patterns/table.py")  # fmt: skip
WRITERS = sorted(
    path
    for place in PLACES
    for path in ([SOURCE / place] if place.endswith(".py") else (SOURCE / place).rglob("*.py"))
)
DRAWN = {"svg.py", "clustergram.py", "drawings.py"}  # coordinates
# a column of selection.csv; CSS lengths; rounding; digits after the point; the progress bar's seconds
EXACT = {
    ("indices.py", ".3f"), ("rendering.py", ".2f"), ("numbers.py", ".4g"), ("numbers.py", ",.{digits}f"), ("numbers.py", ".{digits}f"), ("progress.py", ".0f"), ("pairs.py", ","), ("texts.py", ","),
}  # fmt: skip


@pytest.mark.parametrize("path", WRITERS, ids=lambda p: str(p.relative_to(SOURCE)))
def test_numbers_in_texts_are_written_by_the_locale_alone(path: Path) -> None:
    """No f-string that makes a text for people formats a number itself; those of errors are English."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    errors = {id(n) for one in ast.walk(tree) if isinstance(one, ast.Raise) for n in ast.walk(one)}
    specs = [
        ast.unparse(n.format_spec)[2:-1]
        for n in ast.walk(tree)
        if isinstance(n, ast.FormattedValue) and n.format_spec and id(n) not in errors
    ]
    found = [s for s in specs if re.search(r",|%|\.\S*[fg]", s) and (path.name, s) not in EXACT]
    assert path.name in DRAWN or found == []


def test_specifications_stand_in_the_formatter_alone() -> None:
    """What a number means decides how it is written: `text/numbers.py` knows how; level labels are part of the model."""
    using = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if "format_number" in path.read_text(encoding="utf-8")
    }
    assert using == {"text/edges.py", "text/locales.py", "text/numbers.py", "recipe/levels.py"}
