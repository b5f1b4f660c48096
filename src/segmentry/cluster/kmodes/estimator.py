"""`KModes`, as scikit-learn knows it."""

from __future__ import annotations

from segmentry.cluster.estimators import DistanceEstimator
from segmentry.cluster.kmodes.model import KModesModel


class KModes(DistanceEstimator, KModesModel):
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
        Treatment of values in new rows that `fit` has not seen: an error, or missing.
    random_state : int, RandomState, Generator or None, default=None
        The source of the random starts.

    Attributes
    ----------
    cluster_modes_ : ndarray (n_clusters, n_features)
        The modes in the values of X; None where a feature has no value at all.
    mode_codes_ : ndarray of int (n_clusters, n_features)
        The modes as positions in `categories_`.
    categories_ : list of ndarray
        Levels of each feature: the values seen in rows of positive weight, sorted.
    labels_ : ndarray of int (n_rows,)
        The nearest mode of each row; of equally near ones the first.
    cost_ : float
        The sum over rows of weight times distance to the nearest mode.
    lower_bound_ : float
        Least cost of any modes; `cost_` itself where the proof is complete (to one part in 10⁹
        where costs are not whole multiples of a 60th), NaN where nothing is proved: without `prove`, or
        beyond `max_grid`.
    gap_ : float
        ``(cost_ - lower_bound_) / cost_``: 0 says that the modes are proved to be the best.
    proof_ : str
        Sentence on what is proved, or why nothing is.
    n_best_ : int
        Number of the `n_init` random starts that reached the lowest cost by themselves; in a sample, where starts
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
