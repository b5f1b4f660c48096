"""What `score` says: in lines for people, and as one JSON object for schedulers."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from segmentry.cli.cleaning import cleaning_lines
from segmentry.text.numbers import count, percent

if TYPE_CHECKING:
    from segmentry.engine.history_rows import Kept
    from segmentry.runs.score import Scoring


def scores_lines(found: Scoring, model: Path, data: str, target: str) -> list[str]:
    """Lines about the rows, the segments, who moved, and reasons to doubt."""
    lines = [
        f"{count(found.cleaning.n_rows)} rows read, {count(found.n_customers)} customers scored: {target}",
        *cleaning_lines(found.cleaning),
    ]
    for segment, size in found.sizes.items():
        lines.append(f"  segment {segment}: {count(size)} customers, {percent(size / found.n_customers)}")
    lines.append(
        f"{count(found.n_unfit)} customers ({percent(found.n_unfit / found.n_customers)}) are unlike those who made the segments "
        "(fits is false)"
    )
    lines += _kept_lines(found.kept)
    lines += [f"Warning: {text}" for text in found.warnings]
    if found.warnings:
        lines.append(f"Next: segmentry drift {model} {data} says what moved; if it says refit, run again")
    if target.endswith(".parquet"):
        lines.append("For a list that a spreadsheet opens: --out scores.csv")
    return lines


def scores_as_json(found: Scoring, model: Path, target: str) -> str:
    """The same figures as one line of JSON, with the time in UTC and the model."""
    content = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": "score",
        "model_file": str(model),
        "model": found.model,
        "out": target,
        "rows_read": found.cleaning.n_rows,
        "customers": found.n_customers,
        "segments": {str(segment): size for segment, size in found.sizes.items()},
        "unfit": found.n_unfit,
        "warnings": list(found.warnings),
    }
    if found.kept is not None:
        content["history"] = asdict(found.kept) | {"n_moved": found.kept.n_moved}
    return json.dumps(content, ensure_ascii=True) + "\n"


def _kept_lines(kept: Kept | None) -> list[str]:
    """Lines about new and gone customers, and about who is in another segment than before."""
    if kept is None:
        return []
    lines = [
        f"History: {count(kept.n_new)} new customers, {count(kept.n_gone)} gone, {count(kept.n_changed)} with other scores than before, "
        f"{count(kept.n_moved)} of them in another segment"
    ]
    lines += [
        f"  from segment {move.before} to {move.after}: {count(move.customers)} customers, "
        f"{count(move.to_second)} of them to what was their second segment"
        for move in kept.moves
    ]
    if kept.is_other_model:
        lines.append("The earlier rows are of another model: a segment of the same number may be another one")
    return lines
