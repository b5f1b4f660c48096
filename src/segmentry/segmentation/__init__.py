"""The fitted result: segments with their model, profile and evidence. Frozen; saved as JSON."""

from segmentry.segmentation.loading import load
from segmentry.segmentation.plain_values import Withheld
from segmentry.segmentation.result import Segment, Segmentation

__all__ = ["Segment", "Segmentation", "Withheld", "load"]
