"""Latent class analysis: a mixture of independent multinomials over weighted patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np

from segmentry.arrays import Floats, Labels, Mask
from segmentry.cluster.assignment import lookup_sums, order_by_claims
from segmentry.cluster.input.collapsed_rows import (
    CategoricalTraining,
    WeightedPatterns,
    collapse_rows,
    read_weights,
)
from segmentry.cluster.latent_class.classification import correct, misclassify
from segmentry.cluster.latent_class.criteria import (
    entropies,
    g_squared,
    log_sums,
    n_class_parameters,
    ordered_of,
    softmax,
)
from segmentry.cluster.latent_class.degeneracy import (
    count_boundary,
    doubts_of_classes,
    duplicate_classes,
    empty_classes,
)
from segmentry.cluster.latent_class.distributions import ordered_features
from segmentry.cluster.latent_class.em import DesignMatrix
from segmentry.cluster.latent_class.fitted import FittedClasses
from segmentry.cluster.latent_class.grouped_normals import BEYOND, GroupedNormals
from segmentry.cluster.latent_class.inference import StandardErrors, bivariate_residuals, standard_errors
from segmentry.cluster.latent_class.joined import (
    Pair,
    by_feature,
    counted_levels,
    joined_patterns,
    new_design,
    other_features,
)
from segmentry.cluster.latent_class.joined_inference import joined_errors
from segmentry.cluster.latent_class.ordered import OrderedFeatures, ordered_columns
from segmentry.cluster.latent_class.placement import Placement, place
from segmentry.cluster.latent_class.search import ClassSearch
from segmentry.cluster.latent_class.starts import FoundMixture, StoppingRule
from segmentry.cluster.threads import one_thread
from segmentry.errors import ModelError


@dataclass(eq=False, repr=False)
class LatentClassModel(FittedClasses):
    """`LatentClass` without scikit-learn's base classes."""

    estimator_name = "LatentClass"
    sum_kind = "likelihood"
    result_attribute = "class_prior_"
    attributes_by_cluster = ("class_prior_", "centres_", "spreads_")
    saved_attributes: ClassVar[tuple[str, ...]] = (
        "categories_",
        "n_features_in_",
        "class_prior_",
        "response_proba_",
        "joined_proba_",
        "misclassification_",
    )
    whole_settings = ("n_components", "n_init", "max_iter")
    positive_settings = ("tol", "prior")
    counts_starts = True
    """Whether a fit sets `n_best_`, for which every start is followed to its end; a scan sets this to False."""

    n_components: int = 2
    _: KW_ONLY
    n_init: int = 50
    max_iter: int = 5000
    tol: float = 1e-9
    prior: float = 0.0
    distributions: Any = None
    joined: Any = None
    missing_value: object = None
    handle_unknown: str = "error"
    random_state: Any = None

    def predict_proba(self, X: Any) -> Floats:
        """Return the posterior probabilities (n_rows, n_components) of the classes; rows sum to 1."""
        return softmax(-lookup_sums(self._encode(X), self._lookup_tables()))

    def score_samples(self, X: Any) -> Floats:
        """Return the log-likelihood of each row."""
        return log_sums(-lookup_sums(self._encode(X), self._lookup_tables()))

    def score(self, X: Any, y: object = None, sample_weight: Any = None) -> float:  # noqa: ARG002
        """Return the mean log-likelihood per unit of weight."""
        values = self.score_samples(X)
        weights = read_weights(sample_weight, len(values))
        return float(weights @ values / weights.sum())

    def standard_errors(self, X: Any, sample_weight: Any = None) -> StandardErrors:
        """Return the standard errors of `class_prior_` and `response_proba_`, and of the centres and spreads of ordered features.

        They come from the observed information: minus the second derivatives of the log-likelihood of X,
        and of the log-density of the prior where there is one.

        Parameters
        ----------
        X : array or data frame (n_rows, n_features)
            The rows of `fit`. Missing cells are marginalised.
        sample_weight : array (n_rows,), default=None
            Number of rows that each row stands for.

        Returns
        -------
        StandardErrors
            `class_prior` (n_components,) and `response_proba`, per feature (n_components, n_levels). 0 for
            what is not estimated: the share of a single class, the probability of a single level. NaN for
            a probability within 1e-6 of 0 or 1, and for all of a class whose share is: such parameters are
            held fixed. All NaN, with a warning, where the model is not identified (Goodman 1974), or the
            estimate is not quite a maximum: fit with a smaller `tol`. With ordered features also `centres` and `spreads`
            (n_components, n_features), NaN for the other features; NaN alone for what is not identified.
        """
        design = self._design(X, sample_weight)
        if self._pairs():
            n_levels = [len(levels) for levels in self.categories_]
            with one_thread():
                parameters = self._joined_parameters()
                return joined_errors(design, parameters, n_levels, self._pairs(), self.estimator_name)
        if self._lacks_thresholds():
            raise ModelError(
                "this model was saved without thresholds_, which standard_errors needs",
                source=self.estimator_name,
                hint="fit it again",
            )
        with one_thread():
            if design.ordered is not None:
                return self._ordered_errors(design, design.ordered)
            found = standard_errors(design, self._parameters())
        return StandardErrors(found[:, 0], self._by_feature(found[:, 1:]))

    def _ordered_errors(self, design: DesignMatrix, ordered: OrderedFeatures) -> StandardErrors:
        from segmentry.cluster.latent_class.ordered_inference import mixture_errors

        found = mixture_errors(design, ordered, self.mixture())
        centres, spreads = (self._at_ordered(numbers) for numbers in (found.centres, found.spreads))
        return StandardErrors(found.levels[:, 0], self._by_feature(found.levels[:, 1:]), centres, spreads)

    def bivariate_residuals(self, X: Any, sample_weight: Any = None) -> Floats:
        """Return per pair of features how far the model misses their two-way table.

        Parameters
        ----------
        X : array or data frame (n_rows, n_features)
            The rows of `fit`. A row where either feature is missing is left out of the pair.
        sample_weight : array (n_rows,), default=None
            Number of rows that each row stands for.

        Returns
        -------
        ndarray (n_features, n_features)
            The Pearson chi-square of the observed table against the model's, divided by
            ``(levels - 1) * (levels - 1)``. Symmetric; NaN on the diagonal and for a feature with fewer than
            two levels. Values far above 1 are pairs that the classes leave dependent.
        """
        self._check_fitted()
        kept = [j for j, levels in enumerate(self.categories_) if len(levels)]
        tables = [
            (kept.index(pair.first), kept.index(pair.second), table)
            for pair, table in zip(self._pairs(), self._tables(), strict=True)
        ]
        with one_thread():
            design = DesignMatrix(collapse_rows(self, X, sample_weight))
            residuals = bivariate_residuals(design, self._parameters(), tables)
        found = np.full((self.n_features_in_, self.n_features_in_), np.nan)
        found[np.ix_(kept, kept)] = residuals
        return found

    def bch_weights(self, X: Any) -> Floats:
        """Return weights (n_rows, n_components) that correct averages by class for misclassification.

        Row i holds the row of the inverse of `misclassification_` for the most probable class of i; weights
        can be negative, and sum to 1. The mean of an outcome in class c is the mean over rows weighted by
        column c, times the rows' own weights: unlike the mean over the rows labelled c, it is consistent
        where the outcome depends on the class alone (Bolck, Croon & Hagenaars 2004).

        Parameters
        ----------
        X : array or data frame (n_rows, n_features)
            The rows whose outcomes are averaged.

        Raises
        ------
        ModelError
            The matrix has no inverse: the classes overlap too much, or one is never the most probable.
        """
        labels = self.predict(X)
        return self._inverse_misclassification()[labels]

    def misfit(self, X: Any) -> Floats:
        """Return minus the log-likelihood of each row."""
        return np.asarray(-self.score_samples(X), np.float64)

    def runners_up(self, X: Any, closeness: float) -> tuple[Labels, Mask]:
        """Return the second most probable class of each row, and whether it is nearly as probable as the first."""
        posteriors = self.predict_proba(X)
        order = np.argsort(-posteriors, axis=1, kind="stable")[:, :2]
        first, second = np.take_along_axis(posteriors, order, axis=1).T
        return order[:, 1], first < second / (1 - closeness) * closeness

    def costs(self) -> dict[str, float]:
        """Return nothing: the likelihood says what a number of classes costs."""
        return {}

    @property
    def has_converged(self) -> bool:
        """Return whether the EM run that was kept has converged."""
        return self.converged_

    @property
    def n_free_parameters(self) -> int:
        """Return the free parameters of the likelihood."""
        return self.n_parameters_

    def criteria(self) -> dict[str, float | bool]:
        """Return what the likelihood says of the number of classes, by name."""
        return {
            "log_likelihood": float(self.log_likelihood_),
            "n_parameters": float(self.n_parameters_),
            "bic": float(self.bic_),
            "aic": float(self.aic_),
            "icl": float(self.icl_),
            "entropy_r2": float(self.entropy_r2_),
            "converged": bool(self.converged_),
        }

    def correction(self) -> Floats | None:
        """Return the inverse of `misclassification_`; None where it has none."""
        try:
            return self._inverse_misclassification()
        except ModelError:
            return None

    def _inverse_misclassification(self) -> Floats:
        if vars(self).get("misclassification_") is None:
            raise ModelError(
                "this model was saved without misclassification_, which bch_weights needs",
                source=self.estimator_name,
                hint="fit it again",
            )
        return correct(np.asarray(self.misclassification_, dtype=np.float64), self.estimator_name)

    def _search(self, training: CategoricalTraining, rng: np.random.Generator) -> Labels:
        patterns = training.patterns
        self._is_ordered = ordered_features(
            self.distributions, training.table, self.categories_, self.estimator_name
        )
        pairs = self._pairs(self._is_ordered)
        with one_thread():
            found = self._find_mixture(patterns, pairs, rng)
            placement = self._set_parameters(patterns, pairs, found.parameters)
            self.converged_, self.n_iter_ = found.has_converged, found.n_steps
            if found.n_best is not None:
                self.n_best_ = found.n_best
            self._set_criteria(patterns, placement)
            self._set_classification(placement)
        return placement.labels

    def _find_mixture(
        self, patterns: WeightedPatterns, pairs: Sequence[Pair], rng: np.random.Generator
    ) -> FoundMixture:
        def design_of(part: WeightedPatterns, share: float) -> DesignMatrix:
            return new_design(part, pairs, self.prior * share, self._is_ordered)

        limits = StoppingRule(self.max_iter, self.tol, self.counts_starts)
        return ClassSearch(design_of, self.n_components, self.n_init, limits).on(patterns, rng)

    def _set_parameters(
        self, patterns: WeightedPatterns, pairs: Sequence[Pair], parameters: Floats
    ) -> Placement:
        """Split the parameters (n_components, width) of a mixture by feature, number the classes, and place the patterns."""
        layout = joined_patterns(patterns, pairs) if pairs else patterns
        others = other_features(pairs, self.n_features_in_)
        kinds = [self._is_ordered[j] for j in others] + [False] * len(pairs)
        ordered = ordered_columns(layout.n_levels, kinds)
        levels = parameters if ordered is None else ordered.levels(parameters)
        self.class_prior_ = levels[:, 0]
        self.response_proba_, self.joined_proba_ = by_feature(levels[:, 1:], patterns.n_levels, pairs)
        sums = lookup_sums(self._looked_up(patterns.codes), self._lookup_tables())
        order = order_by_claims(patterns, self.n_components, lambda rows: sums[rows])
        self.class_prior_ = self.class_prior_[order]
        self.response_proba_ = [probabilities[order] for probabilities in self.response_proba_]
        self.joined_proba_ = [probabilities[order] for probabilities in self.joined_proba_]
        if not pairs:
            del self.joined_proba_
        for name in ("centres_", "spreads_", "thresholds_"):
            vars(self).pop(name, None)
        if ordered is not None:
            self._set_normals(ordered.normals(parameters[order]))
        return place(sums, order, patterns.weights)

    def _set_normals(self, normals: GroupedNormals) -> None:
        self.centres_, self.spreads_ = (self._at_ordered(n) for n in (normals.centres, normals.spreads))
        parts = iter(np.split(normals.thresholds[0], normals.columns.starts[1:]))
        self.thresholds_ = [next(parts)[:-1] if chosen else np.empty(0) for chosen in self._is_ordered]

    def _at_ordered(self, numbers: Floats) -> Floats:
        """Return the numbers (n_components, n_features) of ordered features; NaN for the others."""
        found = np.full((len(numbers), self.n_features_in_), np.nan)
        found[:, self._is_ordered] = numbers
        return found

    def _by_feature(self, columns: Floats) -> list[Floats]:
        ends = np.cumsum([len(levels) for levels in self.categories_])
        return np.split(columns, ends[:-1], axis=1)

    @property
    def has_ordered(self) -> bool:
        """Return whether fitted features have centres and spreads."""
        return bool(self._ordered_at())

    def mixture(self) -> Floats:
        """Return the fitted mixture (n_components, width) with ordered features, as the search has it."""
        parameters, chosen = self._parameters(), self._ordered_at()
        thresholds = self._by_feature(parameters[:, 1:])
        for j in chosen:
            thresholds[j][:] = [*self.thresholds_[j], BEYOND]
        tail = [np.asarray(self.centres_)[:, chosen], np.log(np.asarray(self.spreads_)[:, chosen])]
        return np.hstack([parameters[:, :1], *thresholds, *tail])

    def _lacks_thresholds(self) -> bool:
        """Return whether the model is from a file, which holds no thresholds, and its standard errors hang on them."""
        asked, n_levels = self.distributions, [len(levels) for levels in self.categories_]
        words = (
            [asked or "levels"] * len(n_levels) if asked is None or isinstance(asked, str) else list(asked)
        )
        return "thresholds_" not in vars(self) and any(ordered_of(n_levels, words))

    def _ordered_at(self) -> list[int]:
        """Return the positions of the fitted features that have centres and spreads."""
        return [j for j, thresholds in enumerate(vars(self).get("thresholds_", [])) if len(thresholds)]

    def _design(self, X: Any, sample_weight: Any) -> DesignMatrix:
        self._check_fitted()
        patterns, chosen = collapse_rows(self, X, sample_weight), self._ordered_at()
        is_ordered = [j in chosen for j in range(self.n_features_in_)]
        return new_design(patterns, self._pairs(), self.prior, is_ordered)

    def _set_criteria(self, patterns: WeightedPatterns, placement: Placement) -> None:
        total_weight, n_classes = patterns.total_weight, self.n_components
        entropy = float(patterns.weights @ placement.entropies)
        self.n_parameters_ = n_class_parameters(
            n_classes, *counted_levels(patterns, self._pairs(), self._is_ordered)
        )
        self.degrees_of_freedom_ = prod(max(n, 1) for n in patterns.n_levels) - 1 - self.n_parameters_
        self.log_likelihood_ = float(patterns.weights @ placement.log_likelihoods)
        self.g_squared_ = g_squared(patterns, self.log_likelihood_)
        self.aic_ = -2 * self.log_likelihood_ + 2 * self.n_parameters_
        self.bic_ = -2 * self.log_likelihood_ + self.n_parameters_ * float(np.log(total_weight))
        self.icl_ = self.bic_ + 2 * entropy
        prior_entropy = float(entropies(self.class_prior_))
        self.entropy_r2_ = 1.0 - entropy / (total_weight * prior_entropy) if prior_entropy > 0 else 1.0

    def _set_classification(self, placement: Placement) -> None:
        self.misclassification_ = misclassify(placement.taken)
        others = other_features(self._pairs(), self.n_features_in_)
        tables = [(self.response_proba_[j], self._is_ordered[j]) for j in others]
        tables += [(table[:, table.any(axis=0)], False) for table in self._tables()]
        self.n_boundary_ = count_boundary([table for table, is_ordered in tables if not is_ordered])
        self.duplicate_classes_ = duplicate_classes(
            [table.cumsum(axis=1) if is_ordered else table for table, is_ordered in tables]
        )
        self.empty_classes_ = empty_classes(placement.labels, self.n_components)

    def _has_order(self, feature: int) -> bool:
        return bool(self._is_ordered[feature])

    def _doubts(self) -> list[str]:
        doubts = doubts_of_classes(self.duplicate_classes_, self.empty_classes_)
        if self.degrees_of_freedom_ < 0:
            doubts.append(
                f"{self.n_parameters_} parameters for {self.n_parameters_ + self.degrees_of_freedom_} free cells of the table "
                f"({self.degrees_of_freedom_} degrees of freedom): other classes fit as well; ask for fewer classes, or add features"
            )
        if not self.converged_:
            doubts.append(
                f"not converged after {self.n_iter_} EM steps; raise max_iter "
                f"(now {self.max_iter}) or tol (now {self.tol:g}), or ask for fewer classes"
            )
        return doubts
