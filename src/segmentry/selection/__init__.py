"""How many segments: criteria for each number, and the choice with its reason."""

from segmentry.selection.choice import Choice, choose
from segmentry.selection.scan import Method, Scan, fit, preload, scan

__all__ = ["Choice", "Method", "Scan", "choose", "fit", "preload", "scan"]
