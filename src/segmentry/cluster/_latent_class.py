"""Latent class analysis: a mixture of independent multinomials over weighted patterns."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import logsumexp, xlogy
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted

from segmentry.cluster._assignment import largest_first, lookup_sums, nearest_clusters
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


class LatentClass(ClusterMixin, BaseEstimator):
    """Latent classes: within a class the features are independent, and each row belongs to one class.

    Fitted by maximum likelihood. Missing cells are marginalised, which is right when they are missing at
    random; the number of classes can be judged by `bic_`, one class included; `predict_proba` says how
    certain each row's class is.

    Parameters
    ----------
    n_components : int, default=2
        The number of classes.
    n_init : int, default=50
        The number of random starts.
    max_iter : int, default=5000
        The most EM steps of a run that is followed to the end.
    tol : float, default=1e-9
        A run has converged when a cycle of three EM steps changes its log-likelihood by at most this part.
    missing_value : object, default=None
        A value that means missing, beside NaN and None.
    handle_unknown : {'error', 'missing'}, default='error'
        What the methods for new rows do with a value unseen in `fit`.
    random_state : int, RandomState, Generator or None, default=None
        The source of the random starts.

    Attributes
    ----------
    class_prior_ : ndarray (n_components,)
        The share of each class.
    response_proba_ : list of ndarray (n_components, n_levels)
        Per feature the probability of each of its levels in each class.
    categories_ : list of ndarray
        Per feature its levels: the values seen in rows of positive weight, sorted.
    labels_ : ndarray of int (n_rows,)
        The most probable class of each row.
    log_likelihood_ : float
        The sum over rows of weight times log-likelihood.
    n_parameters_ : int
        Free parameters: ``(k - 1) + k * sum(n_levels - 1)``.
    bic_ : float
        ``-2 log_likelihood_ + n_parameters_ * log(N)``, N being the total weight; lower is better.
    aic_ : float
        ``-2 log_likelihood_ + 2 n_parameters_``; lower is better.
    icl_ : float
        ``bic_ + 2 E``, where ``E = -sum(weight * posterior * log(posterior))``; lower is better.
    entropy_r2_ : float
        ``1 - E / (N * H)``, H being the entropy of `class_prior_`: 1 when every row's class is certain,
        0 when a row says nothing about its class; 1 for a single class.
    converged_ : bool
        Whether the run that was kept has converged.
    n_best_ : int
        How many of the runs followed to the end came within 0.001 of `log_likelihood_`. At most five are
        followed, however large `n_init` is; 1 calls for more starts.
    n_iter_ : int
        The EM steps of the run that was kept, after the short runs that chose it.
    n_features_in_ : int
        The number of features.
    feature_names_in_ : ndarray of str
        The names of the features, where X has names.

    Notes
    -----
    Equal rows are first collapsed to patterns with summed weights, so a weight of 3 equals three rows.
    All starts run in one batch: each gives every pattern random class shares, and takes 24 EM steps,
    accelerated by SQUAREM with a fallback that keeps the likelihood from falling. The better third takes 45
    more. Then rounds of crosses follow: a child draws its classes from those of two good runs, and
    competes with its parents; when three rounds bring nothing new, the best five runs are followed until
    they converge. So a start that is slow at first can be dropped early. From 50,000 patterns on the
    competition is held on a sample of 20,000 of them, and its winner is followed on all.

    Classes are numbered by the weight of the rows that most probably belong to them, largest first. Of
    equal weights, the class with the heaviest single pattern comes first, then the one that appears first
    in X.

    References
    ----------
    Goodman (1974), Exploratory latent structure analysis using both identifiable and unidentifiable
    models. doi:10.1093/biomet/61.2.215
    Varadhan & Roland (2008), Simple and globally convergent methods for accelerating the convergence of any
    EM algorithm. doi:10.1111/j.1467-9469.2007.00585.x
    Biernacki, Celeux & Govaert (2000), Assessing a mixture model for clustering with the integrated
    completed likelihood. doi:10.1109/34.865189
    Vermunt & Magidson (2016), Technical guide for Latent GOLD 5.1, on the entropy R².

    Examples
    --------
    Sixty customers in four patterns, the last cell of one is not known:

    >>> from segmentry.cluster import LatentClass
    >>> X = [["yes", "yes", "yes"], ["no", "no", "no"], ["yes", "yes", "no"], ["no", "no", None]]
    >>> model = LatentClass(n_components=2, random_state=0).fit(X, sample_weight=[30, 20, 5, 5])
    >>> model.class_prior_.round(3).tolist()
    [0.583, 0.417]
    >>> model.predict_proba([["yes", "yes", None]]).round(3).tolist()
    [[1.0, 0.0]]
    >>> model.n_parameters_
    7
    """

    _fitted: ClassVar[tuple[str, ...]] = ("categories_", "n_features_in_", "class_prior_", "response_proba_")

    def __init__(
        self,
        n_components: int = 2,
        *,
        n_init: int = 50,
        max_iter: int = 5000,
        tol: float = 1e-9,
        missing_value: object = None,
        handle_unknown: str = "error",
        random_state: Any = None,
    ) -> None:
        self.n_components = n_components
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
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
        check_is_fitted(self, "class_prior_")
        return nearest_clusters(encode(self, X), self._tables())

    def predict_proba(self, X: Any) -> Floats:
        """Return the posterior probabilities (n_rows, n_components) of the classes; rows sum to 1."""
        check_is_fitted(self, "class_prior_")
        return _posteriors(-lookup_sums(encode(self, X), self._tables()))

    def score_samples(self, X: Any) -> Floats:
        """Return the log-likelihood of each row."""
        check_is_fitted(self, "class_prior_")
        return _log_sums(-lookup_sums(encode(self, X), self._tables()))

    def score(self, X: Any, y: object = None, sample_weight: Any = None) -> float:  # noqa: ARG002
        """Return the mean log-likelihood per unit of weight."""
        values = self.score_samples(X)
        weights = read_weights(sample_weight, len(values))
        return float(weights @ values / weights.sum())

    def _search(self, patterns: Patterns, rng: np.random.Generator) -> Solution:
        part = patterns.sample(rng) if self.n_components > 1 else patterns
        limits = Limits(self.max_iter, self.tol)
        found = find_mixture(Design(part), self.n_components, self.n_init, limits, rng)
        return found if part is patterns else follow(Design(patterns), found.parameters, limits)

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
        entropy = -float(patterns.weights @ xlogy(posteriors, posteriors).sum(axis=1))
        n_free = sum(max(n - 1, 0) for n in patterns.n_levels)
        self.n_parameters_ = n_classes - 1 + n_classes * n_free
        self.log_likelihood_ = float(patterns.weights @ _log_sums(joint))
        self.aic_ = -2 * self.log_likelihood_ + 2 * self.n_parameters_
        self.bic_ = -2 * self.log_likelihood_ + self.n_parameters_ * float(np.log(total_weight))
        self.icl_ = self.bic_ + 2 * entropy
        prior_entropy = -float(xlogy(self.class_prior_, self.class_prior_).sum())
        self.entropy_r2_ = 1.0 - entropy / (total_weight * prior_entropy) if prior_entropy > 0 else 1.0

    def _tables(self) -> list[Floats]:
        """Return per feature the negative log-probabilities (n_levels + 1, n_components); 0 where missing."""
        tables = [_negative_logs(probabilities) for probabilities in self.response_proba_]
        tables[0] = tables[0] - np.log(np.maximum(np.asarray(self.class_prior_), _TINY))
        return tables

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = tags.input_tags.allow_nan = True
        return tags


def _negative_logs(probabilities: Floats | Sequence[Sequence[float]]) -> Floats:
    logs = -np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), _TINY))
    return np.vstack([logs.T, np.zeros(len(logs))])


def _log_sums(joint: Floats) -> Floats:
    return np.asarray(logsumexp(joint, axis=1))


def _posteriors(joint: Floats) -> Floats:
    """Return the posteriors from the joint log-probabilities (n_rows, n_components)."""
    odds = np.exp(joint - joint.max(axis=1, keepdims=True))
    posteriors: Floats = odds / odds.sum(axis=1, keepdims=True)
    return posteriors
