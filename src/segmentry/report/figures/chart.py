"""A figure of the report on its own: shown in a notebook, saved as a picture."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from segmentry.errors import ModelError
from segmentry.pages.palette import DARK
from segmentry.report.figures.files import standalone
from segmentry.report.figures.svg import Figure
from segmentry.system.whole_files import whole_file, write_text


@dataclass(frozen=True)
class Chart:
    """A figure of the report as a picture that needs nothing else.

    Attributes
    ----------
    name
        Name of its files.
    alt
        Description of what is drawn, in words.
    svg, dark_svg
        The drawing as SVG text, in light and in dark colours.
    """

    name: str
    alt: str = field(repr=False)
    svg: str = field(repr=False)
    dark_svg: str = field(repr=False)

    @classmethod
    def of(cls, figure: Figure) -> Chart:
        """Make a chart of a figure."""
        return cls(figure.name, figure.alt, standalone(figure), standalone(figure, DARK))

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file, in light colours, and return its path.

        Parameters
        ----------
        path
            ``.svg`` or ``.png``.

        Raises
        ------
        ModelError
            The suffix is none of these.
        """
        path = Path(path)
        if path.suffix.lower() == ".svg":
            write_text(self.svg, path)
        elif path.suffix.lower() == ".png":
            from segmentry.report.pictures import png_of

            with whole_file(path) as unfinished:
                unfinished.write_bytes(png_of(self.svg))
        else:
            raise ModelError(f"a chart is .svg or .png; got {path.suffix or 'no suffix'!r}", source=path)
        return path

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        """An image, so that the drawing's styles stay its own."""
        data = b64encode(self.svg.encode()).decode()
        return f'<img alt="{escape(self.alt)}" src="data:image/svg+xml;base64,{data}">'
