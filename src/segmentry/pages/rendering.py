"""Pages made from templates: one HTML file that opens offline, fetches nothing, and runs no script but its own."""

from __future__ import annotations

import base64
import hashlib
import math
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from segmentry.pages.palette import DARK, LIGHT, variables
from segmentry.text import numbers
from segmentry.text.inert import for_xml
from segmentry.text.locales import numerals_now
from segmentry.text.words import listed, shortened


def render_page(
    page: str, *, script: str = "", policy: str | None = None, is_framed: bool = False, **content: Any
) -> str:
    """Render the page whose templates are in the folder `page`; `script` is the only script that it may run.

    `policy` is another Content-Security-Policy, for a page with modules of its own. `is_framed` says that it is shown in another page.
    """
    return (
        _environment()
        .get_template(f"{page}/{page}.html")
        .render(
            **content,
            page=page,
            is_framed=is_framed,
            light=variables(LIGHT),
            dark=variables(DARK),
            locale=numerals_now().locale,
            script=Markup(script),  # noqa: S704 - our own file
            policy=Markup(_policy(script) if policy is None else policy),  # noqa: S704 - our own words
        )
    )


def render_part(page: str, part: str, **content: Any) -> str:
    """Render a part of a page by a template of its own."""
    return _environment().get_template(f"{page}/{part}.html").render(**content)


def compile_templates(page: str) -> None:
    """Compile the templates of a page, which takes longer than filling them."""
    environment = _environment()
    for name in environment.list_templates(extensions=["html"]):
        if name.startswith(f"{page}/") or "/" not in name:
            environment.get_template(name)


def page_script(page: str, name: str = "") -> str:
    """Return the text of a page's script, or of one of its modules by `name`."""
    place = resources.files("segmentry.pages") / "templates" / page / f"{name or page}.js"
    return place.read_text(encoding="utf-8")


def exact(value: float | None) -> str:
    """Write a number for machines, with all its digits; an empty text where there is no number.

    Examples
    --------
    >>> exact(0.25), exact(float("nan"))
    ('0.25', '')
    """
    return "" if value is None or not math.isfinite(value) else repr(float(value))


def position(value: float | None, scale: float = 1.0) -> str:
    """Return where a value lies on a bar that stands for `scale`, as a CSS length.

    Examples
    --------
    >>> position(0.25), position(3.0, 2.0), position(float("nan"))
    ('25.00%', '100.00%', '0%')
    """
    if value is None or math.isnan(value) or not scale > 0:
        return "0%"
    return f"{min(max(value / scale, 0.0), 1.0) * 100:.2f}%"


_FILTERS = (
    numbers.count, numbers.count_or_none, numbers.number, numbers.difference, numbers.money, numbers.share, numbers.percent, numbers.points,
    numbers.outcome, numbers.outcome_difference, numbers.lift, numbers.ratio, numbers.p_value, numbers.criterion,
    numbers.statistic, numbers.fixed, numbers.percent_mark, numbers.year, numbers.measured, listed, shortened, exact, position,
)  # fmt: skip


def script_digest(script: str) -> str:
    """Return the digest by which a Content-Security-Policy knows a script."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _policy(script: str) -> str:
    """Return the Content-Security-Policy: nothing is fetched, and no script runs but the page's own."""
    allowed = f"script-src 'sha256-{script_digest(script)}'; " if script else ""
    return (
        f"default-src 'none'; {allowed}style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; "
        "form-action 'none'"
    )


def _finalized(value: Any) -> Any:
    """Take from a text what HTML does not allow; what is markup already was made of such texts."""
    return for_xml(value) if type(value) is str else value


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("segmentry.pages"),
        autoescape=True,
        finalize=_finalized,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({f.__name__: f for f in _FILTERS})
    return environment
