"""How customers split from k to k + 1 segments: columns of groups, joined by ribbons as wide as their customers."""

from __future__ import annotations

from collections import defaultdict

from segmentry.report import wording
from segmentry.report.facts.howmany import FlowFact, SplitFact
from segmentry.report.figures.marks import area
from segmentry.report.figures.scales import Scale
from segmentry.report.figures.svg import Figure, FigureTable, HeatCell, element, text_element, title
from segmentry.text import numbers

Places = dict[int, dict[int, tuple[float, float]]]
"""Top and bottom of each group, by number of groups."""
WIDTH, HEIGHT = 440.0, 300.0
_TOP, _BOTTOM, _BAR, _GAP = 8.0, 40.0, 9.0, 7.0


def clustergram(fact: SplitFact, n_customers: int) -> Figure:
    """Draw the groups of every number, coloured by the segments of the chosen number."""
    places = _places(fact)
    x = Scale(0, len(fact.numbers) - 1, 16, WIDTH - 16)
    body = "".join(_ribbons(fact, k, x(i), x(i + 1), places) for i, k in enumerate(fact.numbers[:-1]))
    for i, k in enumerate(fact.numbers):
        body += "".join(_block(fact, k, group, x(i), places) for group in places[k])
        is_chosen = k == fact.chosen
        style = {"fill": "var(--accent)", "font_weight": 700} if is_chosen else {}
        body += text_element(str(k), x(i), HEIGHT - 22, text_anchor="middle", class_="tick", **style)
    body += text_element(wording.NUMBER_OF_GROUPS, WIDTH / 2, HEIGHT - 4, text_anchor="middle", class_="name")
    is_real, finding = fact.table == "customers", _finding(fact)
    ends = {"first": fact.numbers[0], "last": fact.numbers[-1]}
    what = wording.SPLITS_SUBTITLE if is_real else wording.SPLITS_SUBTITLE_INDEPENDENT
    source = wording.N_CUSTOMERS.format(n=numbers.count(n_customers)) + (
        "" if is_real else wording.SAME_MARGINS
    )
    return Figure(
        "splits" if is_real else "splits_independent", wording.SPLITS[not is_real], finding,
        what.format(**ends, chosen=fact.chosen), source,
        wording.SPLITS_ALT.format(**ends, finding=finding), WIDTH, HEIGHT, body, _table(fact),
    )  # fmt: skip


def _finding(fact: SplitFact) -> str:
    """Write how many customers stay with their group from the chosen number to the next."""
    last = len(fact.kept) - 1
    at = min(fact.numbers.index(fact.chosen), last) if fact.chosen in fact.numbers else last
    is_real = fact.table == "customers"
    words = wording.SPLITS_FINDING if is_real else wording.SPLITS_FINDING_INDEPENDENT
    return words.format(k=fact.numbers[at], more=fact.numbers[at + 1], share=numbers.share(fact.kept[at]))


def _table(fact: SplitFact) -> FigureTable:
    """Make a table of the customers who go from a group of k to a group of k + 1."""
    shares: dict[tuple[int, int, int], float] = defaultdict(float)
    for flow in fact.flows:
        shares[flow.k, flow.start, flow.end] += flow.share
    rows = tuple(
        (*(HeatCell(str(v), v) for v in (k, start, k + 1, end)), HeatCell(numbers.percent(share), share))
        for (k, start, end), share in sorted(shares.items())
    )
    return FigureTable(wording.SPLITS_HEADS, rows)


def _places(fact: SplitFact) -> Places:
    """Place each group; the groups of a column are in the order of where their customers come from."""
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
    """Compute the mean height of the groups that the customers of a group come from."""
    flows = [f for f in fact.flows if f.k == k - 1 and f.end == group]
    total = sum(f.share for f in flows)
    if not total:
        return (0.0, group)
    return (sum(f.share * sum(before[f.start]) / 2 for f in flows) / total, group)


def _stacked(fact: SplitFact, k: int, places: Places, *, at_end: bool) -> dict[FlowFact, float]:
    """Place each flow at its group: by segment, then by where it goes to or comes from."""
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
        words = wording.RIBBON.format(
            start=flow.start, k=k, end=flow.end, more=k + 1, share=numbers.percent(flow.share)
        )
        if fact.table == "customers":
            words += wording.RIBBON_SEGMENT.format(segment=flow.segment)
        marked = {"data_segment": flow.segment} if fact.table == "customers" else {}
        shape = element("path", title(words), d=d, **area(flow.segment, 0.45))
        parts.append(element("g", shape, class_="mark", **marked))
    return "".join(parts)


def _block(fact: SplitFact, k: int, group: int, x: float, places: Places) -> str:
    """Draw a group as a bar, divided by the segments of the chosen number that it holds."""
    is_last = k == fact.numbers[-1]
    sums: dict[int, float] = {}
    for flow in fact.flows:
        if (is_last and flow.k == k - 1 and flow.end == group) or (flow.k == k and flow.start == group):
            sums[flow.segment] = sums.get(flow.segment, 0.0) + flow.share
    top, bottom = places[k][group]
    scale = (bottom - top) / sum(sums.values())
    words = wording.BLOCK.format(group=group, k=k, share=numbers.percent(sum(sums.values())))
    parts = [title(words)]
    for segment in sorted(sums):
        height = sums[segment] * scale
        parts.append(element("rect", x=x - _BAR / 2, y=top, width=_BAR, height=height, **area(segment, 1.0)))
        top += height
    return element("g", "".join(parts), class_="mark")
