"""Charts as SVG, drawn from facts: the page's and the files' are the same drawings."""

from __future__ import annotations

from segmentry.report.facts import ReportFacts
from segmentry.report.figures.clustergram import clustergram
from segmentry.report.figures.curves import criterion_curve, gain
from segmentry.report.figures.density import densities
from segmentry.report.figures.histogram import histogram
from segmentry.report.figures.map import pattern_map
from segmentry.report.figures.svg import Figure
from segmentry.report.figures.tables import feature_map, intervals
from segmentry.report.figures.treemap import treemap

__all__ = ["Figure", "figures_of"]


def figures_of(facts: ReportFacts) -> dict[str, Figure]:
    """Draw every chart that there are facts for, by name."""
    made = [criterion_curve(c, facts.n_customers) for c in facts.criteria]
    made += [clustergram(s, facts.n_customers) for s in facts.splits]
    if facts.map is not None:
        made.append(pattern_map(facts.map))
    made += [gain(g) for g in facts.gains]
    made += [histogram(h, s.id, s.tone) for s in facts.segments for h in s.histograms]
    for s in facts.segments:
        made += [drawn for group in s.groups if (drawn := treemap(s, group)) is not None]
    made += [d for f in facts.method.features if (d := densities(facts.segments, f.name)) is not None]
    made.append(feature_map(facts.segments, facts.method.features, facts.n_customers))
    for position, group in enumerate(facts.segments[0].groups):
        made.append(intervals(facts.segments, position, group, facts.n_customers))
    return {figure.name: figure for figure in made}
