"""What is made of a segmentation that somebody else may have written: a sentence where its parts do not belong together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from segmentry.errors import ModelError, SegmentryError
from segmentry.recipe import Recipe


@contextmanager
def as_one_whole(recipe: Recipe) -> Iterator[None]:
    """Turn what fails with a segmentation that was read from a file into a ModelError; of one that was made here it is a defect.

    The check at reading sees each part, and the parts that refer to each other; not every sentence that is made of several.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        if isinstance(error, SegmentryError) or not recipe.is_of_file:
            raise
        raise ModelError(
            f"its parts do not belong together ({type(error).__name__})",
            source=recipe.file_name,
            hint="restore the file that `run` wrote from a copy, or run the segmentation again",
        ) from error
