"""Everything that is said of segments beside their features and outcomes: tables and texts, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from segmentry.arrays import Floats
from segmentry.patterns import PatternTable
from segmentry.profiling.associations import association_table
from segmentry.profiling.comparison import comparison_table
from segmentry.profiling.ranking import ranking_table
from segmentry.profiling.rules import question_table, rule_table
from segmentry.profiling.targeting import gains_table
from segmentry.profiling.texts import (
    Names,
    SegmentText,
    comparison_text,
    questions_text,
    redundancy_texts,
    segment_text,
    sensitive_texts,
    targeting_texts,
)
from segmentry.text.display import Shown, counted

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.arrays import Labels as Segments

INSIGHT_TABLES = ("associations", "ranking", "gains", "comparison", "rules", "questions")


@dataclass(frozen=True, repr=False)
class Insights(Shown):
    """What can be said of the segments, computed from the pattern table alone.

    Attributes
    ----------
    associations
        Cramér's V of features with the segments, of features with each other, of protected columns with
        the segments (`association_table`).
    ranking
        Segments by shrunken rate, per flag (`ranking_table`).
    gains
        What contacting segment after segment brings, per flag (`gains_table`).
    comparison
        Held-out explained variation beside simple cuts (`comparison_table`).
    rules, questions
        A rule per segment; the fewest questions that assign a customer (`rule_table`, `question_table`).
    texts
        A `SegmentText` per segment, by number.
    comparison_text, questions_text
        One sentence each; the first is empty where nothing was compared.
    targeting_texts, redundancy_texts, sensitive_texts
        One text per campaign with cost and revenue; per pair of redundant features; per protected column,
        with a note at the end.
    """

    associations: pd.DataFrame
    ranking: pd.DataFrame
    gains: pd.DataFrame
    comparison: pd.DataFrame
    rules: pd.DataFrame
    questions: pd.DataFrame
    texts: tuple[SegmentText, ...]
    comparison_text: str
    questions_text: str
    targeting_texts: tuple[str, ...]
    redundancy_texts: tuple[str, ...]
    sensitive_texts: tuple[str, ...]

    def _shown(self) -> tuple[str, dict[str, str]]:
        details = {name: counted(len(table), "row") for name, table in self.tables().items()}
        return f"texts of {counted(len(self.texts), 'segment')}, and tables", details

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name."""
        return {name: getattr(self, name) for name in INSIGHT_TABLES}

    def to_dict(self, table_to_dict: Callable[[pd.DataFrame], Any]) -> dict[str, Any]:
        """Return everything as plain values; `table_to_dict` turns a table into them."""
        plain: dict[str, Any] = {
            f.name: getattr(self, f.name) for f in fields(self) if f.name not in INSIGHT_TABLES
        }
        plain["texts"] = [
            {"segment": t.segment, "sentences": list(t.sentences), "action": t.action} for t in self.texts
        ]
        return {
            **{name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()},
            "tables": {name: table_to_dict(table) for name, table in self.tables().items()},
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], table_from_dict: Callable[[Any], pd.DataFrame]) -> Self:
        """Rebuild what `to_dict` returned."""
        plain: dict[str, Any] = {
            name: value for name, value in content.items() if name not in ("tables", "texts")
        }
        texts = tuple(SegmentText(t["segment"], tuple(t["sentences"]), t["action"]) for t in content["texts"])
        plain = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
        return cls(
            texts=texts,
            **{name: table_from_dict(content["tables"][name]) for name in INSIGHT_TABLES},
            **plain,
        )


def insights_of(
    patterns: PatternTable,
    labels: Segments,
    names: Sequence[str],
    tables: Mapping[str, pd.DataFrame],
    sensitive: Mapping[str, str | Floats | None],
) -> Insights:
    """Compute everything that is said of segments.

    Parameters
    ----------
    patterns
        The pattern table.
    labels
        (n_patterns,) the segment of each pattern, counted from 0.
    names
        The segments' names.
    tables
        ``features``, ``outcomes`` and ``targeting`` of these segments.
    sensitive
        Protected columns, each with the feature that it forms, with its (n_values, n_segments) counts, or with
        None where it was not counted.
    """
    k, called = len(names), Names.of(patterns)
    seen = {column: feature for column, feature in sensitive.items() if feature is not None}
    unseen = [column for column, feature in sensitive.items() if feature is None]
    associations = association_table(patterns, labels, k, seen)
    ranking = ranking_table(patterns, labels, k)
    gains = gains_table(patterns, labels, k)
    comparison = comparison_table(patterns, labels, k)
    questions = question_table(patterns, labels, k)
    sizes = np.bincount(labels, patterns.counts, minlength=k)
    weights = np.bincount(labels, patterns.sample_weight, minlength=k)
    rows = {**tables, "ranking": ranking}
    return Insights(
        associations=associations,
        ranking=ranking,
        gains=gains,
        comparison=comparison,
        rules=rule_table(patterns, labels, k),
        questions=questions,
        texts=tuple(
            segment_text(s + 1, (float(sizes[s]), float(weights[s] / weights.sum())), k, rows, called)
            for s in range(k)
        ),
        comparison_text=comparison_text(comparison),
        questions_text=questions_text(questions, len(patterns.features), called),
        targeting_texts=targeting_texts(gains, tables["targeting"], names, called),
        redundancy_texts=redundancy_texts(associations, called),
        sensitive_texts=sensitive_texts(associations, seen, unseen, called),
    )
