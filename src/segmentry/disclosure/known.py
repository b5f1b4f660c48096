"""The allow-list: fields of the values in a segmentation, columns of its tables. Anything else is not shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segmentry.arrays import Mask
from segmentry.engine import LoggedQuery
from segmentry.errors import DisclosureError
from segmentry.patterns import Cleaning, CleaningStep, FeatureLevels, OutcomeInfo, PatternTable
from segmentry.profiling import Condition, ContactDependence, Note, OtherContacts, Population
from segmentry.segmentation import Segment, Withheld
from segmentry.selection import (
    Choice,
    ChoiceDependence,
    Evidence,
    LeftOutFeature,
    LongerSearch,
    NullTest,
    OtherAnalysis,
    SegmentPair,
    Stability,
    Verdict,
)

if TYPE_CHECKING:
    import pandas as pd


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


KNOWN_FIELDS: Mapping[type, frozenset[str]] = {
    Segment: _names("id name size share certainty typical label conditions name_share named_for note"),
    Condition: _names("feature levels"),
    Choice: _names("k is_asked best_by_bic reason cautions recommended"),
    Verdict: _names("reason close_to"),
    Cleaning: _names("n_rows steps"),
    CleaningStep: _names("step what n_rows why"),
    Note: _names("kind outcomes text"),
    Evidence: _names(
        "k independence continuum continuum_kind classes_bic continuum_bic lead stability null_low null_high n_customers pairs "
        "left_out choices longer_search null_error rows_repeat straight_lines"
    ),
    LongerSearch: _names("n_tables n_better"),
    LeftOutFeature: _names("feature cramers_v p_value p_adjusted"),
    ChoiceDependence: _names("n_analyses analyses by_segment steady contacts"),
    OtherAnalysis: _names("kind what n_analyses moved"),
    ContactDependence: _names("outcome share by_analysis"),
    OtherContacts: _names("n_analyses n_named kept added"),
    NullTest: _names("statistic null_low null_high p_value n_tables"),
    Stability: _names("jaccard n_unmatched moved n_refits error"),
    SegmentPair: _names(
        "first second n_between exchanged share_between share_exchanged separated_by alike_in"
    ),
    LoggedQuery: _names("purpose sql rows seconds"),
    PatternTable: _names(
        "features codes counts outcomes n_values sums squares cubes origins weights squared_weights value_weights "
        "cleaning folds made_by fold_share"
    ),
    FeatureLevels: _names("name label levels scale distance weight distribution shown shown_codes joined"),
    OutcomeInfo: _names(
        "name label group group_label role cost_per_contact revenue_per_acceptance campaign"
    ),
    Population: _names(
        "n_customers n_effective n_rows n_dropped segments levels complete misfit misfit_variance worst dependence "
        "n_parameters n_values means variances limits beyond"
    ),
    Withheld: _names("least n_patterns n_customers n_cells"),
}  # fmt: skip
"""The fields of every value that may be part of what is shown. A value of another class, or with another field, is refused."""

KNOWN_ATTRIBUTES = _names(
    "categories_ n_features_in_ class_prior_ response_proba_ joined_proba_ misclassification_ mode_codes_ level_codes_ mean_ scale_ "
    "cluster_centers_"
)
"""Fitted attributes of models that may be saved: parameters, and no counts."""


@dataclass(frozen=True)
class KnownColumns:
    """Columns of a table that may be shown.

    Attributes
    ----------
    about
        Columns that say what a row is about, or hold figures of all customers; they stay where the row is withheld.
    figures
        Columns whose figures may be of few customers; they are missing where the row is withheld.
    """

    about: frozenset[str]
    figures: frozenset[str] = frozenset()

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the table with no other column."""
        return table[[name for name in table.columns if name in self.about | self.figures]]


