"""Each slide has a finding of its own as its title, also where the headline outcome is the campaign."""

from __future__ import annotations

import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households
from segmentry.report.facts import facts_of
from segmentry.report.slides.story import story

pytestmark = pytest.mark.usefixtures("few_null_tables")


def test_no_two_slides_have_the_same_title() -> None:
    recipe = HOUSEHOLDS.with_(headline="Response")
    pages = story(facts_of(sg.run(sample_households(rows=2_000, seed=8), recipe)))
    titles = {page.key: page.title for page in pages if page.key in ("outcomes", "targeting")}
    assert titles["targeting"].startswith("Last campaign pays where more than ")
    assert len({page.title for page in pages}) == len(pages)
