"""Pages of the gallery run, show what they give, and say the line of what fails."""

from __future__ import annotations

import pandas as pd
import pytest
import stories

from segmentry.report.figures.chart import Chart


def page(*blocks: str) -> str:
    return "# A title\n\n" + "\n\nText.\n\n".join(f"```python\n{block}\n```" for block in blocks) + "\n"


def test_what_is_printed_and_the_last_value_stand_below_their_block() -> None:
    story = stories.Story("page", page("a = 2\nprint('seen')\na + 1", "a = a * 10", "a")).run()
    given = [part.split("\n:::")[0] for part in story.text.split(":::{container} given\n")[1:]]
    assert given == ["```text\nseen\n```", "```text\n3\n```", "```text\n20\n```"]
    assert story.failures == []


@pytest.mark.parametrize(
    ("block", "line", "said"),
    [
        ("a = 1\nassert a == 2", 5, "AssertionError: "),
        ("b =", 4, "SyntaxError: invalid syntax"),
        ("1\n1 / 0", 5, "ZeroDivision"),
    ],
)
def test_what_fails_is_said_with_its_line(block: str, line: int, said: str) -> None:
    story = stories.Story(
        "page", page("x = 1").rstrip() + "\n\n" + page(block).removeprefix("# A title\n\n")
    ).run()
    ((seen, error),) = story.failures
    assert story.text.count("given") == 0
    assert seen == line + 4
    assert error.startswith(said)


def test_a_chart_is_a_picture_in_both_schemes() -> None:
    chart = Chart("map", 'A "map" & more', "<svg>light</svg>", "<svg>dark</svg>")
    story = stories.Story("page", page("chart")).run()
    assert story.failures != []  # nothing is known that the page does not define
    shown = story._shown(chart)
    assert story.pictures == {"page-1.svg": chart.svg, "page-1-dark.svg": chart.dark_svg}
    assert 'alt="A &quot;map&quot; &amp; more"' in shown


def test_a_table_is_markdown_with_its_named_index() -> None:
    frame = pd.DataFrame(
        {"n": [1_500, 20], "share": [0.25, float("nan")]}, index=pd.Index(["a|b", "c"], name="who")
    )
    assert stories.markdown_table(frame).splitlines() == [
        "| who | n | share |", "|---|---:|---:|", "| a\\|b | 1,500 | 0.25 |", "| c | 20 |  |",
    ]  # fmt: skip


def test_cards_have_the_title_and_the_first_sentence_without_marks() -> None:
    cards = stories.cards(
        {"one": "# Two & three\n\nOf `data` that are [made](there.md). More of it.\n\nNot this.\n"}
    )
    assert '<a class="card" href="one.html">' in cards
    assert "<strong>Two &amp; three</strong><span>Of data that are made.</span>" in cards