KNOWN_FEATURES = KnownColumns(
    about=_names(
        "segment feature level base_share left_out_v left_out_p left_out_p_adjusted base_median quartiles"
    ),
    figures=_names("count share lift share_of_level v_test rank lower_quartile median upper_quartile"),
)
KNOWN_OUTCOMES = KnownColumns(
    about=_names(
        "segment group outcome role base_value base_mix timing correction leads quartiles determined_by"
    ),
    figures=_names(
        "n value low high lift total share_of_total mix p_adjusted share_of_customers mix_index difference "
        "difference_low difference_high ratio_to_rest ratio_low ratio_high p_value corrected corrected_se corrected_low "
        "corrected_high any_share lower_quartile median upper_quartile is_small is_mean_known"
    ),
)
KNOWN_TARGETING = KnownColumns(
    about=_names("segment outcome break_even decision"),
    figures=_names(
        "n rate low high profit_per_contact profit_low profit_high profit shrunken_rate expected_profit expected_low "
        "expected_high probability_pays is_in_best_set"
    ),
)
KNOWN_STRATA = KnownColumns(
    about=_names("segment group outcome role feature finding"),
    figures=_names(
        "difference standardised standardised_low standardised_high p_value p_adjusted mantel_haenszel n_strata n_opposite comparable_share"
    ),
)
KNOWN_DESIGN = KnownColumns(
    about=_names("segment outcome"),
    figures=_names("n value standard_error freedom n_kish n_effective design_effect low high"),
)
KNOWN_SELECTION = KnownColumns(
    about=_names(
        "k cost inertia lower_bound cost_gap log_likelihood n_parameters bic aic icl entropy_r2 converged is_knee smallest "
        "bic_null_low bic_null_high elbow_null_low elbow_null_high silhouette silhouette_null_low silhouette_null_high "
        "prediction_strength prediction_strength_null_low prediction_strength_null_high jaccard jaccard_null_low "
        "jaccard_null_high gap gap_null_low gap_null_high gap_continuum gap_continuum_null_low gap_continuum_null_high "
        "jaccard_by_segment moved moved_by_jitter moved_by_merging likelihood_ratio_p likelihood_ratio_tables"
    )
)
KNOWN_MIGRATION = KnownColumns(
    about=_names("previous_segment previous_name segment name moves"), figures=_names("customers share")
)


def blanked(table: pd.DataFrame, is_withheld: Mask, columns: KnownColumns) -> pd.DataFrame:
    """Return the known columns of a table without the figures of withheld rows, which `is_withheld` marks."""
    table = columns.of(table).assign(is_withheld=is_withheld)
    for name in columns.figures.intersection(table.columns):
        if table[name].dtype.kind == "b":
            table[name] = table[name] & ~is_withheld
        else:
            table[name] = table[name].astype(np.float64).mask(is_withheld)
    return table


def check_known(value: Any, place: str) -> None:
    """Refuse a value with a field, at any depth, that the allow-list does not have.

    Raises
    ------
    DisclosureError
        There is such a field, or a value of a class that is not in `KNOWN_FIELDS`.
    """
    if isinstance(value, (tuple, list)):
        for part in value:
            check_known(part, place)
    elif isinstance(value, Mapping):
        check_known(list(value.values()), place)
    elif is_dataclass(value) or isinstance(value, Verdict):
        names = {f.name for f in fields(value)} if is_dataclass(value) else set(vars(value))
        kind = type(value).__name__
        if type(value) not in KNOWN_FIELDS:
            raise _unknown(place, kind)
        for name in sorted(names):
            if name not in KNOWN_FIELDS[type(value)]:
                raise _unknown(place, f"{kind}.{name}")
            check_known(getattr(value, name), f"{place}.{name}")
    elif not isinstance(value, (str, int, float, np.ndarray, np.generic, type(None))):
        raise _unknown(place, type(value).__name__)


def check_model(model: Any) -> None:
    """Refuse a model with a fitted attribute that the allow-list does not have.

    Raises
    ------
    DisclosureError
        There is such an attribute.
    """
    unknown = set() if model is None else set(model.saved_attributes) - KNOWN_ATTRIBUTES
    if unknown:
        raise _unknown("core", f"{type(model).__name__}.{min(unknown)}")


def _unknown(place: str, name: str) -> DisclosureError:
    return DisclosureError(
        f"no rule says what may be shown of {name}",
        source=place,
        hint="nothing is shown until segmentry.disclosure has one",
    )
