"""The frozen result of a run, which is saved as JSON: segments with their model, profile and evidence."""

from segmentry.segmentation.loading import load
from segmentry.segmentation.plain_values import Withheld
from segmentry.segmentation.result import Segmentation
from segmentry.segmentation.segments import Segment
from segmentry.segmentation.tables import tables_of

__all__ = ["Segment", "Segmentation", "Withheld", "load", "tables_of"]
