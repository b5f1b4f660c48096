"""The columns of a pattern table: codes of levels, features and outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np


class Codes(np.ndarray[Any, np.dtype[np.int32]]):
    """Integer codes, one row per pattern and one column per feature; `missing_value` is the code of missing values."""

    missing_value = -1


@dataclass(frozen=True)
class FeatureLevels:
    """A feature of the pattern table: its levels in the order of their codes.

    Where these are finer than the levels that the recipe declares, `shown` has the declared ones, and `shown_codes` the
    declared one of each level. `joined` names the feature that it may depend on within segments.
    """

    name: str
    label: str
    levels: tuple[str, ...]
    scale: Literal["nominal", "ordinal"] = "nominal"
    distance: Literal["matching", "rank"] = "matching"
    weight: float = 1.0
    distribution: Literal["levels", "ordered"] = "levels"
    shown: tuple[str, ...] = ()
    shown_codes: tuple[int, ...] = ()
    joined: str = ""

    def as_shown(self) -> FeatureLevels:
        """Return the feature with the levels that the recipe declares."""
        return replace(self, levels=self.shown, shown=(), shown_codes=()) if self.shown else self

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> FeatureLevels:
        """Rebuild a feature from plain values."""
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in content.items()}
        return cls(**plain)


@dataclass(frozen=True)
class OutcomeInfo:
    """An outcome of the pattern table."""

    name: str
    label: str
    group: str
    group_label: str
    role: Literal["amounts", "counts", "flags"]
    cost_per_contact: float | None = None
    revenue_per_acceptance: float | None = None
    campaign: bool = True

    @property
    def is_campaign(self) -> bool:
        """Whether segments are ranked by it, because customers can be asked to say yes."""
        return self.role == "flags" and self.campaign
