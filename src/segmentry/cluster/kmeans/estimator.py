"""`OrdinalKMeans`, as scikit-learn knows it."""

from __future__ import annotations

from segmentry.cluster.estimators import DistanceEstimator
from segmentry.cluster.kmeans.model import OrdinalKMeansModel


class OrdinalKMeans(DistanceEstimator, OrdinalKMeansModel):
    """k-means on the codes of ordinal levels, each feature standardised.

    Numbers are their own codes; of text and of ordered categories the code is the position in `categories_`.
    Standardised codes pretend that levels are equally far apart and let rare levels weigh much: this is
    here to reproduce and compare, `LatentClass` and `KModes` are made for levels. `fit` takes no missing values.

    Parameters
    ----------
    n_clusters : int, default=8
        The number of clusters.
    n_init : int, default=20
        The number of k-means++ starts.
    max_iter : int, default=300
        The most Lloyd iterations of a start.
    distributions : {'levels', 'ordered'} or list of them, default=None
        How each feature is taken: by its codes, or, where it is 'ordered', by the normal scores of its levels, which hang on their
        order and shares alone, as in `LatentClass`.
    missing_value : object, default=None
        A value that means missing, beside NaN and None.
    handle_unknown : {'error', 'missing'}, default='error'
        Treatment of values in new rows that are missing, or that `fit` has not seen: an error, or distances
        without the feature.
    random_state : int, RandomState, Generator or None, default=None
        The source of the random starts.

    Attributes
    ----------
    cluster_centers_ : ndarray (n_clusters, n_features)
        The centres, standardised.
    mean_, scale_ : ndarray (n_features,)
        The weighted mean of the codes and their population standard deviation; 1 where a feature is constant.
    level_codes_ : list of ndarray
        Codes of the levels of each feature; normal scores where it is ordered.
    categories_ : list of ndarray
        Levels of each feature: the values seen in rows of positive weight, sorted.
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
    Starts are those of greedy k-means++ and are followed by Lloyd's algorithm until no row changes its cluster. The best
    is improved by random swaps of centres (Fränti 2018) until 20 per cluster have brought nothing; the larger the table, the
    fewer are tried. All runs on one thread.

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
