"""The truth behind the generated households: four planted segments, and what they do.

The generator reads only this file, so a large sample shows the figures that are written here.

* **Segments** are latent classes: within a segment the five features (income, birth year, education,
  marital status, children at home) are independent, which is what latent class analysis assumes. The values
  that share a level (the years of a generation, Master and 2n Cycle) are drawn alike in every segment, so
  the levels carry all there is to know.
* **Amounts and purchases** depend on the segment alone: ``round(scale * E**power)`` with a standard
  exponential ``E`` (a Weibull distribution of shape ``1 / power``). ``power`` 1.5 is as skewed as a
  lognormal and gives many zeros, 1 is the exponential, 0.5 suits small counts. The scale is solved so that
  the mean of the *rounded* values is the planted one.
* **Campaigns** are accepted with the probability of the segment. `AcceptedCmp3` has **no** effect: the same
  rate everywhere, so a report that claims a difference is wrong. `AcceptedCmp5` has the strongest one. For
  `Response` a contact costs 3 and an acceptance earns 11: it pays above 27.3 %, in one segment alone.
* Everything else (`Dt_Customer`, `Recency`, `Complain`) is the same for all.

Examples
--------
>>> print(PLANTED.describe())  # doctest: +ELLIPSIS
1. families at the middle (34 % of the households)
     Income: under 25,000 5 %, 25,000–39,999 22 %, 40,000–59,999 50 %, ...
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Between:
    """A whole number from `low` to `high`, both included, all equally probable."""

    low: int
    high: int


PlantedCell = str | int | Between


@dataclass(frozen=True, slots=True)
class PlantedValue:
    """A value of a level: its share of the level, and a cell for each column of the feature."""

    share: float
    cells: tuple[PlantedCell, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a feature, as the recipe `households` bins it."""

    label: str
    values: tuple[PlantedValue, ...]


