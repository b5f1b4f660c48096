"""How a fitted model places a pattern, as plain numbers: what Python, SQL and a saved file have in common.

Every method adds up, for each segment, a constant, one number per feature, and one per pair of joined features; the segment with the smallest sum has
the pattern, of equal ones the first. For latent classes the numbers are minus log-probabilities, for k-modes distances,
for k-means squared distances. A missing value adds 0, and so does one that no customer had when the segments were made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FormulaKind = Literal["likelihood", "distance", "squared"]
MISSING = -1
UNSEEN = -2


@dataclass(frozen=True)
class Terms:
    """What one feature adds: `numbers` has per level one number per segment.

    `spoken` says each level as it reads apart from its feature, `is_seen` whether a customer had it when the
    segments were made. `refuses` are the codes (`MISSING`, `UNSEEN`) with which the recipe assigns nobody.
    """

    name: str
    label: str
    spoken: tuple[str, ...]
    numbers: tuple[tuple[float, ...], ...]
    is_seen: tuple[bool, ...]
    refuses: tuple[int, ...] = ()

    @property
    def strange(self) -> tuple[int, ...]:
        """Codes that no customer had when the segments were made."""
        return (UNSEEN, *(code for code, is_seen in enumerate(self.is_seen) if not is_seen))


@dataclass(frozen=True)
class PairTerms:
    """What a combination of two features, by their positions, adds beside their own numbers.

    `numbers` has per level of the first, and then of the second, one number per segment. Where one of the two has no level, the
    combination adds 0.
    """

    first: int
    second: int
    numbers: tuple[tuple[tuple[float, ...], ...], ...]


@dataclass(frozen=True)
class Formula:
    """The sums of every segment, and the limit beyond which a pattern is unlike anything seen.

    Attributes
    ----------
    kind
        Meaning of the sums: minus log-likelihoods, distances, or squared distances.
    segments
        Names of the segments.
    constants
        Number that each segment adds to that of the first feature.
    features
        Numbers that each feature adds.
    groups
        Sizes of the runs of features, pairs after them, that are added up first: the order of a sum decides its last bit.
    limit
        Largest minus log-likelihood, or smallest sum, of a pattern that fits.
    pairs
        Numbers that combinations of joined features add. Half of them speak for each of the two.
    """

    kind: FormulaKind
    segments: tuple[str, ...]
    constants: tuple[float, ...]
    features: tuple[Terms, ...]
    groups: tuple[int, ...]
    limit: float
    pairs: tuple[PairTerms, ...] = ()

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return len(self.segments)
