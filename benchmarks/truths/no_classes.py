"""Tables without classes whose features depend on each other; parameters are drawn anew for every table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from scipy import special

from truths.tables import Floats, Rng, Table, coded, cut, draw_levels, independent, ordered

Maker = Callable[[Rng, int], Table]


def coarsened(rng: Rng, n: int) -> Table:
    """A feature beside its coarsened copy, and four independent others."""
    fine = cut(rng.standard_normal((n, 1)), rng, [int(rng.integers(4, 7))])
    others = independent(rng, n, rng.integers(2, 6, 4))
    return coded(np.hstack([fine, fine // 2, others]), is_ordered=True)


def nominal_plane(rng: Rng, n: int) -> Table:
    """Nominal answers from two normal dimensions."""
    place = rng.standard_normal((n, 2))
    columns = []
    for m in rng.integers(3, 7, 6):
        slopes, level = rng.normal(0, 1.2, (m, 2)), rng.normal(0, 0.5, m)
        columns.append(draw_levels(place @ slopes.T + level, rng))
    return coded(np.column_stack(columns), is_ordered=False)


def factors(number: int, correlation: float, rng: Rng, n: int) -> Table:
    """Normal factors, each behind three or four ordered features."""
    spread = np.full((number, number), correlation) + (1 - correlation) * np.eye(number)
    place = rng.multivariate_normal(np.zeros(number), spread, n)
    n_features = number * int(rng.integers(3, 5)) if number < 3 else 3 * number
    loadings = rng.uniform(0.5, 0.85, n_features)
    own = rng.standard_normal((n, n_features)) * np.sqrt(1 - loadings**2)
    return ordered(place[:, np.arange(n_features) % number] * loadings + own, rng)


def demographic(rng: Rng, n: int) -> Table:
    """Age, and marital status, children, income by rules of it; education and region beside them."""
    age = rng.uniform(18, 85, n)
    education = rng.integers(0, 4, n)
    middle, late = (age - 30) / 8, (age - 72) / 8
    marital = draw_levels(np.column_stack([0 * age, middle, 0.6 * middle - 1.2, middle + late - 1]), rng)
    eager = rng.normal(0.8, 0.8, n) - ((age - 41) / 14) ** 2 + 0.8 * (marital == 1)
    children = np.digitize(eager, [-0.2, 0.9])
    earned = 0.35 * education - ((age - 52) / 22) ** 2 + rng.normal(0, 0.6, n)
    region = rng.integers(0, 4, n)
    cuts = cut(np.column_stack([age, earned]), rng, [5, 5])
    codes = np.column_stack([cuts, marital, children, education, region])
    return coded(codes, is_ordered=[True, True, False, True, True, False])


def redundant_pairs(rng: Rng, n: int) -> Table:
    """Two pairs of features that say nearly the same, and three independent others."""
    codes = independent(rng, n, [4, 4, 3, 3, 4, 3, 2])
    for first in (0, 2):
        is_same = rng.random(n) < rng.uniform(0.6, 0.9)
        codes[is_same, first + 1] = codes[is_same, first]
    return coded(codes, is_ordered=False)


def chain(correlation: float, rng: Rng, n: int) -> Table:
    """Each feature depends on the one before it (normal, cut)."""
    values = rng.standard_normal((n, int(rng.integers(6, 9))))
    for j in range(1, values.shape[1]):
        values[:, j] = correlation * values[:, j - 1] + np.sqrt(1 - correlation**2) * values[:, j]
    return ordered(values, rng)


def random_correlations(rng: Rng, n: int) -> Table:
    """Normal features with random correlations."""
    m = int(rng.integers(5, 8))
    return ordered(rng.standard_normal((n, m)) @ rng.standard_normal((m, m + 2)), rng)


def adding_up(rng: Rng, n: int) -> Table:
    """Shares of spending in five categories, which add up to one."""
    spread = rng.standard_normal((5, 5)) * 0.5 + np.eye(5)
    spent = np.exp(rng.standard_normal((n, 5)) @ spread)
    return ordered(spent / spent.sum(axis=1, keepdims=True), rng, rng.integers(3, 6, 5).tolist())


def recency_frequency_spend(rng: Rng, n: int) -> Table:
    """Purchases at gamma distributed rates: recency, frequency, spend, mean basket, tenure."""
    tenure = rng.uniform(0.3, 5, n)
    rate = rng.gamma(rng.uniform(0.8, 2), 2, n)
    frequency = 1 + rng.poisson(rate * tenure)
    recency = np.minimum(rng.exponential(1, n) / (rate + 0.2), tenure)
    basket = np.exp(rng.normal(0, 0.7, n) + rng.normal(0, 1, n) / np.sqrt(frequency))
    columns = [recency, frequency, basket * frequency, basket, tenure]
    return ordered(np.column_stack(columns), rng, rng.integers(3, 6, 5).tolist())


def skipping(rng: Rng, n: int) -> Table:
    """Independent answers; a continuous tendency to skip, and skipped is a level of its own."""
    codes = independent(rng, n, rng.integers(2, 6, int(rng.integers(6, 9))))
    tendency = rng.standard_normal((n, 1))
    skips = rng.random(codes.shape) < special.expit(rng.uniform(-2.5, -1.5) + 1.3 * tendency)
    return coded(np.where(skips, codes.max() + 1, codes), is_ordered=False)


def straightliners(rng: Rng, n: int) -> Table:
    """Eight independent answers of five levels; 5 to 10 % of the customers tick the same level throughout."""
    codes = independent(rng, n, [5] * 8)
    lazy = rng.random(n) < rng.uniform(0.05, 0.10)
    codes[lazy] = rng.integers(0, 5, n)[lazy, None]
    return coded(codes, is_ordered=True)


def guessing(rng: Rng, n: int) -> Table:
    """Ten questions, right or wrong, by one ability; who does not know guesses."""
    ability = rng.standard_normal((n, 1))
    knows = special.expit(rng.uniform(1, 2.5, 10) * (ability - rng.normal(0, 1, 10)))
    guess = rng.uniform(0.1, 0.35, 10)
    return coded((rng.random((n, 10)) < guess + (1 - guess) * knows).astype(np.int64), is_ordered=True)


def markov(rng: Rng, n: int) -> Table:
    """The state of a customer in six months: a Markov chain, the same for all."""
    m = int(rng.integers(3, 5))
    stays = rng.uniform(0.3, 0.65)
    moves = stays * np.eye(m) + (1 - stays) * rng.dirichlet(np.full(m, 3.0), m)
    state = rng.integers(0, m, n)
    months = []
    for _ in range(10):  # the first four are not seen
        state = draw_levels(np.log(moves[state]), rng)
        months.append(state)
    return coded(np.column_stack(months[4:]), is_ordered=False)


def gradient(rng: Rng, n: int) -> Table:
    """Nominal features whose levels come and go along one uniform covariate, which is not seen."""
    place = rng.random((n, 1))
    columns = []
    for m in rng.integers(3, 6, 6):
        centres, width = rng.permutation(np.linspace(0, 1, m)), rng.uniform(0.25, 0.5)
        columns.append(draw_levels(-(((place - centres) / width) ** 2) / 2, rng))
    return coded(np.column_stack(columns), is_ordered=False)


def circle(rng: Rng, n: int) -> Table:
    """Nominal features by the season, a circle without ends."""
    angle = rng.uniform(0, 2 * np.pi, (n, 1))
    return _by_season(angle, rng)


def carousel(rng: Rng, n: int) -> Table:
    """Nominal features whose levels come and go along a circle, each for a time of its own."""
    angle = rng.uniform(0, 2 * np.pi, (n, 1))
    columns = []
    for m in rng.integers(3, 6, 6):
        peaks = rng.uniform(0, 2 * np.pi) + np.linspace(0, 2 * np.pi, m, endpoint=False)
        apart = np.angle(np.exp(1j * (angle - rng.permutation(peaks))))
        columns.append(draw_levels(-((apart / rng.uniform(0.5, 1.3)) ** 2) / 2, rng))
    return coded(np.column_stack(columns), is_ordered=False)


def crowded_circle(rng: Rng, n: int) -> Table:
    """Nominal features by the season, of which one has twice to four times as many customers as the opposite one."""
    angle = rng.vonmises(0, rng.uniform(0.35, 0.7), (n, 1))
    return _by_season(angle, rng)


def dial(rng: Rng, n: int) -> Table:
    """Ordered features that rise to one side of a circle and fall to the other."""
    angle = rng.uniform(0, 2 * np.pi, (n, 1))
    rise = rng.uniform(0.8, 1.5, 6) * np.cos(angle - rng.uniform(0, 2 * np.pi, 6))
    return ordered(rise + 0.6 * rng.standard_normal((n, 6)), rng)


def blend(rng: Rng, n: int) -> Table:
    """Every customer is a blend of three profiles, by shares that are spread evenly (grade of membership)."""
    shares = rng.dirichlet(np.ones(3), n)
    columns = [
        draw_levels(np.log(shares @ rng.dirichlet(np.full(m, 0.6), 3) + 1e-9), rng)
        for m in rng.integers(3, 6, 7)
    ]
    return coded(np.column_stack(columns), is_ordered=False)


def heavy_tails(rng: Rng, n: int) -> Table:
    """A copula with heavy tails (t, 2 degrees of freedom) and correlations of .1 to .4, cut in the tails, too."""
    m = int(rng.integers(5, 8))
    correlation = rng.uniform(0.1, 0.4)
    normal = np.sqrt(correlation) * rng.standard_normal((n, 1))
    normal = normal + np.sqrt(1 - correlation) * rng.standard_normal((n, m))
    values = normal / np.sqrt(rng.chisquare(2, (n, 1)) / 2)
    cuts = [np.digitize(v, np.quantile(v, [0.05, 0.3, 0.7, 0.95])) for v in values.T]
    return coded(np.column_stack(cuts), is_ordered=True)


def quotas(rng: Rng, n: int) -> Table:
    """Age, sex and region by quotas, all cells alike; four answers with additive effects of each."""
    cell = rng.permutation(np.arange(n) % 24)
    frame = np.column_stack([cell % 4, cell // 4 % 2, cell // 8])
    answers = rng.standard_normal((n, 4))
    for j, m in enumerate((4, 2, 3)):
        answers += rng.normal(0, 0.45, (m, 4))[frame[:, j]]
    return coded(np.hstack([frame, cut(answers, rng)]), is_ordered=[True, False, False, *[True] * 4])


def response_style(rng: Rng, n: int) -> Table:
    """Eight answers of five levels by two factors; customers differ in how extreme, and how willingly, they agree."""
    place = rng.standard_normal((n, 2))
    loadings = rng.uniform(0.4, 0.8, 8)
    answers = place[:, np.arange(8) % 2] * loadings + 0.7 * rng.standard_normal((n, 8))
    answers = answers * np.exp(0.5 * rng.standard_normal((n, 1))) + 0.4 * rng.standard_normal((n, 1))
    return coded(np.digitize(answers + rng.normal(0, 0.3, 8), [-1.5, -0.5, 0.5, 1.5]), is_ordered=True)


def ladder(rng: Rng, n: int) -> Table:
    """Seven products that are bought one after the other: a steep scale with a few who leave one out."""
    reach = rng.normal(0, 1.3, (n, 1))
    owned = rng.random((n, 7)) < special.expit(3.5 * (reach - np.linspace(-1.8, 1.8, 7)))
    return coded(owned.astype(np.int64), is_ordered=True)


def _by_season(angle: Floats, rng: Rng) -> Table:
    """Nominal features whose levels are each most frequent at one of the angles (n, 1)."""
    columns = []
    for m in rng.integers(3, 6, 6):
        peaks = rng.uniform(0, 2 * np.pi) + np.linspace(0, 2 * np.pi, m, endpoint=False)
        columns.append(draw_levels(rng.uniform(0.8, 1.8) * np.cos(angle - rng.permutation(peaks)), rng))
    return coded(np.column_stack(columns), is_ordered=False)


def one_factor(rng: Rng, n: int) -> Table:
    """One factor, normal, uniform, exponential or with heavy tails, behind six ordered features."""
    draws: list[Floats] = [rng.standard_normal(n), rng.uniform(-1.7, 1.7, n), rng.exponential(1, n)]
    place = [*draws, rng.standard_t(3, n)][int(rng.integers(4))]
    return ordered(place[:, None] * rng.uniform(0.5, 2.5, 6) + rng.logistic(size=(n, 6)), rng)


NO_CLASSES: dict[str, Maker] = {
    "one-factor": one_factor,
    "coarsened": coarsened,
    "nominal-plane": nominal_plane,
    "two-factors": partial(factors, 2, 0.0),
    "two-factors-correlated": partial(factors, 2, 0.5),
    "three-factors": partial(factors, 3, 0.3),
    "demographic": demographic,
    "redundant-pairs": redundant_pairs,
    "chain": partial(chain, 0.4),
    "chain-strong": partial(chain, 0.7),
    "random-correlations": random_correlations,
    "adding-up": adding_up,
    "recency-frequency-spend": recency_frequency_spend,
    "skipping": skipping,
    "straightliners": straightliners,
    "guessing": guessing,
    "markov": markov,
    "gradient": gradient,
    "circle": circle,
    "carousel": carousel,
    "crowded-circle": crowded_circle,
    "dial": dial,
    "blend": blend,
    "heavy-tails": heavy_tails,
    "quotas": quotas,
    "response-style": response_style,
    "ladder": ladder,
}
