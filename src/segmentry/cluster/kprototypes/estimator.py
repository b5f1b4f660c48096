"""`KPrototypes`, as scikit-learn knows it."""

from __future__ import annotations

from segmentry.cluster.estimators import DistanceEstimator
from segmentry.cluster.kprototypes.model import KPrototypesModel


class KPrototypes(DistanceEstimator, KPrototypesModel):
    """Clusters of rows with numbers and levels, around means and modes.

    The cost is the weighted sum of dissimilarities to the nearest prototype: the squared Euclidean distance
    of the numeric features to the cluster's means, plus `gamma` for each categorical feature whose level is
    not the cluster's mode. Numbers enter as they are: where their units differ, scale them first, for
    example in a pipeline, or the feature with the largest numbers decides alone.

    Parameters
    ----------
    n_clusters : int, default=8
        The number of clusters.
    categorical : sequence of str or int, default=None
        The names or positions of the categorical features; all others are numeric. None decides by type:
        text, booleans, categories and enumerations are categorical, numbers are numeric. A column of
        objects is numeric where all its values are numbers.
    gamma : float, default=None
        Cost of a level that differs from the mode, at least 0. None takes half the mean standard
        deviation of the numeric features, or 1 where no number varies.
    n_init : int, default=10
        The number of random starts.
    max_iter : int, default=100
        The most alternations of one descent.
    missing_value : object, default=None
        A value that means missing, beside NaN and None. A missing level costs 0; a missing number is refused.
    handle_unknown : {'error', 'missing'}, default='error'
        Treatment of values in new rows that `fit` has not seen: an error, or missing.
    random_state : int, RandomState, Generator or None, default=None
        The source of the random starts.

    Attributes
    ----------
    cluster_centers_ : ndarray (n_clusters, n_numeric)
        The means of the numeric features, in the units of X.
    cluster_modes_ : ndarray (n_clusters, n_categorical)
        The modes of the categorical features, in the values of X; None where a feature has no value at all.
    mode_codes_ : ndarray of int (n_clusters, n_categorical)
        The modes as positions in `categories_`.
    categories_ : list of ndarray
        Levels of each categorical feature: the values seen in rows of positive weight, sorted.
    numeric_features_, categorical_features_ : ndarray of int
        The positions in X of the numeric and of the categorical features.
    gamma_ : float
        Cost of a level that differs from the mode: `gamma`, or what None stands for.
    labels_ : ndarray of int (n_rows,)
        The nearest prototype of each row; of equally near ones the first.
    cost_ : float
        The sum over rows of weight times dissimilarity to the nearest prototype.
    n_best_ : int
        Number of the `n_init` starts that reached the lowest cost (in a sample, where starts compete on one).
        3 say that the search ended early; 1 calls for more starts.
    n_iter_ : int
        The alternations of the last descent to the prototypes.
    n_features_in_ : int
        The number of features.
    feature_names_in_ : ndarray of str
        The names of the features, where X has names.

    Notes
    -----
    Equal rows are first collapsed to distinct rows with summed weights, so a weight of 3 equals three rows:
    in the means, the modes, the standard deviations of `gamma_`, and the chances of a row to be a start.

    Starts are drawn by weight times dissimilarity, greedily (k-means++), and each alternates between
    assignment and new prototypes (Huang 1998). Then rows replace prototypes of each start, the best first,
    where that lowers the cost (Lattanzi & Sohler 2019, Fränti 2018), until 15 swaps in a row bring nothing;
    three starts at the same cost end the search, and large tables leave time for the best starts alone.
    From 50,000 distinct rows on, starts and swaps work on a sample of 20,000 drawn by weight, and the best
    few compete on all. Nothing is proved about the result.

    A level missing from a row counts neither for nor against any mode. Equally frequent levels of a cluster:
    the one that weighs most in all rows is the mode, then the one that appears first in X.

    Clusters are numbered by weight, largest first. Of equal weights, the cluster with the heaviest single
    distinct row comes first, then the one that appears first in X.

    References
    ----------
    Huang (1997), Clustering large data sets with mixed numeric and categorical values. Proceedings of the
    First Pacific-Asia Conference on Knowledge Discovery and Data Mining, 21-34.
    Huang (1998), Extensions to the k-means algorithm for clustering large data sets with categorical
    values. doi:10.1023/A:1009769707641
    Arthur & Vassilvitskii (2007), k-means++: the advantages of careful seeding. Proceedings of the
    Eighteenth Annual ACM-SIAM Symposium on Discrete Algorithms, 1027-1035.
    Fränti (2018), Efficiency of random swap clustering. doi:10.1186/s40537-018-0122-y
    Lattanzi & Sohler (2019), A better k-means++ algorithm via local search. Proceedings of Machine
    Learning Research 97, 3662-3671.

    Examples
    --------
    Age in decades beside two habits; the fourth row stands for ten customers, and one habit is not known:

    >>> from segmentry.cluster import KPrototypes
    >>> X = [[2.1, "web", "gold"], [2.4, "web", "gold"], [6.8, "shop", "gold"], [7.2, "shop", None]]
    >>> model = KPrototypes(n_clusters=2, gamma=0.5, random_state=0)
    >>> model.fit(X, sample_weight=[5, 4, 2, 10]).labels_.tolist()
    [1, 1, 0, 0]
    >>> model.cluster_centers_.round(2).tolist()
    [[7.13], [2.23]]
    >>> model.cluster_modes_.tolist()
    [['shop', 'gold'], ['web', 'gold']]
    >>> model.predict([[4.0, "web", None]]).tolist()
    [1]
    """
