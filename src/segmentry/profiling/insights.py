"""Insights: the tables and texts about segments that are computed from the pattern table alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

from segmentry.arrays import Floats
from segmentry.profiling.associations import association_table
from segmentry.profiling.names import SegmentName
from segmentry.profiling.ranking import ranking_table
from segmentry.profiling.rows import rows_of
from segmentry.profiling.rules import question_sets, question_table, rule_table
from segmentry.profiling.segmented import SegmentedPatterns
from segmentry.profiling.simple_cuts import comparison_table
from segmentry.profiling.targeting import gains_table
from segmentry.profiling.texts import (
    Names,
    Row,
    SegmentText,
    comparison_text,
    questions_text,
    redundancy_texts,
    segment_text,
    sensitive_texts,
    targeting_texts,
)
from segmentry.text.display import Shown
from segmentry.text.plain_json import plain_value
from segmentry.text.words import counted

if TYPE_CHECKING:
    import pandas as pd

INSIGHT_TABLES = ("associations", "ranking", "gains", "comparison", "rules", "questions")


@dataclass(frozen=True, repr=False)
class Insights(Shown):
    """Tables and texts about the segments, computed from the pattern table alone.

    Attributes
    ----------
    associations
        Cramér's V of features with the segments, of features with each other, and of protected columns with
        the segments (`association_table`).
    ranking
        Segments by shrunken rate, per campaign (`ranking_table`).
    gains
        Gains of contacting one segment after the other, per campaign (`gains_table`).
    comparison
        Held-out explained variation of the segments and of simple cuts (`comparison_table`).
    rules
        A rule per segment (`rule_table`).
    questions
        The fewest features that assign a customer (`question_sets`).
    texts
        A `SegmentText` per segment, in the order of their numbers.
    comparison_text
        Sentence on `comparison`; empty where nothing was compared.
    questions_text
        Sentence on `questions`.
    targeting_texts
        A text per campaign with cost and revenue.
    redundancy_texts
        A sentence per pair of redundant features.
    sensitive_texts
        A sentence per protected column, and a note on where that matters.
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
        """Return the tables by name."""
        return {name: getattr(self, name) for name in INSIGHT_TABLES}

    def to_dict(self, table_to_dict: Callable[[pd.DataFrame], Any]) -> dict[str, Any]:
        """Return everything as plain values; `table_to_dict` turns a table into them."""
        texts = {
            f.name: plain_value(getattr(self, f.name)) for f in fields(self) if f.name not in INSIGHT_TABLES
        }
        return {**texts, "tables": {name: table_to_dict(table) for name, table in self.tables().items()}}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], table_from_dict: Callable[[Any], pd.DataFrame]) -> Self:
        """Rebuild what `to_dict` returned."""
        found: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in content.items()}
        tables = {name: table_from_dict(found["tables"][name]) for name in INSIGHT_TABLES}
        del found["tables"]
        found["texts"] = tuple(
            SegmentText(t["segment"], tuple(t["sentences"]), t["action"]) for t in found["texts"]
        )
        return cls(**found, **tables)


def insights_of(
    segmented: SegmentedPatterns,
    names: Sequence[SegmentName],
    tables: Mapping[str, pd.DataFrame],
    sensitive: Mapping[str, str | Floats | None],
    headline: str = "",
) -> Insights:
    """Compute the insights about segments.

    Parameters
    ----------
    segmented
        Pattern table with its segments.
    names
        Names of the segments.
    tables
        ``features``, ``outcomes`` and ``targeting`` of these segments.
    sensitive
        Protected columns, each with the feature that it forms, with its (n_values, n_segments) counts, or with
        None where it was not counted.
    headline
        Name of the outcome that the texts speak of first; empty where none comes first.
    """
    patterns, k = segmented.patterns, segmented.n_segments
    called = Names.of(patterns, headline)
    seen = {column: found for column, found in sensitive.items() if found is not None}
    unseen = [column for column, found in sensitive.items() if found is None]
    associations = association_table(segmented, seen)
    ranking = ranking_table(segmented)
    gains = gains_table(segmented)
    outcomes = tables["outcomes"]
    determined = set(outcomes["outcome"][outcomes["determined_by"] != ""])
    comparison = comparison_table(segmented, determined)
    asked = question_sets(segmented)
    sizes, weights = segmented.sum_by_segment(patterns.counts), segmented.weights
    rows = _by_segment({**tables, "ranking": ranking}, k)
    return Insights(
        associations=associations,
        ranking=ranking,
        gains=gains,
        comparison=comparison,
        rules=rule_table(segmented),
        questions=question_table(asked),
        texts=tuple(
            segment_text(
                s + 1, names[s], (float(sizes[s]), float(weights[s] / weights.sum())), k, rows[s], called
            )
            for s in range(k)
        ),
        comparison_text=comparison_text(comparison),
        questions_text=questions_text(asked[-1], len(patterns.features), called),
        targeting_texts=targeting_texts(gains, tables["targeting"], [name.text for name in names], called),
        redundancy_texts=redundancy_texts(associations, called),
        sensitive_texts=sensitive_texts(associations, seen, unseen, called),
    )


def _by_segment(tables: Mapping[str, pd.DataFrame], n_segments: int) -> list[dict[str, list[Row]]]:
    """Return the rows of each segment by table."""
    found: list[dict[str, list[Row]]] = [{name: [] for name in tables} for _ in range(n_segments)]
    for name, table in tables.items():
        for row in rows_of(table):
            found[int(row["segment"]) - 1][name].append(row)
    return found


def ranking_alone(segmented: SegmentedPatterns) -> Insights:
    """Return insights of which there is the ranking alone, without probabilities of being the best."""
    import pandas as pd

    tables = {name: pd.DataFrame() for name in INSIGHT_TABLES}
    texts: dict[str, Any] = {f.name: () if f.name.endswith("texts") else "" for f in fields(Insights)}
    return Insights(**{**texts, **tables, "ranking": ranking_table(segmented, has_chances=False)})
