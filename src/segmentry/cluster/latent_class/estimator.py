"""`LatentClass`, as scikit-learn knows it."""

from __future__ import annotations

from segmentry.cluster.estimators import CategoricalEstimator
from segmentry.cluster.latent_class.model import LatentClassModel


class LatentClass(CategoricalEstimator, LatentClassModel):
    """Latent classes: within a class the features are independent, and each row belongs to one class.

    The classes are fitted by maximum likelihood, or with a weak prior against probabilities of 0 and 1. Missing cells are
    marginalised, which is right when they are missing at random. A feature has a probability for each level in
    each class, or, where its levels are ordered, a centre and a spread. `bic_` judges the number of classes, one class
    included; `predict_proba` says how certain each row's class is.

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
    distributions : {'levels', 'ordered'} or list of them, one per feature, default=None
        What a class has in a feature: with 'levels' (None is the same) a probability for each level; with 'ordered' a
        centre and a spread. Ordered levels are numbers or an ordered categorical, at most 256: cut numbers into
        intervals first. See the notes.
    joined : list of pairs of features, default=None
        Features that may depend on each other inside the classes (local dependence; direct effects), by name or position:
        a class has one table of probabilities over the levels of both. Each feature is in at most one pair. See the notes.
    missing_value : object, default=None
        A value that means missing, beside NaN and None.
    handle_unknown : {'error', 'missing'}, default='error'
        Treatment of values in new rows that `fit` has not seen: an error, or missing.
    random_state : int, RandomState, Generator or None, default=None
        The source of the random starts.

    Attributes
    ----------
    class_prior_ : ndarray (n_components,)
        The share of each class.
    response_proba_ : list of ndarray (n_components, n_levels)
        Probabilities of the levels of each feature in each class.
    centres_, spreads_ : ndarray (n_components, n_features)
        Centre and spread of each class in each ordered feature, NaN in the others, on a scale on which all rows have the
        mean 0 and the standard deviation 1. Only where a feature is ordered.
    thresholds_ : list of ndarray (n_levels - 1,)
        Where the levels of each ordered feature end on that scale; empty for the others. Only where a feature is ordered.
    joined_proba_ : list of ndarray (n_components, n_first_levels, n_second_levels)
        Probabilities of the combinations of each pair's levels in each class, whose sums are in `response_proba_`. Only where
        features are joined.
    categories_ : list of ndarray
        Levels of each feature: the values seen in rows of positive weight, sorted.
    labels_ : ndarray of int (n_rows,)
        The most probable class of each row.
    log_likelihood_ : float
        The sum over rows of weight times log-likelihood, without the prior.
    n_parameters_ : int
        Free parameters: ``(k - 1) + k * sum(n_levels - 1)``; an ordered feature counts ``n_levels - 1 + 2 * (k - 1)``.
        Joined features count as one, whose levels are the combinations that rows have.
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
        Number of response probabilities within 1e-6 of 0 or 1, in features with more than one level; not of ordered ones.
    duplicate_classes_ : tuple of (int, int)
        Pairs of classes whose response probabilities all differ by at most 0.001, with a warning; in ordered features
        their cumulated ones.
    empty_classes_ : tuple of int
        Classes that are no row's most probable one, rows of weight 0 aside; with a warning.
    converged_ : bool
        Whether the run that was kept has converged.
    n_best_ : int
        Number of the `n_init` random starts that reached the best log-likelihood (with the prior) by themselves, to
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
    competition is held on a sample of 20,000 of them, and its winner is followed on all; with ordered features on
    all of them where they are at most 50,000 on twelve levels.

    With a `prior` of a, EM maximises the log-likelihood plus ``a * sum(m[j][r] * log p[c, j][r])`` over
    classes c, features j and levels r, ``m[j]`` being the shares of the levels in all rows, plus
    ``a / k * sum(log class_prior_[c])``: as if each class had a more rows in every feature, spread over its
    levels as all rows are, and as if a more rows were spread evenly over the classes (Galindo-Garre &
    Vermunt 2006). Likelihood and criteria remain those of the data alone.

    An ordered feature is seen through thresholds: level l has in class c the probability ``F((t[l] - centre[c]) / spread[c])
    - F((t[l - 1] - centre[c]) / spread[c])``, F being the standard normal distribution. The thresholds are the same in all classes
    and are estimated with them, so nothing but the order of the levels counts: any increasing transformation of a number
    gives the same classes, one class has the shares of the levels exactly, whatever their shape, and a second one is
    worth its parameters only where features depend on each other. Ordered features always have a prior of at least one
    row; without it classes drift to spikes within a level. A feature of two levels has probabilities either way. Starts
    compete on twelve levels.

    Joined features are seen as one whose levels are all combinations (Hagenaars 1988), which leaves their dependence on each
    other out of what makes the classes. A row in which one of the two is missing counts with the sum of the combinations that it may
    be. A new row with a combination that no row of `fit` had is placed as if the two were independent inside the classes.
    `bivariate_residuals` says which pairs ask for it, `bic_` whether it is worth its parameters.

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
    Hagenaars (1988), Latent structure models with direct effects between indicators: local dependence models.
    doi:10.1177/0049124188016003002
    Vermunt & Magidson (2016), Technical guide for Latent GOLD 5.1, on the entropy R² and on bivariate
    residuals.

    Examples
    --------
    Sixty customers in four patterns, the last cell of one is not known:

    >>> import numpy as np
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

    Ages and spendings of which only the order counts; younger customers spend more:

    >>> ages, spent = [20, 25, 30, 60, 65, 70], [90, 50, 80, 20, 10, 30]
    >>> X = [[a, s] for a, s in zip(ages * 20, spent * 20)]
    >>> model = LatentClass(2, distributions="ordered", random_state=0).fit(X)
    >>> model.predict([[20, 90], [70, 10]]).tolist(), (model.centres_[0] * model.centres_[1] < 0).all().item()
    ([0, 1], True)

    Two of four questions ask nearly the same; joined, they no longer count twice:

    >>> rng = np.random.default_rng(0)
    >>> group, own = rng.integers(0, 2, 500), rng.integers(0, 2, 500)
    >>> asked = [np.where(rng.random(500) < 0.8, group, 1 - group) for _ in range(3)]
    >>> again = [np.where(rng.random(500) < 0.9, own, 1 - own) for _ in range(2)]
    >>> X = np.column_stack([*asked, *again])
    >>> apart, joined = (LatentClass(2, joined=pairs, random_state=0).fit(X) for pairs in (None, [(3, 4)]))
    >>> bool(apart.bivariate_residuals(X)[0, 1] > 20), bool(joined.bivariate_residuals(X)[0, 1] < 1)
    (True, True)
    """
