"""Charts as files: SVG, and PNG beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from threading import local
from typing import Any

from segmentry.report.fonts import FONT, OWN_FONT, own_font_files
from segmentry.system.worker import Parcel

PNG_SCALE = 2
_SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)" viewBox')
_AS_IT_STANDS = (1, 0, 0, 0, 1, 0)
_EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1" viewBox="0 0 1 1"/>'
_FOREIGN = re.compile(
    "[^\n -~\u00a0-\u024f\u0259\u02b0-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u052f\u1e00-\u1eff\u2000-\u2064"
    "\u2070-\u2071\u2074-\u208e\u20a0-\u20be\u2100-\u214f\u2190-\u2195\u2202\u2206\u220f\u2211-\u2212\u221a\u221e"
    "\u2248\u2260-\u2261\u2264-\u2265\u25a0-\u25a1\u25b2\u25ba\u25bc\u25c4\u25cf]"
)
"""Characters that the package's own font lacks."""


def write_drawings(drawings: Mapping[str, str], folder: Path) -> None:
    """Write drawings by the names of their files as SVG into a folder, which is made if it does not exist."""
    folder.mkdir(exist_ok=True)
    for name, drawing in drawings.items():
        (folder / f"{name}.svg").write_text(drawing, encoding="utf-8")


def write_pictures(drawings: Mapping[str, str], folder: Path) -> None:
    """Write drawings as SVG files, and as PNG files beside them."""
    write_drawings(drawings, folder)
    for name, drawing in drawings.items():
        (folder / f"{name}.png").write_bytes(png_of(drawing))


def draw_in_worker(parcel: Parcel) -> Parcel:
    """Write drawings and their pictures, in the process of a worker."""
    write_pictures(parcel.values["drawings"], Path(parcel.values["folder"]))
    return Parcel({})


def load_in_worker(parcel: Parcel) -> Parcel:
    """Load what draws pictures in the process of a worker, while there is nothing to draw yet."""
    png_of(_EMPTY)
    return parcel


def png_of(drawing: str) -> bytes:
    """Return the drawing as a PNG, in the package's own font, so that it is the same on every machine.

    Only where the drawing has characters that this font lacks are the machine's fonts used, too.
    """
    from resvg import render, usvg

    options = _fonts(has_foreign=_FOREIGN.search(drawing) is not None)
    enlarged = _SIZE.sub(_times_scale, drawing.replace(FONT, OWN_FONT), count=1)
    return render(usvg.Tree.from_str(enlarged, options), _AS_IT_STANDS)


class _Fonts(local):
    """What resvg draws texts with, by whether the machine's fonts are needed; it belongs to the thread that made it."""

    def __init__(self) -> None:
        self.options: dict[bool, Any] = {}


_FONTS = _Fonts()


def _fonts(*, has_foreign: bool) -> Any:
    if has_foreign not in _FONTS.options:
        _FONTS.options[has_foreign] = _loaded_fonts(has_foreign=has_foreign)
    return _FONTS.options[has_foreign]


def _loaded_fonts(*, has_foreign: bool) -> Any:
    from resvg import usvg

    options = usvg.Options.default()
    for data in own_font_files():
        options.load_font_data(data)
    if has_foreign:
        options.load_system_fonts()
    return options


def _times_scale(size: re.Match[str]) -> str:
    return f'width="{float(size[1]) * PNG_SCALE:g}" height="{float(size[2]) * PNG_SCALE:g}" viewBox'
