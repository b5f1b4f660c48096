"""The report's facts as slides with native charts and tables, for PowerPoint and what reads its files."""

from __future__ import annotations

from segmentry.report.slides.deck import check_slides, write_slides

__all__ = ["check_slides", "write_slides"]
