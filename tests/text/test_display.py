"""What results print when somebody looks at them: a few lines, whatever their size."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.text.display import Shown

pytestmark = pytest.mark.usefixtures("few_null_tables")

ROWS = sample_households(rows=2_000, seed=1)


@pytest.fixture(scope="module")
def result() -> sg.Segmentation:
    return sg.run(ROWS, HOUSEHOLDS, segments=3, seed=0)


@pytest.fixture(scope="module")
def shown(result: sg.Segmentation) -> dict[str, Shown]:
    assert result.patterns is not None
    assert result.population is not None
    assert result.insights is not None
    return {
        "PatternTable": result.patterns,
        "Segmentation": result,
        "Drift": result.drift(ROWS),
        "Population": result.population,
        "Insights": result.insights,
        "Recipe": result.recipe,
    }


@pytest.mark.parametrize(
    "name", ["PatternTable", "Segmentation", "Drift", "Population", "Insights", "Recipe"]
)
def test_it_is_a_few_lines_without_arrays(name: str, shown: dict[str, Shown]) -> None:
    text = repr(shown[name])
    assert text.startswith(f"<{name}: ")
    assert text.endswith(">")
    assert text == str(shown[name])
    assert text.count("\n") < 10
    assert len(text) < 1_200
    assert "array" not in text


@pytest.mark.parametrize("name", ["PatternTable", "Drift", "Recipe"])
def test_notebooks_get_the_same_as_html(name: str, shown: dict[str, Shown]) -> None:
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_data = found.append  # type: ignore[method-assign]
    parser.feed(shown[name]._repr_html_())
    _, details = shown[name]._shown()
    for text in details.values():
        assert text in found


def test_a_pattern_table_says_how_many_customers_patterns_and_columns(shown: dict[str, Shown]) -> None:
    patterns = sg.collect(ROWS.assign(Income=ROWS["Income"].where(ROWS.index >= 5)), "households")
    first, *lines = repr(patterns).splitlines()
    assert first == f"<PatternTable: 1,995 customers in {patterns.n_patterns:,} patterns"
    assert "income (5 levels), birth_year (4 levels)" in lines[0]
    assert f"and {len(patterns.outcomes) - 8} more" in lines[1]
    assert "2,000 rows read, 5 dropped" in lines[2]


def test_a_segmentation_says_its_segments_and_verdict(result: sg.Segmentation) -> None:
    text = repr(result)
    assert "2,000 customers in 3 segments by latent-class" in text
    for s in result.segments:
        assert f"{s.name}: {s.size:,} customers" in text
    assert re.search(rf"verdict +{result.verdict}\.", text)


def test_a_recipes_title_cannot_break_the_page() -> None:
    recipe = sg.Recipe.load("households").with_(title="<script>")
    assert "<script>" not in recipe._repr_html_()
