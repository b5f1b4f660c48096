"""The report's charts, in Altair. Each title says what is seen; each subtitle says of how many customers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import altair as alt
import pandas as pd

from segmentry.report.axes import principal_axes
from segmentry.report.facts import GroupFact, ReportFacts
from segmentry.report.palette import GRID, INK, MUTED, colour
from segmentry.segmentation import Segmentation

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
MAX_BUBBLES = 3_000
"""A map shows at most this many patterns, the most frequent."""


def charts_of(result: Segmentation, facts: ReportFacts) -> dict[str, Callable[[], Any]]:
    """What makes each chart of a segmentation, by the name of its file."""
    makers: dict[str, Callable[[], Any]] = {}
    if len(result.selection) > 1:
        makers["elbow"] = lambda: elbow(result)
        makers["bic"] = lambda: bic(result)
    if result.patterns is not None and len(facts.segments) > 1:
        makers["map"] = lambda: pattern_map(result, facts)
    makers["features"] = lambda: feature_map(facts)
    for position, group in enumerate(facts.segments[0].groups):
        makers[f"outcomes_{group.name}"] = partial(outcome_chart, facts, position, group)
    return {name: partial(_configured, maker) for name, maker in makers.items()}


def _configured(maker: Callable[[], Any]) -> Any:
    return maker().configure(**_CONFIG)


_CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "#ffffff",
    "padding": 12,
    "title": {
        "anchor": "start", "fontSize": 15, "fontWeight": 600, "color": INK, "frame": "group",
        "subtitleColor": MUTED, "subtitleFontSize": 12, "offset": 12, "subtitlePadding": 5,
    },
    "axis": {
        "labelFontSize": 12, "titleFontSize": 12, "labelColor": INK, "titleColor": MUTED,
        "titleFontWeight": 400,
        "gridColor": GRID, "domain": False, "ticks": False, "labelPadding": 6, "labelLimit": 220,
    },
    "legend": {
        "labelFontSize": 12, "titleFontSize": 12, "labelLimit": 420, "titleColor": MUTED, "labelColor": INK,
    },
    "view": {"stroke": None},
    "header": {"labelFontSize": 12, "labelColor": INK, "labelFontWeight": 600},
}  # fmt: skip


def elbow(result: Segmentation) -> Any:
    """Fit per number of segments: the curve that people look for an elbow in."""
    table = result.selection.copy()
    if "cost" in table and result.method != "latent-class":
        table["fit"], axis = table["cost"], "inertia" if result.method == "k-means" else "sum of distances"
    else:
        table["fit"], axis = -2 * table["log_likelihood"], "−2 × log-likelihood"
    drop = 1 - table["fit"].iloc[-1] / table["fit"].iloc[0]
    title = f"From 1 to {table['k'].iloc[-1]} segments the misfit falls by {drop:.0%}"
    return _line(table, "fit", axis, _title(title, f"{result.method}; lower fits better", result), result)


def bic(result: Segmentation) -> Any:
    """BIC of latent classes per number of segments."""
    best = result.choice.best_by_bic
    title = f"BIC is lowest at {best} segment{'s' if best != 1 else ''}"
    return _line(
        result.selection, "bic", "BIC", _title(title, "Latent classes; lower is better", result), result, best
    )


def _title(text: str, subtitle: str, result: Segmentation) -> alt.TitleParams:
    return alt.TitleParams(text, subtitle=f"{subtitle}; blue: chosen; n = {result.n_customers:,} customers")


def _line(
    table: pd.DataFrame, column: str, label: str, title: alt.TitleParams, result: Segmentation, best: int = 0
) -> Any:
    data = table[["k", column]].rename(columns={column: "y"})
    data["note"] = ["chosen" if k == result.choice.k else "" for k in data["k"]]
    data["size"] = [110 if k in (result.choice.k, best) else 45 for k in data["k"]]
    scale = alt.Scale(zero=False, nice=True)
    x = alt.X("k:O", title="number of segments", axis=alt.Axis(labelAngle=0, grid=False))
    y = alt.Y("y:Q", title=label, scale=scale, axis=alt.Axis(tickCount=5, format=",.0f"))
    base = alt.Chart(data, width=330, height=220, title=title)
    line = base.mark_line(color=MUTED, strokeWidth=1.5).encode(x=x, y=y)
    points = base.mark_circle(opacity=1).encode(
        x=x,
        y=y,
        size=alt.Size("size:Q", scale=None),
        color=alt.condition("datum.note == 'chosen'", alt.value(colour(1)), alt.value(MUTED)),
        tooltip=[alt.Tooltip("k:O", title="segments"), alt.Tooltip("y:Q", title=label, format=",.1f")],
    )
    return line + points


def pattern_map(result: Segmentation, facts: ReportFacts) -> Any:
    """The patterns on two principal axes; a bubble's area is its customers."""
    patterns = result.patterns
    assert patterns is not None and result.labels is not None  # noqa: S101, PT018 - charts_of looked
    axes = principal_axes(patterns, result.method)
    names = [_legend_name(s.segment.id, s.segment.name) for s in facts.segments]
    data = pd.DataFrame(
        {
            "x": axes.coordinates[:, 0],
            "y": axes.coordinates[:, 1],
            "customers": patterns.sample_weight,
            "segment": [names[label] for label in result.labels],
        }
    ).nlargest(MAX_BUBBLES, "customers")
    first, second = (f"axis {i}: {share:.0%}" for i, share in enumerate(axes.shares, 1))
    title = f"Two axes hold {sum(axes.shares):.0%} of what differs between customers"
    subtitle = [f"{axes.kind}; one bubble per pattern, area = customers; n = {facts.n_customers:,}",
                "A picture of the data, not evidence that segments are separate"]  # fmt: skip
    blank = alt.Axis(labels=False, tickCount=5)
    return (
        alt.Chart(data, width=430, height=340, title=alt.TitleParams(title, subtitle=subtitle))
        .mark_circle(opacity=0.65, stroke="white", strokeWidth=0.6)
        .encode(
            x=alt.X("x:Q", title=first, axis=blank, scale=alt.Scale(zero=False, padding=12)),
            y=alt.Y("y:Q", title=second, axis=blank, scale=alt.Scale(zero=False, padding=12)),
            size=alt.Size("customers:Q", scale=alt.Scale(rangeMin=10, rangeMax=650), legend=None),
            color=_segment_colours(names),
            tooltip=["segment:N", alt.Tooltip("customers:Q", format=",.0f")],
        )
    )


