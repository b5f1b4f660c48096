"""One model fitted to a pattern table: the settings of each method, by the recipe and the size of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from segmentry.errors import ModelError
from segmentry.patterns import PatternTable, joined_positions

if TYPE_CHECKING:
    from segmentry.cluster import LatentClassModel, PatternModel
    from segmentry.cluster.latent_class.carrying_on import SearchedClasses
    from segmentry.cluster.latent_class.starts import FoundMixture
    from segmentry.recipe.models import Method

Fittable = TypeVar("Fittable", bound="PatternModel")
Classes = TypeVar("Classes", bound="LatentClassModel")
CLASS_STARTS = 25
"""Random starts of latent classes. On the customer personality file 25 reach the best likelihood of 3, 4 and 5 classes from
30 of 30 seeds; 15 reach that of 5 classes from 26."""
MANY_PATTERNS, CLASS_STARTS_OF_MANY, MEANS_STARTS_OF_MANY = 5_000, 10, 3
"""Above so many patterns, so many starts of latent classes and of means: one of ten means of 92,000 patterns takes 0.3 s, and
from three seeds eight means of 10,900 patterns differed by two millionths."""


def load_estimators() -> None:
    """Load what fits models and matches segments; it takes most of a second, which passes while a table is read."""
    import scipy.optimize  # noqa: F401 - for its import alone, as the next one

    from segmentry.cluster import LatentClassModel  # noqa: F401


def fit_model(
    patterns: PatternTable, method: Method, n_segments: int, *, seed: int = 0, **settings: Any
) -> PatternModel:
    """Fit one model to the pattern table; `settings` are further hyper-parameters of the method's estimator.

    Raises
    ------
    ModelError
        There are more segments than patterns, or missing values where the method needs complete ones.
    """
    from segmentry.cluster import KModesModel, OrdinalKMeansModel

    if method == "latent-class":
        return fit_classes(patterns, n_segments, seed=seed, **settings)
    settings = _with_defaults(patterns, n_segments, seed, settings)
    if method == "k-modes":
        features = patterns.features
        by_recipe: dict[str, Any] = {
            "distance": [f.distance for f in features],
            "feature_weights": [f.weight for f in features],
        }
        return fitted_to(KModesModel(n_segments, **by_recipe, **settings), patterns)
    _check_complete(patterns)
    if patterns.n_patterns > MANY_PATTERNS:
        settings = {"n_init": MEANS_STARTS_OF_MANY, **settings}
    return fitted_to(OrdinalKMeansModel(n_segments, **_distributions(patterns), **settings), patterns)


def fit_classes(
    patterns: PatternTable, n_classes: int, *, seed: int = 0, **settings: Any
) -> LatentClassModel:
    """Fit latent classes to the pattern table; see `fit_model`."""
    from segmentry.cluster import LatentClassModel

    return fitted_to(classes_for(LatentClassModel, patterns, n_classes, seed=seed, **settings), patterns)


def searched_classes(
    patterns: PatternTable, n_classes: int, *, seed: int = 0, **settings: Any
) -> SearchedClasses:
    """Return the latent classes that `fit_classes` finds, which keep the mixture for another process."""
    from segmentry.cluster.latent_class.carrying_on import SearchedClasses

    return fitted_to(classes_for(SearchedClasses, patterns, n_classes, seed=seed, **settings), patterns)


def known_classes(
    known: FoundMixture, patterns: PatternTable, n_classes: int, *, seed: int = 0, **settings: Any
) -> LatentClassModel:
    """Return the latent classes that `fit_classes` finds, of the mixture that it has found in another process."""
    from segmentry.cluster.latent_class.carrying_on import FoundClasses

    model = classes_for(FoundClasses, patterns, n_classes, seed=seed, **settings)
    model.known = known
    return fitted_to(model, patterns)


def classes_for(
    kind: type[Classes], patterns: PatternTable, n_classes: int, *, seed: int = 0, **settings: Any
) -> Classes:
    """Return latent classes of some kind that are not fitted yet, with the settings of a pattern table."""
    settings = {**_distributions(patterns), **settings}
    joined = joined_positions(patterns.features)
    if joined:
        settings = {"joined": joined, **settings}
    n_init = CLASS_STARTS if patterns.n_patterns <= MANY_PATTERNS else CLASS_STARTS_OF_MANY
    settings = {"n_init": n_init, **_with_defaults(patterns, n_classes, seed, settings)}
    model = kind(n_classes, **settings)
    model.counts_starts = False
    return model


def _distributions(patterns: PatternTable) -> dict[str, Any]:
    """Return the setting of features that are ordered; nothing where none is."""
    found = [f.distribution for f in patterns.features]
    return {"distributions": found} if "ordered" in found else {}


def _with_defaults(
    patterns: PatternTable, n_segments: int, seed: int, settings: dict[str, Any]
) -> dict[str, Any]:
    if n_segments > patterns.n_patterns:
        raise ModelError(
            f"{n_segments} segments need at least as many patterns, and the recipe makes "
            f"{patterns.n_patterns} of these customers",
            source="segments",
            hint="ask for fewer, or make more levels",
        )
    return {"missing_value": -1, "handle_unknown": "missing", "random_state": seed, **settings}


def fitted_to(model: Fittable, patterns: PatternTable) -> Fittable:
    """Fit a model to the customers of a pattern table."""
    return model.fit(patterns.codes, sample_weight=patterns.effective_weight)


def _check_complete(patterns: PatternTable) -> None:
    """Refuse missing values, which k-means cannot take."""
    for j, feature in enumerate(patterns.features):
        missing = patterns.codes[:, j] < 0
        if missing.any():
            raise ModelError(
                f"{int(patterns.counts[missing].sum()):,} customers have no value, and k-means needs one",
                place=("features", feature.name),
                hint='say missing = "drop" or "level", or use latent-class or k-modes',
            )
