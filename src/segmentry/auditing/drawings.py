"""Small drawings as SVG: a histogram's bars, coloured by the page."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from segmentry.auditing.histograms import Bin
from segmentry.text.numbers import count, number, percent, year

WIDTH, HEIGHT = 320, 84


def histogram_svg(bins: Sequence[Bin], *, is_year: bool, is_whole: bool, name: str) -> Markup:
    """Bars with the figures of each as its title; open bars at the ends are drawn lighter."""
    highest = max((b.n for b in bins), default=0)
    if not highest:
        return Markup()
    total = sum(b.n for b in bins)
    step = WIDTH / len(bins)
    gap = min(2.0, step * 0.15)
    parts = []
    for i, b in enumerate(bins):
        height = max(b.n / highest * HEIGHT, 1.0 if b.n else 0.0)
        kind = ' class="open"' if b.is_open else ""
        title = f"{_label(b, is_year=is_year, is_whole=is_whole)}: {count(b.n)} ({percent(b.n / total)})"
        # The whole height answers to the mouse, also over a low bar.
        parts.append(
            f'<g{kind}><rect class="ground" x="{i * step:.2f}" y="0" width="{step:.2f}" height="{HEIGHT}"/>'
            f'<rect x="{i * step + gap / 2:.2f}" y="{HEIGHT - height:.2f}" width="{step - gap:.2f}" '
            f'height="{height:.2f}"/><title>{escape(title)}</title></g>'
        )
    drawn = (
        f'<svg class="histogram" role="img" aria-label="{escape(f"Histogram of {name}")}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">{"".join(parts)}</svg>'
    )
    return Markup(drawn)  # noqa: S704 - made of numbers and escaped texts


def ends(bins: Sequence[Bin], *, is_year: bool, is_whole: bool) -> tuple[str, str]:
    """What stands below the first and the last bar."""
    if not bins:
        return "", ""
    first, last = bins[0], bins[-1]
    if first.label:
        return first.label, last.label
    write = year if is_year else number
    is_single = is_whole and last.high - last.low <= 1
    low = write(first.low)
    high = write(last.low if is_single else last.high)
    return low, high


def _label(b: Bin, *, is_year: bool, is_whole: bool) -> str:
    if b.label:
        return b.label
    write = year if is_year else number
    if is_whole and b.high - b.low <= 1:
        return write(b.low)
    high = b.high - 1 if is_whole and not b.is_open else b.high
    return f"{write(b.low)} to {'' if is_whole or b.is_open else 'below '}{write(high)}"
