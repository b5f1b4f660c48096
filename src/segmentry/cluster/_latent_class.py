"""Latent class analysis: a mixture of independent multinomials over weighted patterns."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from segmentry.cluster._assignment import largest_first, lookup_sums, nearest_clusters
from segmentry.cluster._core import Core
from segmentry.cluster._em import Design
from segmentry.cluster._encoding import encode
from segmentry.cluster._parameters import (
    check_enough_patterns,
    check_positive,
    check_whole,
    read_random_state,
)
from segmentry.cluster._patterns import Floats, Indices, Patterns, read_training, read_weights
from segmentry.cluster._threads import one_thread
from segmentry.cluster._tournament import Limits, Solution, find_mixture, follow
from segmentry.errors import SegmentryWarning

_TINY = 1e-300  # stands for 0 in a logarithm


class LatentClassCore(Core):
    """The work of `LatentClass`, whose documentation describes it."""

    _fitted: ClassVar[tuple[str, ...]] = ("categories_", "n_features_in_", "class_prior_", "response_proba_")

    def __init__(
        self,
        n_components: int = 2,
        *,
        n_init: int = 50,
        max_iter: int = 5000,
        tol: float = 1e-9,
        prior: float = 0.0,
        missing_value: object = None,
        handle_unknown: str = "error",
        random_state: Any = None,
    ) -> None:
        self.n_components = n_components
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.prior = prior
        self.missing_value = missing_value
        self.handle_unknown = handle_unknown
        self.random_state = random_state

    def fit(self, X: Any, y: object = None, sample_weight: Any = None) -> Self:  # noqa: ARG002
        """Find the classes.

        Parameters
        ----------
        X : array or data frame (n_rows, n_features)
            Levels: whole numbers, text, booleans, categories.
        y : None
            Ignored.
        sample_weight : array (n_rows,), default=None
            How many rows each row stands for; rows of weight 0 change nothing.

        Returns
        -------
        LatentClass
            The fitted estimator.
        """
        check_whole(self, "n_components", "n_init", "max_iter")
        check_positive(self, "tol")
        check_positive(self, "prior")
        rng = read_random_state(self.random_state)
        training = read_training(self, X, sample_weight)
        patterns = training.patterns
        check_enough_patterns(self, "n_components", len(patterns))
        with one_thread(len(patterns.weights)):
            found = self._search(patterns, rng)
        self._set_parameters(patterns, found.parameters)
        self.converged_, self.n_iter_, self.n_best_ = found.has_converged, found.n_steps, found.n_best
        self._set_criteria(patterns)
        self.labels_ = nearest_clusters(training.distinct, self._tables())[training.inverse]
        if not self.converged_:
            warnings.warn(
                f"LatentClass: not converged after {self.n_iter_} EM steps; raise max_iter "
                f"(now {self.max_iter}) or tol (now {self.tol:g}), or ask for fewer classes",
                SegmentryWarning,
                stacklevel=2,
            )
        return self

    def predict(self, X: Any) -> Indices:
        """Return the most probable class of each row."""
        self._check_fitted("class_prior_")
        return nearest_clusters(encode(self, X), self._tables())

    def predict_proba(self, X: Any) -> Floats:
        """Return the posterior probabilities (n_rows, n_components) of the classes; rows sum to 1."""
        self._check_fitted("class_prior_")
        return _posteriors(-lookup_sums(encode(self, X), self._tables()))

    def score_samples(self, X: Any) -> Floats:
        """Return the log-likelihood of each row."""
        self._check_fitted("class_prior_")
        return _log_sums(-lookup_sums(encode(self, X), self._tables()))

    def score(self, X: Any, y: object = None, sample_weight: Any = None) -> float:  # noqa: ARG002
        """Return the mean log-likelihood per unit of weight."""
        values = self.score_samples(X)
        weights = read_weights(sample_weight, len(values))
        return float(weights @ values / weights.sum())

    def _search(self, patterns: Patterns, rng: np.random.Generator) -> Solution:
        part = patterns.sample(rng) if self.n_components > 1 else patterns
        limits = Limits(self.max_iter, self.tol)
        prior = self.prior * part.total_weight / patterns.total_weight
        found = find_mixture(Design(part, prior), self.n_components, self.n_init, limits, rng)
        if part is patterns:
            return found
        return follow(Design(patterns, self.prior), found.parameters[:, None], limits)[0]

    def _set_parameters(self, patterns: Patterns, parameters: Floats) -> None:
        """Split the parameters (n_components, 1 + n_columns) by feature, and number the classes."""
        ends = np.cumsum(patterns.n_levels)
        self.class_prior_ = parameters[:, 0]
        self.response_proba_ = np.split(parameters[:, 1:], ends[:-1], axis=1)
        order = largest_first(patterns, self._tables())
        self.class_prior_ = self.class_prior_[order]
        self.response_proba_ = [probabilities[order] for probabilities in self.response_proba_]

    def _set_criteria(self, patterns: Patterns) -> None:
        joint = -lookup_sums(patterns.codes, self._tables())
        total_weight, n_classes = patterns.total_weight, self.n_components
        posteriors = _posteriors(joint)
        entropy = float(patterns.weights @ _entropies(posteriors))
        n_free = sum(max(n - 1, 0) for n in patterns.n_levels)
        self.n_parameters_ = n_classes - 1 + n_classes * n_free
        self.log_likelihood_ = float(patterns.weights @ _log_sums(joint))
        self.aic_ = -2 * self.log_likelihood_ + 2 * self.n_parameters_
        self.bic_ = -2 * self.log_likelihood_ + self.n_parameters_ * float(np.log(total_weight))
        self.icl_ = self.bic_ + 2 * entropy
        prior_entropy = float(_entropies(self.class_prior_))
        self.entropy_r2_ = 1.0 - entropy / (total_weight * prior_entropy) if prior_entropy > 0 else 1.0

    def _tables(self) -> list[Floats]:
        """Return per feature the negative log-probabilities (n_levels + 1, n_components); 0 where missing."""
        tables = [_negative_logs(probabilities) for probabilities in self.response_proba_]
        tables[0] = tables[0] - np.log(np.maximum(np.asarray(self.class_prior_), _TINY))
        return tables


def _negative_logs(probabilities: Floats | Sequence[Sequence[float]]) -> Floats:
    logs = -np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), _TINY))
    return np.vstack([logs.T, np.zeros(len(logs))])


def _log_sums(joint: Floats) -> Floats:
    peak = joint.max(axis=1)
    sums: Floats = peak + np.log(np.exp(joint - peak[:, None]).sum(axis=1))
    return sums


def _entropies(shares: Floats) -> Floats:
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return np.asarray(-(shares * logs).sum(axis=-1))


def _posteriors(joint: Floats) -> Floats:
    """Return the posteriors from the joint log-probabilities (n_rows, n_components)."""
    odds = np.exp(joint - joint.max(axis=1, keepdims=True))
    posteriors: Floats = odds / odds.sum(axis=1, keepdims=True)
    return posteriors
