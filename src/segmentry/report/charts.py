"""The report's charts, as Vega-Lite. Each title says what is seen; each subtitle says of how many customers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from segmentry.report import wording
from segmentry.report.axes import principal_axes
from segmentry.report.facts import ReportFacts
from segmentry.report.facts.outcomes import GroupFact
from segmentry.report.figures.tables import outcome_finding
from segmentry.report.formats import percent, whole
from segmentry.report.palette import GRID, INK, MUTED, colour
from segmentry.segmentation import Segmentation
from segmentry.text.numbers import numerals_now

Spec = dict[str, Any]
"""A chart in the grammar of Vega-Lite, version 6."""
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
MAX_BUBBLES = 3_000
"""A map shows at most this many patterns, the most frequent."""


def charts_of(result: Segmentation, facts: ReportFacts) -> dict[str, Spec]:
    """Make every chart of a segmentation, by the name of its file."""
    charts: dict[str, Spec] = {}
    if len(result.selection) > 1:
        charts["elbow"] = elbow(result)
        charts["bic"] = bic(result)
    if result.patterns is not None and len(facts.segments) > 1:
        charts["map"] = pattern_map(result, facts)
    charts["features"] = feature_map(facts)
    for position, group in enumerate(facts.segments[0].groups):
        charts[f"outcomes_{group.name}"] = outcome_chart(facts, position, group)
    return {name: {"$schema": _SCHEMA, "config": _CONFIG | _signs(), **spec} for name, spec in charts.items()}


def _signs() -> Spec:
    """How the chart's own axes write numbers."""
    signs = numerals_now()
    return {"locale": {"number": {
        "decimal": signs.decimal, "thousands": signs.group, "grouping": [signs.sizes[0], *[signs.sizes[1]] * 5], "currency": ["", ""],
    }}}  # fmt: skip