def _legend_name(number: int, name: str) -> str:
    text = f"{number} {name}"
    return text if len(text) <= 60 else text[:59] + "…"


def _segment_colours(names: list[str]) -> alt.Color:
    return alt.Color(
        "segment:N",
        scale=alt.Scale(domain=names, range=[colour(i) for i in range(1, len(names) + 1)]),
        legend=alt.Legend(
            title=None, orient="bottom", columns=1 if max(map(len, names)) > 24 else 2, symbolOpacity=1
        ),
    )


def feature_map(facts: ReportFacts) -> Any:
    """Lift of every level in every segment, levels in their order."""
    rows = [
        {"level": f"{feature.label}: {level.level}", "segment": str(s.segment.id), "lift": level.lift,
         "share": level.share, "text": f"{level.share:.0%}"}
        for s in facts.segments for feature in s.features for level in feature.levels
    ]  # fmt: skip
    data = pd.DataFrame(rows)
    data["shade"] = data["lift"].clip(0.25, 4)
    order = list(dict.fromkeys(data["level"]))
    title = alt.TitleParams(
        "Share of each level per segment",
        subtitle=f"Blue: more than among all customers; orange: fewer; n = {facts.n_customers:,} customers",
    )
    x = alt.X("segment:O", title="segment", sort=None, axis=alt.Axis(orient="top", labelAngle=0, grid=False))
    y = alt.Y("level:O", title=None, sort=order, axis=alt.Axis(grid=False, labelLimit=300))
    shade = alt.Color(
        "shade:Q",
        scale=alt.Scale(type="log", domain=[0.25, 1, 4], range=["#e08214", "#f7f7f7", "#2f7ebc"]),
        legend=alt.Legend(title="lift", values=[0.25, 0.5, 1, 2, 4], orient="right", gradientLength=140),
    )
    base = alt.Chart(data, width=alt.Step(58), height=alt.Step(22), title=title).encode(x=x, y=y)
    tooltip = [
        "level:N",
        "segment:N",
        alt.Tooltip("share:Q", format=".1%"),
        alt.Tooltip("lift:Q", format=".2f"),
    ]
    cells = base.mark_rect(stroke="white", strokeWidth=1.5).encode(color=shade, tooltip=tooltip)
    return cells + base.mark_text(fontSize=11, color=INK).encode(text="text:N")


def outcome_chart(facts: ReportFacts, position: int, group: GroupFact) -> Any:
    """One group of outcomes: value and 95 % interval per segment, beside all customers' value."""
    names = [_legend_name(s.segment.id, s.segment.name) for s in facts.segments]
    rows = [
        {"segment": names[i], "number": str(s.segment.id), "outcome": o.label, "value": o.value,
         "low": o.low, "high": o.high, "base": o.base_value}
        for i, s in enumerate(facts.segments) for o in s.groups[position].outcomes
    ]  # fmt: skip
    data = pd.DataFrame(rows)
    is_rate = group.role == "flags"
    what = "rate: accepted / customers of the segment" if is_rate else "mean per customer"
    title = alt.TitleParams(
        _outcome_finding(facts, position, group),
        subtitle=f"{group.label}; {what}, 95 % interval; line: all {facts.n_customers:,} customers",
    )
    x = alt.X("value:Q", title=None, axis=alt.Axis(format="%" if is_rate else ",~g", tickCount=5))
    y = alt.Y("number:N", title=None, sort=None, axis=alt.Axis(grid=False))
    base = alt.Chart(data, width=340, height=alt.Step(20))
    colours = _segment_colours(names)
    layers = (
        base.mark_rule(color=MUTED, strokeDash=[3, 3]).encode(x="mean(base):Q")
        + base.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q"), x2="high:Q", y=y, color=colours)
        + base.mark_circle(size=75, opacity=1).encode(
            x=x,
            y=y,
            color=colours,
            tooltip=["segment:N", "outcome:N", alt.Tooltip("value:Q", format=".1%" if is_rate else ",.2f")],
        )
    )
    order = [o.label for o in group.outcomes]
    row = alt.Row(
        "outcome:N", sort=order, title=None,
        header=alt.Header(labelAngle=0, labelAlign="left", labelAnchor="start", labelLimit=160),
    )  # fmt: skip
    return layers.facet(row=row, title=title, spacing=8)


def _outcome_finding(facts: ReportFacts, position: int, group: GroupFact) -> str:
    """What the chart shows first: the segment and outcome that differ most from all customers."""
    pairs = [
        (o.lift, s.segment.id, o)
        for s in facts.segments for o in s.groups[position].outcomes
        if o.is_different and o.lift == o.lift and o.lift > 1
    ]  # fmt: skip
    if not pairs:
        return f"{group.label}: no segment stands out"
    lift, segment, outcome = max(pairs, key=lambda p: p[0])
    value = f"{outcome.value:.1%}" if outcome.is_rate else f"{outcome.value:,.4g}"
    return f"Segment {segment}: {outcome.label} {value}, {lift:.1f} × all customers"
