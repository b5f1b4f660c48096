"""How customers split from k to k + 1 segments: columns of groups, joined by ribbons as wide as their customers."""

from __future__ import annotations

from collections import defaultdict

from segmentry.report.facts.howmany import FlowFact, SplitFact
from segmentry.report.figures.scales import Scale
from segmentry.report.figures.svg import Figure, element, text, title
from segmentry.report.formats import percent
from segmentry.report.palette import tone

Places = dict[int, dict[int, tuple[float, float]]]
"""Per number of groups, top and bottom of each group."""
WIDTH, HEIGHT = 440.0, 300.0
_TOP, _BOTTOM, _BAR, _GAP = 24.0, 30.0, 9.0, 7.0


def clustergram(fact: SplitFact, n_customers: int) -> Figure:
    """The groups of every number, coloured by the segments of the chosen number."""
    places = _places(fact)
    x = Scale(0, len(fact.numbers) - 1, 16, WIDTH - 16)
    body = "".join(_ribbons(fact, k, x(i), x(i + 1), places) for i, k in enumerate(fact.numbers[:-1]))
    for i, k in enumerate(fact.numbers):
        body += "".join(_block(fact, k, group, x(i), places) for group in places[k])
        is_chosen = k == fact.chosen
        style = {"fill": "var(--accent)", "font_weight": 700} if is_chosen else {}
        body += text(str(k), x(i), HEIGHT - 10, text_anchor="middle", class_="tick", **style)
    is_real = fact.table == "customers"
    last = len(fact.kept) - 1
    at = min(fact.numbers.index(fact.chosen), last) if fact.chosen in fact.numbers else last
    finding = (
        f"From {fact.numbers[at]} to {fact.numbers[at + 1]} groups {percent(fact.kept[at], 0)} of "
        f"{'the customers' if is_real else 'a table without segments'} stay together"
    )
    what = "These customers" if is_real else "The same features, drawn independently"
    return Figure(
        "splits" if is_real else "splits_independent",
        "How segments split" if is_real else "The same without segments",
        finding,
        f"{what}, in {fact.numbers[0]} to {fact.numbers[-1]} groups; coloured by the groups at {fact.chosen}",
        f"n = {n_customers:,} customers{'' if is_real else ', drawn from the same margins'}",
        f"Customers in {fact.numbers[0]} to {fact.numbers[-1]} groups. {finding}.", WIDTH, HEIGHT, body,
    )  # fmt: skip


def _places(fact: SplitFact) -> Places:
    """Top and bottom of each group, each column in the order of where its customers come from."""
    sizes: dict[int, dict[int, float]] = {}
    for flow in fact.flows:
        for k, group in ((flow.k, flow.start), (flow.k + 1, flow.end)):
            if k == flow.k or k == fact.numbers[-1]:
                column = sizes.setdefault(k, {})
                column[group] = column.get(group, 0.0) + flow.share
    most = max(len(column) for column in sizes.values())
    height = HEIGHT - _TOP - _BOTTOM - _GAP * (most - 1)
    places: Places = {}
    for k in fact.numbers:
        origins = {group: _origin(fact, k, group, places.get(k - 1, {})) for group in sizes[k]}
        order = sorted(origins, key=origins.__getitem__)
        top = _TOP + (HEIGHT - _TOP - _BOTTOM - height - _GAP * (len(order) - 1)) / 2
        places[k] = {}
        for group in order:
            places[k][group] = (top, top + height * sizes[k][group])
            top = places[k][group][1] + _GAP
    return places


def _origin(fact: SplitFact, k: int, group: int, before: dict[int, tuple[float, float]]) -> tuple[float, int]:
    """The mean height that the customers of a group come from."""
    flows = [f for f in fact.flows if f.k == k - 1 and f.end == group]
    total = sum(f.share for f in flows)
    if not total:
        return (0.0, group)
    return (sum(f.share * sum(before[f.start]) / 2 for f in flows) / total, group)


def _stacked(fact: SplitFact, k: int, places: Places, *, at_end: bool) -> dict[FlowFact, float]:
    """Where each flow touches its group: by segment, then by where it goes to or comes from."""
    near, far = (k + 1, k) if at_end else (k, k + 1)
    by_group = defaultdict(list)
    for flow in fact.flows:
        if flow.k == k:
            by_group[flow.end if at_end else flow.start].append(flow)
    made = {}
    for group, flows in by_group.items():
        top, bottom = places[near][group]
        scale = (bottom - top) / sum(f.share for f in flows)
        flows.sort(key=lambda f: (f.segment, places[far][f.start if at_end else f.end][0]))
        for flow in flows:
            made[flow] = top
            top += flow.share * scale
    return made


def _ribbons(fact: SplitFact, k: int, left: float, right: float, places: Places) -> str:
    starts, ends = _stacked(fact, k, places, at_end=False), _stacked(fact, k, places, at_end=True)
    unit = sum(bottom - top for top, bottom in places[k].values())
    parts = []
    for flow in sorted(starts, key=lambda f: -f.share):
        a, b, thick = starts[flow], ends[flow], flow.share * unit
        x1, x2, middle = left + _BAR / 2, right - _BAR / 2, (left + right) / 2
        d = (
            f"M{x1:.1f} {a:.1f}C{middle:.1f} {a:.1f} {middle:.1f} {b:.1f} {x2:.1f} {b:.1f}V{b + thick:.1f}"
            f"C{middle:.1f} {b + thick:.1f} {middle:.1f} {a + thick:.1f} {x1:.1f} {a + thick:.1f}Z"
        )
        words = f"group {flow.start} of {k} to group {flow.end} of {k + 1}: {percent(flow.share, 1)} of the customers"
        if fact.table == "customers":
            words += f", segment {flow.segment}"
        marked = {"data_segment": flow.segment} if fact.table == "customers" else {}
        shape = element("path", title(words), d=d, fill=f"var(--{tone(flow.segment)})", fill_opacity=0.45)
        parts.append(element("g", shape, class_="mark", **marked))
    return "".join(parts)


def _block(fact: SplitFact, k: int, group: int, x: float, places: Places) -> str:
    """A group as a bar, divided by the segments of the chosen number that it holds."""
    is_last = k == fact.numbers[-1]
    sums: dict[int, float] = {}
    for flow in fact.flows:
        if (is_last and flow.k == k - 1 and flow.end == group) or (flow.k == k and flow.start == group):
            sums[flow.segment] = sums.get(flow.segment, 0.0) + flow.share
    top, bottom = places[k][group]
    scale = (bottom - top) / sum(sums.values())
    words = f"group {group} of {k}: {percent(sum(sums.values()), 1)} of the customers"
    parts = [title(words)]
    for segment in sorted(sums):
        height = sums[segment] * scale
        colour = f"var(--{tone(segment)})"
        parts.append(element("rect", x=x - _BAR / 2, y=top, width=_BAR, height=height, fill=colour))
        top += height
    return element("g", "".join(parts), class_="mark")