_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.4.1.json"
_CONFIG: Spec = {
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


def elbow(result: Segmentation) -> Spec:
    """Fit per number of segments: the curve that people look for an elbow in."""
    table = result.selection
    if "cost" in table and result.method != "latent-class":
        fit, axis = table["cost"], wording.INERTIA if result.method == "k-means" else wording.DISTANCES
    else:
        fit, axis = -2 * table["log_likelihood"], wording.LIKELIHOOD
    drop = 1 - fit.iloc[-1] / fit.iloc[0]
    title = wording.FALLS.format(k=table["k"].iloc[-1], drop=percent(drop, 0))
    return _line(result, fit, axis, title, wording.LOWER_FITS.format(method=result.method))


def bic(result: Segmentation) -> Spec:
    """BIC of latent classes per number of segments."""
    best = result.choice.best_by_bic
    count = (wording.SEGMENTS if best != 1 else wording.SEGMENT).format(k=best)
    title = wording.EXTREME.format(label=wording.BIC, extreme=wording.LOWEST, segments=count)
    return _line(result, result.selection["bic"], wording.BIC, title, wording.LATENT_LOWER, best)


def _line(
    result: Segmentation, values: Iterable[float], label: str, title: str, subtitle: str, best: int = 0
) -> Spec:
    chosen = result.choice.k
    rows = [
        {"k": int(k), "y": y, "chosen": int(k) == chosen, "size": 110 if k in (chosen, best) else 45}
        for k, y in zip(result.selection["k"], values, strict=True)
    ]
    x = {
        "field": "k",
        "type": "ordinal",
        "title": wording.NUMBER_OF_SEGMENTS,
        "axis": _axis(labelAngle=0, grid=False),
    }
    y = _quantity(
        "y", title=label, axis=_axis(tickCount=5, format=",.0f"), scale={"zero": False, "nice": True}
    )
    highlight = {"condition": {"test": "datum.chosen", "value": colour(1)}, "value": MUTED}
    tooltip = [
        {"field": "k", "type": "ordinal", "title": "segments"},
        _quantity("y", title=label, format=",.1f"),
    ]
    size = _quantity("size", scale=None)
    return {
        "title": _title(
            title, wording.BLUE_CHOSEN.format(subtitle=subtitle, source=_source(result.n_customers))
        ),
        "data": _data(rows),
        "width": 330,
        "height": 220,
        "encoding": {"x": x, "y": y},
        "layer": [
            {"mark": {"type": "line", "color": MUTED, "strokeWidth": 1.5}},
            {"mark": _DOT, "encoding": {"size": size, "color": highlight, "tooltip": tooltip}},
        ],
    }


_DOT: Spec = {"type": "circle", "opacity": 1}


def pattern_map(result: Segmentation, facts: ReportFacts) -> Spec:
    """The patterns on two principal axes; a bubble's area is its customers."""
    patterns = result.patterns
    assert patterns is not None and result.labels is not None  # noqa: S101, PT018 - charts_of looked
    axes = principal_axes(patterns, result.method)
    names = _legend_names(facts)
    weight = patterns.sample_weight
    shown = np.argsort(-weight, kind="stable")[
        :MAX_BUBBLES
    ]  # the largest first, so that none hides a smaller one
    rows = [
        {"x": float(axes.coordinates[i, 0]), "y": float(axes.coordinates[i, 1]),
         "customers": float(weight[i]), "segment": names[result.labels[i]]}
        for i in shown
    ]  # fmt: skip
    labels = [
        wording.AXIS.format(number=i, share=percent(share, 0)) for i, share in enumerate(axes.shares, 1)
    ]
    title = wording.TWO_AXES.format(total=percent(sum(axes.shares), 0))
    bubble = wording.ONE_BUBBLE.format(kind=axes.kind, source=_source(facts.n_customers))
    subtitle = [bubble, wording.NO_EVIDENCE]
    place = {"axis": _axis(labels=False, tickCount=5), "scale": {"zero": False, "padding": 12}}
    size = _quantity("customers", scale={"rangeMin": 10, "rangeMax": 650}, legend=None)
    return {
        "title": _title(title, subtitle),
        "data": _data(rows),
        "width": 430,
        "height": 340,
        "mark": {"type": "circle", "opacity": 0.65, "stroke": "white", "strokeWidth": 0.6},
        "encoding": {
            "x": _quantity("x", title=labels[0], **place),
            "y": _quantity("y", title=labels[1], **place),
            "size": size,
            "color": _segment_colours(names),
            "tooltip": [_name("segment"), _quantity("customers", format=",.0f")],
        },
    }


def feature_map(facts: ReportFacts) -> Spec:
    """Lift of every level in every segment, levels in their order."""
    rows = [
        {"level": f"{feature.label}: {level.level}", "segment": str(s.id), "lift": level.lift,
         "share": level.share, "shade": min(max(level.lift, 0.25), 4.0),
         "text": percent(level.share, 0)}
        for s in facts.segments for feature in s.features for level in feature.levels
    ]  # fmt: skip
    order = [
        f"{feature.label}: {level.level}" for feature in facts.method.features for level in feature.levels
    ]
    subtitle = wording.COLOURS.format(subtitle=wording.FEATURES_SUBTITLE, source=_source(facts.n_customers))
    x = {
        "field": "segment",
        "type": "ordinal",
        "sort": None,
        "axis": _axis(orient="top", labelAngle=0, grid=False),
    }
    y = {
        "field": "level",
        "type": "ordinal",
        "sort": order,
        "title": None,
        "axis": _axis(grid=False, labelLimit=300),
    }
    shade = _quantity(
        "shade",
        scale={"type": "log", "domain": [0.25, 1, 4], "range": ["#e08214", "#f7f7f7", "#2f7ebc"]},
        legend={"title": "lift", "values": [0.25, 0.5, 1, 2, 4], "orient": "right", "gradientLength": 140},
    )
    tooltip = [
        _name("level"),
        _name("segment"),
        _quantity("share", format=".1%"),
        _quantity("lift", format=".2f"),
    ]
    return {
        "title": _title(wording.FEATURES_PLAIN, subtitle),
        "data": _data(rows),
        "width": {"step": 58},
        "height": {"step": 22},
        "encoding": {"x": x, "y": y},
        "layer": [
            {"mark": {"type": "rect", "stroke": "white", "strokeWidth": 1.5},
             "encoding": {"color": shade, "tooltip": tooltip}},
            {"mark": {"type": "text", "fontSize": 11, "color": INK}, "encoding": {"text": _name("text")}},
        ],
    }  # fmt: skip


def outcome_chart(facts: ReportFacts, position: int, group: GroupFact) -> Spec:
    """One group of outcomes: value and 95 % interval per segment, beside all customers' value."""
    names = _legend_names(facts)
    rows = [
        {"segment": names[i], "number": str(s.id), "outcome": o.label, "value": o.value,
         "low": o.low, "high": o.high, "base": o.base_value}
        for i, s in enumerate(facts.segments) for o in s.groups[position].outcomes
    ]  # fmt: skip
    is_rate = group.role == "flags"
    what = wording.RATE_SUBTITLE if is_rate else wording.MEAN_SUBTITLE
    subtitle = wording.LINE_ALL.format(group=group.label, subtitle=what, source=_source(facts.n_customers))
    header = {"labelAngle": 0, "labelAlign": "left", "labelAnchor": "start", "labelLimit": 160}
    order = [o.label for o in group.outcomes]
    return {
        "title": _title(outcome_finding(facts.segments, position, group), subtitle),
        "data": _data(rows),
        "facet": {"row": {**_name("outcome"), "sort": order, "title": None, "header": header}},
        "spacing": 8,
        "spec": {"width": 340, "height": {"step": 20}, "layer": _outcome_layers(names, is_rate=is_rate)},
    }


def _outcome_layers(names: list[str], *, is_rate: bool) -> list[Spec]:
    """All customers' value as a dashed line; per segment the interval and the value."""
    axis = _axis(format="%" if is_rate else ",~g", tickCount=5)
    row = {**_name("number"), "title": None, "sort": None, "axis": _axis(grid=False)}
    shared = {"y": row, "color": _segment_colours(names)}
    values = _quantity("value", format=".1%" if is_rate else ",.2f")
    low, high = _quantity("low", title=None, axis=axis), {"field": "high"}
    value = _quantity("value", title=None, axis=axis)
    base = {"aggregate": "mean", **_quantity("base", title=None)}
    return [
        {"mark": {"type": "rule", "color": MUTED, "strokeDash": [3, 3]}, "encoding": {"x": base}},
        {"mark": {"type": "rule", "strokeWidth": 2.5}, "encoding": {"x": low, "x2": high, **shared}},
        {
            "mark": {**_DOT, "size": 75},
            "encoding": {"x": value, **shared, "tooltip": [_name("segment"), _name("outcome"), values]},
        },
    ]


def _source(n_customers: int) -> str:
    return wording.N_CUSTOMERS.format(n=whole(n_customers))


def _legend_names(facts: ReportFacts) -> list[str]:
    names = [f"{s.id} {s.name}" for s in facts.segments]
    return [name if len(name) <= 60 else name[:59] + "…" for name in names]


def _segment_colours(names: list[str]) -> Spec:
    columns = 1 if max(map(len, names)) > 24 else 2
    legend = {"title": None, "orient": "bottom", "columns": columns, "symbolOpacity": 1}
    scale = {"domain": names, "range": [colour(i) for i in range(1, len(names) + 1)]}
    return {**_name("segment"), "scale": scale, "legend": legend}


def _title(text: str, subtitle: str | list[str]) -> Spec:
    return {"text": text, "subtitle": subtitle}


def _axis(**settings: Any) -> Spec:
    return settings


def _quantity(field: str, **settings: Any) -> Spec:
    return {"field": field, "type": "quantitative", **settings}


def _name(field: str) -> Spec:
    return {"field": field, "type": "nominal"}


def _data(rows: list[Spec]) -> Spec:
    """Rows as Vega-Lite's data; what is not a number becomes null."""
    return {
        "values": [
            {
                key: None if isinstance(value, float) and math.isnan(value) else value
                for key, value in row.items()
            }
            for row in rows
        ]
    }
