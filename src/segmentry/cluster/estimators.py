"""The estimators as scikit-learn knows them: its base classes and tags around the cores.

scikit-learn takes most of a second to load. What needs only to fit and to assign uses the cores.
"""

from __future__ import annotations

from typing import Any

from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin

from segmentry.cluster.kmeans.model import OrdinalKMeansCore
from segmentry.cluster.kmodes.model import KModesCore
from segmentry.cluster.kprototypes.model import KPrototypesCore
from segmentry.cluster.latent_class.model import LatentClassCore
from segmentry.cluster.mixed_estimators import KPrototypes
from segmentry.cluster.model import Core


class LatentClass(LatentClassCore, ClusterMixin, BaseEstimator):
    """Latent classes: within a class the features are independent, and each row belongs to one class.

    Fitted by maximum likelihood, or with a weak prior against probabilities of 0 and 1. Missing cells are marginalised, which is right when they are missing at
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
    prior : float, default=0.0
        The weight of a Dirichlet prior, in rows: 0 is maximum likelihood, 1 is weak. See the notes.
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
        The sum over rows of weight times log-likelihood, without the prior.
    n_parameters_ : int
        Free parameters: ``(k - 1) + k * sum(n_levels - 1)``.
    bic_ : float
        ``-2 log_likelihood_ + n_parameters_ * log(N)``, N being the total weight; lower is better.
    aic_ : float
        ``-2 log_likelihood_ + 2 n_parameters_``; lower is better.
    icl_ : float
        ``bic_ + 2 E``, where ``E = -sum(weight * posterior * log(posterior))``; lower is better.
    g_squared_ : float
        The likelihood-ratio statistic against the table itself: ``2 * sum(w * log(w / (N * f)))`` over the
        patterns, of weight w and model probability f; NaN where a cell of a row of positive weight is missing.
    degrees_of_freedom_ : int
        ``cells - 1 - n_parameters_``, cells being the product of the numbers of levels. `g_squared_` is
        about chi-square with these only where most cells of the table have rows.
    entropy_r2_ : float
        ``1 - E / (N * H)``, H being the entropy of `class_prior_`: 1 when every row's class is certain,
        0 when a row says nothing about its class; 1 for a single class.
    misclassification_ : ndarray (n_components, n_components)
        In row t and column s the probability that a row of class t is most probably of class s, by the
        posteriors of the rows of `fit`; NaN in the row of a class without weight.
    n_boundary_ : int
        How many response probabilities are within 1e-6 of 0 or 1, in features with more than one level.
    duplicate_classes_ : tuple of (int, int)
        Pairs of classes whose response probabilities all differ by at most 0.001, with a warning.
    empty_classes_ : tuple of int
        Classes that are no row's most probable one, rows of weight 0 aside; with a warning.
    converged_ : bool
        Whether the run that was kept has converged.
    n_best_ : int
        How many of the `n_init` random starts reached the best log-likelihood (with the prior) by themselves, to
        0.001; in a sample, where starts compete on one. A start that is too slow to get there in a hundred
        cycles more counts as one that did not. 0 says that only crosses of starts reached it: more starts may
        find better.
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

    With a `prior` of a, EM maximises the log-likelihood plus ``a * sum(m[j][r] * log p[c, j][r])`` over
    classes c, features j and levels r, ``m[j]`` being the shares of the levels in all rows, plus
    ``a / k * sum(log class_prior_[c])``: as if each class had a more rows in every feature, spread over its
    levels as all rows are, and as if a more rows were spread evenly over the classes (Galindo-Garre &
    Vermunt 2006). Likelihood and criteria remain those of the data alone.

    Classes are numbered by the weight of the rows that most probably belong to them, largest first. Of
    equal weights, the class with the heaviest single pattern comes first, then the one that appears first
    in X.

    References
    ----------
    Goodman (1974), Exploratory latent structure analysis using both identifiable and unidentifiable
    models. doi:10.1093/biomet/61.2.215
    Varadhan & Roland (2008), Simple and globally convergent methods for accelerating the convergence of any
    EM algorithm. doi:10.1111/j.1467-9469.2007.00585.x
    Galindo-Garre & Vermunt (2006), Avoiding boundary estimates in latent class analysis by Bayesian
    posterior mode estimation. doi:10.2333/bhmk.33.43
    Biernacki, Celeux & Govaert (2000), Assessing a mixture model for clustering with the integrated
    completed likelihood. doi:10.1109/34.865189
    Bolck, Croon & Hagenaars (2004), Estimating latent structure models with categorical variables:
    one-step versus three-step estimators. doi:10.1093/pan/mph001
    Vermunt (2010), Latent class modeling with covariates: two improved three-step approaches.
    doi:10.1093/pan/mpq025
    Vermunt & Magidson (2016), Technical guide for Latent GOLD 5.1, on the entropy R² and on bivariate
    residuals.

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

    Forty of them spend 10 and twenty 40; `bch_weights` gives the averages by class:

    >>> weights = model.bch_weights(X) * [[30], [20], [5], [5]]
    >>> ([10, 40, 10, 10] @ weights / weights.sum(axis=0)).round(1).tolist()
    [10.0, 34.0]
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = tags.input_tags.allow_nan = True
        return tags


class KModes(KModesCore, ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):
    """Clusters of categorical patterns around modes, searched as a p-median problem.

    The modes are chosen from the product grid of the observed levels, so that the weighted sum of
    distances to the nearest mode is smallest. A distance adds over features: 0/1 for ``'matching'``,
    ``|rank difference| / (levels - 1)`` for ``'rank'``, times the feature's weight; a missing cell adds 0.

    Parameters
    ----------
    n_clusters : int, default=8
        The number of clusters.
    n_init : int, default=10
        The number of random starts.
    max_iter : int, default=100
        The most swaps, or alternations, of one descent.
    distance : {'matching', 'rank'} or a sequence of these and of matrices, default='matching'
        The distance of all features, or of each. A matrix (n_levels, n_levels) gives the distance of each
        level (row) to each mode (column), in the order of `categories_`; a pandas data frame may name its
        levels in any order.
    feature_weights : sequence of float, default=None
        One weight of at least 0 per feature; None is 1 for all.
    max_grid : int, default=10_000
        The largest grid (the product of the numbers of observed levels) that is searched whole.
    prove : bool, default=False
        Whether to prove that no modes cost less, or find those that do.
    time_limit : float, default=60.0
        The most seconds for the proof; where they do not suffice, `gap_` says how far it came, and a
        `SegmentryWarning` too.
    missing_value : object, default=None
        A value that means missing, beside NaN and None.
    handle_unknown : {'error', 'missing'}, default='error'
        What `predict` and `transform` do with a value unseen in `fit`.
    random_state : int, RandomState, Generator or None, default=None
        The source of the random starts.

    Attributes
    ----------
    cluster_modes_ : ndarray (n_clusters, n_features)
        The modes in the values of X; None where a feature has no value at all.
    mode_codes_ : ndarray of int (n_clusters, n_features)
        The modes as positions in `categories_`.
    categories_ : list of ndarray
        Per feature its levels: the values seen in rows of positive weight, sorted.
    labels_ : ndarray of int (n_rows,)
        The nearest mode of each row; of equally near ones the first.
    cost_ : float
        The sum over rows of weight times distance to the nearest mode.
    lower_bound_ : float
        What any modes cost at least; `cost_` itself where the proof is complete (to one part in 10⁹
        where costs are not whole multiples of a 60th), NaN where nothing is proved: without `prove`, or
        beyond `max_grid`.
    gap_ : float
        ``(cost_ - lower_bound_) / cost_``: 0 says that the modes are proved to be the best.
    proof_ : str
        What is proved, in words; where nothing is, why.
    n_best_ : int
        How many of the `n_init` random starts reached the lowest cost by themselves; in a sample, where starts
        compete on one. 0 says that only crosses of starts, swaps among the patterns or the proof reached it.
    n_iter_ : int
        The steps of the descent that found the modes.
    n_features_in_ : int
        The number of features.
    feature_names_in_ : ndarray of str
        The names of the features, where X has names.

    Notes
    -----
    Equal rows are first collapsed to patterns with summed weights, so a weight of 3 equals three rows.
    Starts are drawn by weight times distance. Each descends by the best swaps of one mode for one
    candidate of the grid (Teitz & Bart 1968, evaluated as in Schubert & Rousseeuw 2021), then pairs of
    the local optima are crossed (Alp, Erkut & Drezner 2003) and descend again; the more starts agree on
    the best, the fewer.

    The proof is a branch and bound: the bound of a node is the Lagrangian one of the p-median problem
    (Fisher 1981), found by subgradient steps; candidates are left out by their reduced cost; the candidate of
    the lowest reduced cost is branched on. Its effort grows with the number of clusters: in the customer
    data that it was made for (357 patterns, 600 candidates), 49 nodes for 3 clusters and 9,000 for 8.

    Where the grid has more than `max_grid` candidates, or the distances to all of them more than 40 million
    entries, modes begin as means: `n_init` random starts, at least ten, take four steps of k-means, whose kernel
    is minus the distance (for matching it is k-means on one-hot columns), and three of k-modes. Then rounds of
    crosses follow: a child takes its clusters from two good runs, or one cluster anew, until four rounds bring
    nothing (Fränti 2018). This contest is held on 4,000 of the patterns, drawn at equal steps of their weight; the
    starts and the best three runs, these also after 4 and 12 steps of k-means, then alternate between assignment and new
    modes (Huang 1998) on up to 50,000
    patterns, on a sample of 20,000 where there are more, and the best of these on all. Where the distances
    between all patterns have at most 40 million entries, swaps among the observed patterns follow. Nothing is
    proved about the result.

    Clusters are numbered by weight, largest first; a pattern equally near to several modes goes to the
    first of them. Of equal weights, the cluster with the heaviest single pattern comes first, then the
    one that appears first in X.

    References
    ----------
    Alp, Erkut & Drezner (2003), An efficient genetic algorithm for the p-median problem.
    doi:10.1023/A:1026130003508
    Fisher (1981), The Lagrangian relaxation method for solving integer programming problems.
    doi:10.1287/mnsc.27.1.1
    Schubert & Rousseeuw (2021), Fast and eager k-medoids clustering. doi:10.1016/j.is.2021.101804
    Teitz & Bart (1968), Heuristic methods for estimating the generalized vertex median of a weighted
    graph. doi:10.1287/opre.16.5.955
    Fränti (2018), Efficiency of random swap clustering. doi:10.1186/s40537-018-0122-y
    Huang (1998), Extensions to the k-means algorithm for clustering large data sets with categorical
    values. doi:10.1023/A:1009769707641

    Examples
    --------
    Two kinds of customers, in four rows that stand for 53:

    >>> from segmentry.cluster import KModes
    >>> X = [["young", "one"], ["young", "two"], ["old", "two"], ["old", "one"], ["young", "one"]]
    >>> model = KModes(n_clusters=2, random_state=0).fit(X, sample_weight=[20, 1, 20, 2, 10])
    >>> model.cluster_modes_.tolist()
    [['young', 'one'], ['old', 'two']]
    >>> model.cost_
    3.0
    >>> KModes(n_clusters=2, prove=True, random_state=0).fit(X, sample_weight=[20, 1, 20, 2, 10]).gap_
    0.0
    >>> model.predict([["old", None]]).tolist()
    [1]
    """

    def transform(self, X: Any) -> Any:
        """Return the distances (n_rows, n_clusters) to the modes."""
        return super().transform(X)

    @property
    def _n_features_out(self) -> int:
        """Say how many columns `transform` gives, for `get_feature_names_out`."""
        return len(self.mode_codes_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = tags.input_tags.allow_nan = True
        return tags


class OrdinalKMeans(
    OrdinalKMeansCore, ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator
):
    """k-means on the codes of ordinal levels, each feature standardised.

    Numbers are their own codes; of text and of ordered categories the code is the position in `categories_`.
    Standardised codes pretend that levels are equally far apart and let rare levels weigh much: this is
    here to reproduce and compare, `LatentClass` and `KModes` are made for levels.

    Parameters
    ----------
    n_clusters : int, default=8
        The number of clusters.
    n_init : int, default=20
        The number of k-means++ starts.
    max_iter : int, default=300
        The most Lloyd iterations of a start.
    missing_value : object, default=None
        A value that means missing, beside NaN and None.
    handle_unknown : {'error', 'missing'}, default='error'
        What `predict` and `transform` do with a value unseen in `fit`, or missing: refuse it, or leave the
        feature out of the row's distances.
    random_state : int, RandomState, Generator or None, default=None
        The source of the random starts.

    Attributes
    ----------
    cluster_centers_ : ndarray (n_clusters, n_features)
        The centres, standardised.
    mean_, scale_ : ndarray (n_features,)
        The weighted mean of the codes and their population standard deviation; 1 where a feature is constant.
    level_codes_ : list of ndarray
        Per feature the code of each of its levels.
    categories_ : list of ndarray
        Per feature its levels: the values seen in rows of positive weight, sorted.
    labels_ : ndarray of int (n_rows,)
        The nearest centre of each row.
    inertia_ : float
        The sum over rows of weight times squared distance to the nearest centre.
    n_iter_ : int
        The Lloyd iterations of the best start.
    n_features_in_ : int
        The number of features.
    feature_names_in_ : ndarray of str
        The names of the features, where X has names.

    Notes
    -----
    Equal rows are first collapsed to patterns with summed weights, so a weight of 3 equals three rows.
    scikit-learn's `KMeans` makes the starts and takes every Lloyd step. The best start is improved by random swaps of
    centres (Fränti 2018) until 10 per cluster have brought nothing; the larger the table, the fewer are tried. All runs on
    one thread.

    Clusters are numbered by weight, largest first. Of equal weights, the cluster with the heaviest single
    pattern comes first, then the one that appears first in X.

    References
    ----------
    Fränti (2018), Efficiency of random swap clustering. doi:10.1186/s40537-018-0122-y

    Examples
    --------
    >>> from segmentry.cluster import OrdinalKMeans
    >>> model = OrdinalKMeans(n_clusters=2, random_state=0).fit([[0, 1], [0, 2], [3, 8], [4, 9], [4, 9]])
    >>> model.labels_.tolist()
    [1, 1, 0, 0, 0]
    >>> round(model.inertia_, 3)
    0.291
    """

    def transform(self, X: Any) -> Any:
        """Return the Euclidean distances (n_rows, n_clusters) to the centres."""
        return super().transform(X)

    @property
    def _n_features_out(self) -> int:
        """Say how many columns `transform` gives, for `get_feature_names_out`."""
        return len(self.cluster_centers_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = True
        return tags


_ESTIMATORS: dict[type[Core], type] = {
    LatentClassCore: LatentClass,
    KModesCore: KModes,
    OrdinalKMeansCore: OrdinalKMeans,
    KPrototypesCore: KPrototypes,
}


def estimator_of(core: Core) -> Any:
    """Return a core, fitted or not, as the estimator that scikit-learn knows."""
    estimator = _ESTIMATORS[type(core)](**core.settings())
    estimator.__dict__.update(core.__dict__)
    return estimator
