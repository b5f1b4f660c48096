"""The frozen result of a run, which is saved as JSON: segments with their model, profile and evidence."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from segmentry.engine import LoggedQuery, frame_in_library
from segmentry.errors import ModelError
from segmentry.patterns import Cleaning, PatternTable
from segmentry.profiling import Insights, Note, Population
from segmentry.recipe import Recipe
from segmentry.segmentation.content import content_of, fields_of
from segmentry.segmentation.foreign import as_one_whole
from segmentry.segmentation.plain_values import (
    MAX_SAVED_PATTERNS,
    Withheld,
    fingerprint,
)
from segmentry.segmentation.segments import Segment, Segments
from segmentry.segmentation.showing import shown
from segmentry.segmentation.shown_patterns import with_shown_patterns
from segmentry.segmentation.tables import tables_of
from segmentry.selection import Choice, Evidence, SegmentPair, Verdict
from segmentry.system.whole_files import write_text
from segmentry.text.display import Shown
from segmentry.text.plain_json import json_text

if TYPE_CHECKING:
    import pandas as pd

    from segmentry.auditing.findings import Finding
    from segmentry.drift import Drift
    from segmentry.report.figures.chart import Chart
    from segmentry.scoring import Verification

MODEL_SCHEMA = 1
"""Version of the JSON; it rises when an older segmentry would misread the file."""


def _no_rows() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame()


@dataclass(frozen=True, repr=False)
class Segmentation(Shown):
    """Segments of a customer table, with everything that they rest on.

    Attributes
    ----------
    segments
        Segments in the order of their numbers, which is by size unless an earlier segmentation's numbers were kept.
    features, outcomes, targeting, selection, strata, missing, design, splits, histograms
        DataFrames; docs/files.md describes their columns. `design` has rows where the recipe names strata or clusters of a sample. `splits` and `histograms` are for the report's pictures and
        have no rows where they were not computed.
    migration
        Table of the earlier segments and the new ones, with the earlier customers in both, and whether they move; empty
        where no previous segmentation was given.
    n_comparisons
        Number of differences of outcomes that were tested: the family that their `p_adjusted` is adjusted for.
    notes
        Remarks on the outcomes and the table: timing, negative values, reversals, ids, what was withheld.
    min_cell
        Number of customers below which figures are withheld; None where all are shown, and small ones flagged.
    insights
        Further tables and texts: associations, ranking, gains, comparison, rules, questions, and sentences about
        each segment; None where figures are withheld, and after loading.
    choice
        Number of segments with its reason.
    verdict
        ``natural``, ``reproducible``, ``constructive`` or ``none``, with its `reason`; None for given segments.
    evidence
        Figures that the verdict rests on; None where nothing had to be tested.
    steadiness
        (n_patterns,) share of other analyses in which each pattern stays in its segment (see `evidence.choices`); NaN for
        patterns outside the sample that was looked at. Not saved.
    recipe
        Recipe with every level filled in as it was found in the data.
    method
        ``latent-class``, ``k-modes``, ``k-means``, or ``given`` for segments made elsewhere.
    core
        Fitted model that assigns patterns, without scikit-learn's base; None for given segments.
    patterns, labels, certainty
        Pattern table, and the segment (counted from 0) and certainty of each pattern. None after
        loading where there were too many patterns to save. Where the model sees finer levels than are shown, the patterns are
        those of the finer ones, and after loading those that are shown.
    limit
        Largest atypicality of a customer who fits (`segmentry.scoring`); None for given segments.
    population
        Sums of the customers, which `drift` compares later customers with; None for given segments, and where
        figures are withheld.
    withheld
        Numbers of what a loaded file did not hold, because it counted fewer than five customers.
    findings
        Findings of an audit, where the run made one; not saved, and withheld with `min_cell`.
    source, cleaning, queries, seed, versions
        Name of the table, its rows read and dropped, the SQL that ran, the seed, and the libraries' versions.
    kinds
        Kinds of the table's ``columns`` and of the ``features``' values; empty where the data were a pattern table.
    library
        Library that the data came from, in which `tables` are: ``polars`` or ``pyarrow``, else ``pandas``; not saved.
    """

    recipe: Recipe
    method: str
    seed: int
    source: str
    segments: tuple[Segment, ...]
    features: pd.DataFrame
    outcomes: pd.DataFrame
    targeting: pd.DataFrame
    selection: pd.DataFrame
    choice: Choice
    cleaning: Cleaning
    strata: pd.DataFrame = field(default_factory=_no_rows)
    missing: pd.DataFrame = field(default_factory=_no_rows)
    n_comparisons: int = 0
    notes: tuple[Note, ...] = ()
    min_cell: int | None = None
    core: Any = None
    patterns: PatternTable | None = None
    labels: npt.NDArray[np.intp] | None = None
    certainty: npt.NDArray[np.float64] | None = None
    verdict: Verdict | None = None
    evidence: Evidence | None = None
    steadiness: npt.NDArray[np.float64] | None = None
    insights: Insights | None = None
    queries: tuple[LoggedQuery, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    splits: pd.DataFrame = field(default_factory=_no_rows)
    histograms: pd.DataFrame = field(default_factory=_no_rows)
    limit: float | None = None
    kinds: dict[str, dict[str, str]] = field(default_factory=dict)
    migration: pd.DataFrame = field(default_factory=_no_rows)
    design: pd.DataFrame = field(default_factory=_no_rows)
    population: Population | None = None
    withheld: Withheld | None = None
    findings: tuple[Finding, ...] = ()
    library: str = "pandas"

    def __post_init__(self) -> None:
        object.__setattr__(self, "segments", Segments(self.segments))

    @property
    def n_customers(self) -> int:
        """Number of customers in all segments together."""
        return sum(s.size for s in self.segments)

    @property
    def tables(self) -> dict[str, Any]:
        """Tables by the names of their CSV files, those that have rows, in the library that the data came from.

        ``segments``, ``features``, ``outcomes`` and so on; docs/files.md describes their columns. After loading they are those of pandas.
        """
        return {name: frame_in_library(self.library, table) for name, table in tables_of(self).items()}

    @property
    def model(self) -> Any:
        """Fitted model as a scikit-learn estimator; None for given segments."""
        return None if self.core is None else self.core.as_estimator()

    def assign(self, data: Any) -> Any:
        """Assign new customers.

        Returns the id (without one the ``row``, from 1), ``segment`` (from 1), ``certainty`` (0 to 1), ``second_segment``, ``reason`` and ``fits`` as a table of
        the library that `data` came from: polars, pyarrow or narwhals, else pandas.

        Parameters
        ----------
        data
            Whatever `segmentry.collect` takes. Rows that the recipe's cleaning drops get no segment.

        Raises
        ------
        DataError, ModelError
            The data lack a column, an id repeats, or nothing tells the customers: there is no id, and rows of a database have no number.
        """
        from segmentry.scoring import assign_customers

        return assign_customers(self, data)

    def to_sql(
        self,
        dialect: str = "duckdb",
        *,
        table: str = "customers",
        form: Literal["arithmetic", "ranked", "lookup"] = "arithmetic",
        reason: bool = False,
    ) -> str:
        """Write cleaning, encoding and assignment as one SELECT that needs no segmentry.

        Parameters
        ----------
        dialect
            ``duckdb``, ``postgres``, ``sqlite``, ``spark``, ``clickhouse``, ``mysql``, ``redshift``; or, executed in no test,
            ``bigquery``, ``snowflake``, ``trino``, ``tsql``.
        table
            Name of the table that the SQL reads, with its schema where it has one: ``crm.customers``.
        form
            ``arithmetic`` writes the sums of every segment out, ``ranked`` in a row each, as ``arithmetic`` does where
            a database would multiply them; ``lookup`` joins a table of all patterns.
        reason
            Whether to add the column ``reason``.

        Raises
        ------
        ModelError, RecipeError, DataError
            There is no model, the dialect is not known, or an expression of the recipe has no tested form in it.
        """
        from segmentry.scoring import to_sql

        return to_sql(self, dialect, table=table, form=form, reason=reason)

    def to_python(self) -> str:
        """Write the assignment as Python source: a function of the features' values, without dependencies."""
        from segmentry.scoring import to_python

        return to_python(self)

    def verify(self, *, form: Literal["arithmetic", "ranked", "lookup"] = "arithmetic") -> Verification:
        """Execute the SQL on DuckDB for every combination of levels, missing and unseen values, and compare with Python.

        Of more than 100,000 combinations, the observed ones and a random sample. The certainty may differ by 1e-9.
        `form` is that of `to_sql`.
        """
        from segmentry.scoring import verify

        return verify(self, form=form)

    def log_to_mlflow(self, name: str = "segmentation", **more: Any) -> Any:
        """Log to the active run of MLflow a model whose `predict` does what `assign` does; needs the extra ``mlflow``.

        Parameters
        ----------
        name
            Name of the model.
        more
            Further arguments of `mlflow.pyfunc.log_model`, such as ``registered_model_name``.

        Returns
        -------
        mlflow.models.model.ModelInfo

        Raises
        ------
        ModelError
            MLflow is missing, or the segments were given and have no model.
        """
        from segmentry.runs.log_model import log_model

        return log_model(self, name, **more)

    def drift(
        self, data: Any, *, out: str | Path | None = None, outcomes: bool = True, overwrite: bool = False
    ) -> Drift:
        """Measure whether the customers of `data` have moved away from the segments.

        Parameters
        ----------
        data
            Whatever `segmentry.run` takes; it is read in one scan.
        out
            Folder for the page and the JSON.
        outcomes
            Whether to compare outcomes; without them the data need not have their columns.
        overwrite
            Whether files of `out` may be replaced that segmentry did not write.

        Raises
        ------
        DataError, ModelError
            The data lack a column; or the segments have no model, or no population to compare with.
        """
        from segmentry.runs.drift import drift

        return drift(self, data, out=out, outcomes=outcomes, overwrite=overwrite)

    def studio(self) -> Any:
        """Open the studio in a notebook, on the patterns that the segmentation holds; needs the extra ``notebook``.

        Raises
        ------
        SegmentryError
            The extra is missing, or the patterns were not saved.
        """
        from segmentry.workbench.notebook import studio

        return studio(self)

    @property
    def charts(self) -> dict[str, Chart]:
        """Charts of the report by name; a notebook shows each, and its `save` writes it as a picture."""
        from segmentry.report import charts_of

        self._need_patterns()
        return charts_of(self)

    def report(self, path: str | Path, template: str | Path | None = None) -> Path:
        """Write the report in the form of the path's suffix, and return the path.

        Parameters
        ----------
        path
            Path that ends in ``.html``, one file that opens offline; ``.pdf``, printed by a Chromium; ``.xlsx`` (needs
            the extra ``excel``); ``.md``, a summary; ``.json``, every fact that the report shows; or ``.pptx``, slides (needs the extra
            ``slides``). A deck that is there is renewed: slides, shapes and notes that somebody added stay.
        template
            PowerPoint file whose masters, fonts and colours a new deck has.

        Raises
        ------
        ModelError, DataError
            The suffix is another, the patterns were not saved, or the form needs a library or browser that is missing.
        """
        from segmentry.report import write_report

        self._need_patterns()
        with as_one_whole(self.recipe):
            return write_report(self, Path(path), None if template is None else Path(template))

    def _shown(self) -> tuple[str, dict[str, str]]:
        return shown(self)

    def _repr_html_(self) -> str:
        """The verdict and the segments, for notebooks."""
        from segmentry.report import notebook_html

        return notebook_html(self)

    def _need_patterns(self) -> None:
        if self.patterns is None and self.min_cell is None:
            raise ModelError(
                f"the patterns were not saved, because there were more than {MAX_SAVED_PATTERNS:,}",
                hint="run the segmentation again for its report and charts",
            )

    @property
    def confusable(self) -> SegmentPair | None:
        """The two segments that are hardest to tell apart; None where no two are confusable."""
        pairs = self.evidence.pairs if self.evidence is not None else ()
        return pairs[0] if pairs and pairs[0].is_confusable else None

    def save(self, path: str | Path) -> Path:
        """Save as JSON at `path`; `segmentry.load` reads it back."""
        target = Path(path)
        content = self.to_dict()
        content["fingerprint"] = fingerprint(content)
        parts = [f"{json.dumps(key)}: {json_text(value)}" for key, value in content.items()]
        write_text("{\n" + ",\n".join(parts) + "\n}\n", target)
        return target

    def to_dict(self) -> dict[str, Any]:
        """Return what may be saved, as plain values; docs/files.md describes their schema.

        No count of customers from 1 to 4 is among them; with `min_cell` no count below it.
        """
        from segmentry.disclosure import MODEL_FILE, disclosed

        return {"schema": MODEL_SCHEMA, **content_of(disclosed(with_shown_patterns(self), MODEL_FILE))}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Segmentation:
        """Rebuild a segmentation from `content`, which `to_dict` returned."""
        return cls(**fields_of(content))
