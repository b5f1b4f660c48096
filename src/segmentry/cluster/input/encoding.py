"""Levels learnt from a table, and a table written in the codes of learnt levels."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from segmentry.arrays import LevelCodes
from segmentry.cluster.input.frames import Factor, Levels, as_levels, read_table
from segmentry.cluster.model import ClusterModel
from segmentry.errors import ModelError, SegmentryWarning, nearest

_SHOWN = 5


def learn_levels(
    factors: Sequence[Factor], is_counted: npt.NDArray[np.bool_]
) -> tuple[list[Levels], LevelCodes]:
    """Return the levels seen in the counted rows, and the codes (n_rows, n_features) of all rows."""
    codes = np.empty((len(is_counted), len(factors)), np.int32, order="F")
    categories, counted = [], slice(None) if is_counted.all() else is_counted
    for j, factor in enumerate(factors):
        levels, lookup = _sorted_levels(factor, counted)
        categories.append(levels)
        codes[:, j] = lookup[factor.codes]
    return categories, codes


def encode_in_levels(model: ClusterModel, X: Any) -> LevelCodes:
    """Write `X` in the codes (n_rows, n_features) of the fitted levels; -1 is missing."""
    table = read_table(X, model.missing_value)
    check_features(model, len(table.columns), table.names)
    codes = np.empty((table.n_rows, len(table.columns)), np.int32, order="F")
    is_unknown = np.zeros(table.n_rows, np.bool_)
    for j, factor in enumerate(table.columns):
        lookup = known_levels(model, factor, j, table.title(j))
        codes[:, j] = lookup[factor.codes]
        if (lookup[:-1] < 0).any():
            is_unknown |= (codes[:, j] < 0) & (factor.codes >= 0)
    n_blank = int((codes[is_unknown] < 0).all(axis=1).sum()) if is_unknown.any() else 0
    if n_blank:
        rows = "1 row has" if n_blank == 1 else f"{n_blank:,} rows have"
        text = f"{model.estimator_name}: {rows} no value that fit has seen; nothing but the sizes of the clusters assigns them"
        warnings.warn(text, SegmentryWarning, stacklevel=4)
    return codes


def as_values(codes: LevelCodes, categories: Sequence[Levels]) -> npt.NDArray[Any]:
    """Return the levels that `codes` (n_clusters, n_features) stand for; objects where types differ."""
    kinds = {levels.dtype for levels in categories}
    is_whole = all(len(levels) for levels in categories)
    values = np.empty(codes.shape, dtype=kinds.pop() if len(kinds) == 1 and is_whole else object)
    for j, levels in enumerate(categories):
        values[:, j] = levels[codes[:, j]] if len(levels) else None
    return values


def check_handle_unknown(value: object) -> None:
    """Refuse anything but the two ways to treat an unseen level."""
    if value not in ("error", "missing"):
        raise ModelError(f"handle_unknown must be 'error' or 'missing'; got {value!r}")


def _sorted_levels(factor: Factor, counted: slice | npt.NDArray[np.bool_]) -> tuple[Levels, LevelCodes]:
    """Return the observed levels in order, and the lookup from the factor's codes (the last is missing)."""
    n_levels = len(factor.levels)
    is_seen = np.bincount(factor.codes[counted] + 1, minlength=n_levels + 1)[1:] > 0
    kept = np.flatnonzero(is_seen)
    order = kept if factor.is_ordered else kept[_argsort(factor.levels[kept])]
    lookup = np.full(n_levels + 1, -1, np.int32)
    lookup[order] = np.arange(len(order))
    return as_levels(factor.levels[order].tolist()), lookup


def _argsort(levels: Levels) -> npt.NDArray[np.intp]:
    if levels.dtype != object:
        return np.argsort(levels, kind="stable")
    values = levels.tolist()
    try:
        order = sorted(range(len(values)), key=values.__getitem__)
    except TypeError:
        order = sorted(range(len(values)), key=lambda i: (type(values[i]).__name__, str(values[i])))
    return np.array(order, dtype=np.intp)


def known_levels(model: ClusterModel, factor: Factor, index: int, title: str) -> LevelCodes:
    """Return the lookup from the factor's codes to the fitted codes; raise on unseen levels."""
    categories = np.asarray(model.categories_[index], dtype=object).tolist()
    code_of = {level: code for code, level in enumerate(categories)}
    levels = factor.levels.tolist()
    lookup = np.array([*(code_of.get(level, -1) for level in levels), -1], dtype=np.int32)
    if model.handle_unknown == "error" and (lookup[:-1] < 0).any():
        is_used = np.bincount(factor.codes + 1, minlength=len(lookup))[1:] > 0
        unseen = [levels[i] for i in np.flatnonzero(is_used & (lookup[:-1] < 0))]
        if unseen:
            raise ModelError(_unseen_text(title, unseen, categories))
    return lookup


def _unseen_text(title: str, unseen: list[object], categories: list[object]) -> str:
    shown = ", ".join(repr(level) for level in unseen[:_SHOWN])
    more = f" and {len(unseen) - _SHOWN} more" if len(unseen) > _SHOWN else ""
    hint = nearest(str(unseen[0]), [str(level) for level in categories])
    return (
        f"{title}: unseen in fit: {shown}{more} ({hint}); map it to a known level, fit again with it, "
        "name it as missing_value, or set handle_unknown='missing' to leave such cells out"
    )


def check_features(model: ClusterModel, n_features: int, names: tuple[str, ...] | None) -> None:
    """Refuse other features than those of `fit`."""
    fitted = vars(model).get("feature_names_in_")
    if fitted is not None and names is not None:
        _check_names(list(fitted), list(names))
    if n_features != model.n_features_in_:
        raise ModelError(
            f"X has {n_features} features, but {model.estimator_name} is expecting "
            f"{model.n_features_in_} features as input"
        )


def _check_names(fitted: list[str], given: list[str]) -> None:
    if fitted == given:
        return
    parts = [
        ("Feature names unseen at fit time", sorted(set(given) - set(fitted))),
        ("Feature names seen at fit time, yet now missing", sorted(set(fitted) - set(given))),
    ]
    lines = ["The feature names should match those that were passed during fit."]
    for title, names in parts:
        if names:
            lines += [f"{title}:", *(f"- {name}" for name in names[:_SHOWN])]
    if len(lines) == 1:
        lines.append("Feature names must be in the same order as they were in fit.")
    raise ModelError("\n".join(lines) + "\n")
