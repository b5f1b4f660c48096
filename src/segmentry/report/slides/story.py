"""Which slides a deck has, and in which order: at most twelve."""

from __future__ import annotations

from segmentry.report.facts import ReportFacts
from segmentry.report.slides import wording
from segmentry.report.slides.grounds import method_page, next_page, verdict_page
from segmentry.report.slides.overview import segments_page, summary_page
from segmentry.report.slides.pages import Page
from segmentry.report.slides.profiles import features_page, outcomes_page, targeting_page
from segmentry.report.slides.segment import segment_page

MOST_SLIDES = 12
MOST_SEGMENTS = 6


def story(facts: ReportFacts) -> list[Page]:
    """Gather the slides; the heat map and the targeting are there while there is room."""
    if len(facts.segments) == 1:
        only = segment_page(facts, facts.segments[0], "")
        return [summary_page(facts), verdict_page(facts), only, method_page(facts)]
    largest = sorted(facts.segments, key=lambda s: (-s.size, s.id))[:MOST_SEGMENTS]
    more = wording.LARGEST_ALONE if len(facts.segments) > MOST_SEGMENTS else ""
    start = [summary_page(facts), segments_page(facts), verdict_page(facts)]
    each = [segment_page(facts, s, more) for s in facts.segments if s in largest]
    end = [next_page(facts), method_page(facts)]
    room = MOST_SLIDES - len(start) - len(each) - len(end)
    wished = (outcomes_page(facts), features_page(facts), targeting_page(facts))
    kept = [page for page in wished if page is not None][:room]
    order = {"features": 0, "outcomes": 1, "targeting": 2}
    return [*start, *sorted(kept, key=lambda page: order[page.key]), *each, *end]