@dataclass(frozen=True, slots=True)
class PlantedFeature:
    """A demographic feature that the segments are made of."""

    name: str
    label: str
    columns: tuple[str, ...]
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A column of amounts or counts; `power`, explained above, sets its skewness: 0.5, 1 or 1.5."""

    column: str
    label: str
    power: float


@dataclass(frozen=True, slots=True)
class PlantedSegment:
    """A planted segment.

    Attributes
    ----------
    name
        Name of the segment.
    share
        Share of all households.
    levels
        Probability of each level by feature, in the order of `PlantedFeature.levels`.
    spend, purchases
        Mean per household by column.
    acceptance
        Probability of accepting by campaign.
    """

    name: str
    share: float
    levels: Mapping[str, tuple[float, ...]]
    spend: Mapping[str, float]
    purchases: Mapping[str, float]
    acceptance: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Planted:
    """The planted truth; `true_segment` counts `segments` from 1, largest first."""

    segments: tuple[PlantedSegment, ...]
    features: tuple[PlantedFeature, ...]
    products: tuple[Quantity, ...]
    purchases: tuple[Quantity, ...]
    campaigns: tuple[str, ...]
    null_campaign: str
    strong_campaign: str
    complain: float
    cost_per_contact: int
    revenue_per_acceptance: int

    @property
    def break_even(self) -> float:
        """Acceptance rate above which a contact of the last campaign pays."""
        return self.cost_per_contact / self.revenue_per_acceptance

    def describe(self) -> str:
        """Describe everything that is planted as text, for documentation."""
        blocks = [self._describe_segment(i, s) for i, s in enumerate(self.segments, start=1)]
        campaigns = (
            f"{self.null_campaign} has no effect, {self.strong_campaign} the strongest. "
            f"Contacting for the last campaign pays above {self.break_even:.1%}."
        )
        return "\n".join([*blocks, campaigns])

    def _describe_segment(self, number: int, segment: PlantedSegment) -> str:
        lines = [f"{number}. {segment.name} ({100 * segment.share:.0f} % of the households)"]
        for feature in self.features:
            pairs = zip(feature.levels, segment.levels[feature.name], strict=True)
            shares = ", ".join(f"{level.label} {100 * p:.0f} %" for level, p in pairs)
            lines.append(f"     {feature.label}: {shares}")
        spend = ", ".join(f"{q.label} {segment.spend[q.column]:g}" for q in self.products)
        purchases = ", ".join(f"{q.label} {segment.purchases[q.column]:g}" for q in self.purchases)
        accepted = ", ".join(f"{c} {100 * segment.acceptance[c]:g} %" for c in self.campaigns)
        return "\n".join(
            [*lines, f"     Spend: {spend}", f"     Purchases: {purchases}", f"     Accepted: {accepted}"]
        )


def _number_levels(*bands: tuple[str, int, int]) -> tuple[Level, ...]:
    """Levels of one numeric column."""
    return tuple(Level(label, (PlantedValue(1.0, (Between(low, high),)),)) for label, low, high in bands)


def _text_levels(**groups: Mapping[str, float]) -> tuple[Level, ...]:
    """Levels of one text column: share of each value of a level, by label."""
    return tuple(
        Level(
            label.replace("_", " "), tuple(PlantedValue(share, (value,)) for value, share in values.items())
        )
        for label, values in groups.items()
    )


_CHILD_LEVELS = (
    Level("no children", (PlantedValue(1.0, (0, 0)),)),
    Level(
        "children",
        (
            PlantedValue(0.30, (1, 0)),
            PlantedValue(0.38, (0, 1)),
            PlantedValue(0.25, (1, 1)),
            PlantedValue(0.03, (2, 0)),
            PlantedValue(0.04, (0, 2)),
        ),
    ),
)

_FEATURES = (
    PlantedFeature(
        "income",
        "Income",
        ("Income",),
        _number_levels(
            ("under 25,000", 5_000, 24_999),
            ("25,000–39,999", 25_000, 39_999),
            ("40,000–59,999", 40_000, 59_999),
            ("60,000–79,999", 60_000, 79_999),
            ("80,000 and over", 80_000, 114_999),
        ),
    ),
    PlantedFeature(
        "birth_year",
        "Birth year",
        ("Year_Birth",),
        _number_levels(
            ("to 1952", 1938, 1952),
            ("1953–1965", 1953, 1965),
            ("1966–1980", 1966, 1980),
            ("1981–1996", 1981, 1996),
        ),
    ),
    PlantedFeature(
        "education",
        "Education",
        ("Education",),
        _text_levels(
            Basic={"Basic": 1.0},
            Graduation={"Graduation": 1.0},
            Master={"Master": 0.65, "2n Cycle": 0.35},
            PhD={"PhD": 1.0},
        ),
    ),
    PlantedFeature(
        "marital_status",
        "Marital status",
        ("Marital_Status",),
        _text_levels(
            Single={"Single": 1.0},
            Together={"Together": 1.0},
            Married={"Married": 1.0},
            Divorced_or_widowed={"Divorced": 0.75, "Widow": 0.25},
        ),
    ),
    PlantedFeature("children", "Children at home", ("Kidhome", "Teenhome"), _CHILD_LEVELS),
)

_PRODUCTS = (
    Quantity("MntWines", "Wine", 1.0),
    Quantity("MntFruits", "Fruit", 1.5),
    Quantity("MntMeatProducts", "Meat", 1.0),
    Quantity("MntFishProducts", "Fish", 1.5),
    Quantity("MntSweetProducts", "Sweets", 1.5),
    Quantity("MntGoldProds", "Gold", 1.0),
)

_PURCHASES = (
    Quantity("NumDealsPurchases", "Deals", 0.5),
    Quantity("NumWebPurchases", "Web", 0.5),
    Quantity("NumCatalogPurchases", "Catalog", 0.5),
    Quantity("NumStorePurchases", "Store", 0.5),
    Quantity("NumWebVisitsMonth", "Web visits a month", 0.5),
)

_CAMPAIGNS = ("AcceptedCmp1", "AcceptedCmp2", "AcceptedCmp3", "AcceptedCmp4", "AcceptedCmp5", "Response")


def _by_column(columns: tuple[str, ...], values: tuple[float, ...]) -> Mapping[str, float]:
    return MappingProxyType(dict(zip(columns, values, strict=True)))


def _planted_segment(
    name: str,
    share: float,
    levels: Mapping[str, tuple[float, ...]],
    *,
    spend: tuple[float, ...],
    purchases: tuple[float, ...],
    acceptance: tuple[float, ...],
) -> PlantedSegment:
    """Make a segment from figures in the order of the columns."""
    return PlantedSegment(
        name,
        share,
        MappingProxyType(dict(levels)),
        _by_column(tuple(q.column for q in _PRODUCTS), spend),
        _by_column(tuple(q.column for q in _PURCHASES), purchases),
        _by_column(_CAMPAIGNS, acceptance),
    )


_PLANTED_SEGMENTS = (
    _planted_segment(
        "families at the middle",
        0.34,
        {
            "income": (0.05, 0.22, 0.50, 0.20, 0.03),
            "birth_year": (0.02, 0.28, 0.62, 0.08),
            "education": (0.02, 0.56, 0.27, 0.15),
            "marital_status": (0.08, 0.28, 0.54, 0.10),
            "children": (0.05, 0.95),
        },
        spend=(240, 12, 90, 17, 13, 38),
        purchases=(3.6, 4.6, 2.0, 5.6, 5.8),
        acceptance=(0.02, 0.01, 0.07, 0.06, 0.01, 0.10),
    ),
    _planted_segment(
        "young starters",
        0.26,
        {
            "income": (0.45, 0.40, 0.12, 0.02, 0.01),
            "birth_year": (0.01, 0.04, 0.30, 0.65),
            "education": (0.12, 0.63, 0.19, 0.06),
            "marital_status": (0.50, 0.32, 0.14, 0.04),
            "children": (0.62, 0.38),
        },
        spend=(35, 6, 25, 9, 6, 18),
        purchases=(2.0, 2.2, 0.6, 3.0, 7.0),
        acceptance=(0.01, 0.005, 0.07, 0.01, 0.005, 0.12),
    ),
    _planted_segment(
        "settled professionals",
        0.23,
        {
            "income": (0.01, 0.04, 0.20, 0.53, 0.22),
            "birth_year": (0.04, 0.33, 0.53, 0.10),
            "education": (0.01, 0.29, 0.35, 0.35),
            "marital_status": (0.34, 0.24, 0.22, 0.20),
            "children": (0.75, 0.25),
        },
        spend=(560, 50, 270, 70, 48, 62),
        purchases=(2.2, 5.8, 4.4, 8.2, 4.2),
        acceptance=(0.10, 0.015, 0.07, 0.12, 0.12, 0.16),
    ),
    _planted_segment(
        "older well-off couples",
        0.17,
        {
            "income": (0.01, 0.03, 0.12, 0.38, 0.46),
            "birth_year": (0.62, 0.33, 0.04, 0.01),
            "education": (0.02, 0.46, 0.24, 0.28),
            "marital_status": (0.03, 0.23, 0.60, 0.14),
            "children": (0.93, 0.07),
        },
        spend=(680, 65, 480, 90, 70, 80),
        purchases=(1.2, 5.2, 6.2, 8.0, 2.6),
        acceptance=(0.28, 0.04, 0.07, 0.16, 0.45, 0.42),
    ),
)

PLANTED = Planted(
    segments=_PLANTED_SEGMENTS,
    features=_FEATURES,
    products=_PRODUCTS,
    purchases=_PURCHASES,
    campaigns=_CAMPAIGNS,
    null_campaign="AcceptedCmp3",
    strong_campaign="AcceptedCmp5",
    complain=0.009,
    cost_per_contact=3,
    revenue_per_acceptance=11,
)
"""The truth that is planted in the generated households."""
