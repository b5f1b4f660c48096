"""A saved segmentation, read back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from segmentry.errors import ModelError
from segmentry.segmentation.checking import MAX_BYTES, check_plain, check_segmentation
from segmentry.segmentation.plain_values import fingerprint
from segmentry.segmentation.result import MODEL_SCHEMA, Segmentation
from segmentry.text.plain_json import value_of


def load(path: str | Path | Segmentation, *, trust: bool = False) -> Segmentation:
    """Load a segmentation that was saved as JSON.

    Parameters
    ----------
    path
        ``segmentation.json`` of a run, or a file that `Segmentation.save` wrote; a segmentation is returned unchanged.
    trust
        Whether the SQL of its recipe may do whatever the database can: read and write any file, and connect to servers.

    Returns
    -------
    Segmentation

    Raises
    ------
    ModelError
        The file is not there, is no segmentation, is damaged, or a newer segmentry wrote it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import segmentry as sg
    >>> from segmentry.datasets import sample_households
    >>> result = sg.run(sample_households(rows=500), "households", segments=3)
    >>> with TemporaryDirectory() as folder:
    ...     again = sg.load(result.save(f"{folder}/segmentation.json"))
    >>> [segment.name for segment in again.segments] == [segment.name for segment in result.segments]
    True
    """
    if isinstance(path, Segmentation):
        return path
    file = Path(path)
    if not file.is_file():
        raise ModelError("no such file", source=file, hint="`segmentry run` writes segmentation.json")
    try:
        content = _content(file)
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, or a number of thousands of digits
        raise ModelError(
            f"damaged, not JSON ({error})",
            source=file,
            hint="restore it from a copy, or run the segmentation again",
        ) from None
    if not isinstance(content, dict) or not isinstance(content.get("schema"), int):
        raise ModelError("not a segmentation", source=file, hint="`segmentry run` writes segmentation.json")
    if content["schema"] > MODEL_SCHEMA:
        raise ModelError(
            f"written by a newer segmentry (schema {content['schema']}, this one reads up to {MODEL_SCHEMA})",
            source=file,
            hint="upgrade segmentry",
        )
    try:
        check_plain(content)
        _check(content)
        found = Segmentation.from_dict(content)
        check_segmentation(found)
    except (KeyError, TypeError, IndexError, AttributeError, ValueError, OverflowError) as error:
        text = " ".join(str(error).split())[:300]
        raise ModelError(
            f"damaged: {text or type(error).__name__}",
            source=file,
            hint="restore the file that `run` wrote from a copy, or run the segmentation again",
        ) from None
    recipe = found.recipe.of_file(file)
    return replace(found, recipe=recipe.trusted() if trust else recipe)


def _content(file: Path) -> Any:
    n_bytes = file.stat().st_size
    if n_bytes > MAX_BYTES:
        raise ModelError(
            f"{n_bytes:,} bytes; {MAX_BYTES:,} are the most that a segmentation has", source=file
        )
    return value_of(file.read_text(encoding="utf-8"))


def _check(content: dict[str, Any]) -> None:
    """Raise ValueError where the file was changed after it was written; files of earlier versions have no fingerprint."""
    if content.get("fingerprint", "") not in ("", fingerprint(content)):
        raise ValueError("changed after it was written, in more than the names of segments")
    names = [s["name"] for s in content["segments"]]
    if not all(isinstance(name, str) and name.strip() for name in names) or len(set(names)) < len(names):
        raise ValueError(f"the names of segments must be texts that differ; got {names}")
