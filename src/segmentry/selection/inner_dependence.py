"""Classes whose customers differ inside: fewer of them may describe a table better than many that are alike inside.

Latent classes take the features as independent inside a class. Where they are not, BIC takes ever more classes, the more the more
customers there are. So every number of classes is also fitted beside a continuous trait that all customers have (factor mixture
models; Lubke & Muthén 2005), on so few customers that small departures from a model do not ask for further classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from segmentry.arrays import Floats
from segmentry.cluster import one_thread
from segmentry.cluster.latent_class.criteria import n_class_parameters
from segmentry.patterns import PatternTable, joined_as_one
from segmentry.selection.continuum import Traits, TraitShape, fit_traits
from segmentry.selection.count_tables import CountTables, observed_table, sample_table
from segmentry.selection.local_dependence import (
    LocalDependence,
    dependent_pairs,
    known_together,
    with_pair_joined,
)
from segmentry.selection.null_models import bic_of, hardest_null

MOST_CUSTOMERS = 2_500
"""Customers that are looked at. Three classes with dependent pairs of features: so many need 4 or 5 classes by BIC, 20,000 need
12; on 20,000 no number of classes beside traits is preferred, on 2,000 three are."""
_FURTHER = 2
"""Further draws of so many customers, in one of which what is found in the first has to be found again."""
_STARTS, _MOST_CLASSES, _RISES = 10, 15, 2
_FIRST_CYCLES, _MORE_CYCLES, _LAST_CYCLES = 6, 12, 30
"""Cycles of EM for each kind of slopes, further ones of the better kind, and further ones of the two best numbers."""
_MOST_WITH_TWO_TRAITS, _FEWEST_FEATURES = 4, 3


@dataclass(frozen=True)
class InnerDependence:
    """How well some customers are described by classes, by classes with traits inside, and without classes.

    Attributes
    ----------
    n_customers
        Customers that the models were fitted to.
    n_classes, classes_bic
        Number of latent classes with the lowest BIC, and that BIC.
    n_mixed, mixed_bic
        Number of classes, at least two, beside one or two traits with the lowest BIC; 0 and infinity where there is none.
    null_bic
        BIC of the hardest model without classes; infinity where `mixed_bic` is not below `classes_bic`.
    pair
        Two features that classes leave dependent, with what joining them would gain; None where no pair asks for it.
    """

    n_customers: int
    n_classes: int
    classes_bic: float
    n_mixed: int
    mixed_bic: float
    null_bic: float
    pair: LocalDependence | None = None

    @property
    def joined_pair(self) -> LocalDependence | None:
        """The pair of features that describes the customers better when it is joined than classes alone and beside traits do."""
        pair = self.pair
        is_better = pair is not None and pair.joined_bic < min(pair.apart_bic, self.mixed_bic)
        return pair if is_better else None

    @property
    def is_found(self) -> bool:
        """Whether customers differ inside the classes."""
        return self.mixed_bic < self.classes_bic

    @property
    def is_continuum(self) -> bool:
        """Whether no classes describe the customers better."""
        return self.is_found and self.null_bic < self.mixed_bic

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> InnerDependence:
        """Rebuild it from plain values."""
        pair = content.get("pair")
        return cls(**{**content, "pair": None if pair is None else LocalDependence.from_dict(pair)})


def measure_inner_dependence(patterns: PatternTable, *, seed: int = 0) -> InnerDependence:
    """Fit classes, classes with traits inside, and where these describe customers better, models without classes."""
    rng, whole = np.random.default_rng([seed, 2]), joined_as_one(patterns)
    with one_thread():
        search = _Search(_looked_at(whole, rng))
        table, (classes, bics, mixed) = search.table, search.models(rng)
        best = min(bics, key=bics.__getitem__)
        if search.is_better(mixed, bics) and table.n_customers < patterns.n_customers:
            mixed = mixed if _is_found_again(whole, seed) else None
        n_mixed, mixed_bic = mixed.shape.n_classes if mixed else 0, search.bic(mixed) if mixed else np.inf
        null_bic = bic_of(hardest_null(table), table.n_customers) if mixed_bic < bics[best] else np.inf
        own = {f.name for f in patterns.features if f.distribution == "levels"}
        allowed = [f.name if f.name in own else None for f in whole.features]
        mixtures = {k: classes[k][0] for k in classes if k <= best}
        pair = search.dependent_pair(allowed, mixtures, (best, bics[best]), np.random.default_rng([seed, 4]))
    return InnerDependence(table.n_customers, best, bics[best], n_mixed, mixed_bic, null_bic, pair)


def _looked_at(whole: PatternTable, rng: np.random.Generator) -> CountTables:
    return sample_table(observed_table(whole, rng)[0], MOST_CUSTOMERS, rng).grouped()


def _is_found_again(whole: PatternTable, seed: int) -> bool:
    """Whether classes with traits inside describe other customers better, too: in one of two further draws."""
    for draw in range(1, _FURTHER + 1):
        rng = np.random.default_rng([seed, 2, draw])
        search = _Search(_looked_at(whole, rng))
        _, bics, mixed = search.models(rng)
        if search.is_better(mixed, bics):
            return True
    return False


class _Search:
    def __init__(self, table: CountTables) -> None:
        self.table, self.data = table, table.replicates()
        self.log_n = float(np.log(table.n_customers))

    def classes(self, rng: np.random.Generator, most: int = _MOST_CLASSES) -> dict[int, tuple[Any, float]]:
        """Return the mixture and the log-likelihood of each number of classes up to `most`, until BIC rises twice."""
        found: dict[int, tuple[Any, float]] = {}
        bics: list[float] = []
        for k in range(1, min(most, len(self.data.weights[0])) + 1):
            fit = self.data.fit(k, _STARTS, rng)
            found[k] = fit.parameters[:, 0], float(fit.log_likelihoods[0])
            bics.append(self.class_bic(k, found[k][1]))
            if len(bics) > _RISES and all(b > a for a, b in pairwise(bics[-_RISES - 1 :])):
                break
        return found

    def models(
        self, rng: np.random.Generator
    ) -> tuple[dict[int, tuple[Any, float]], dict[int, float], Traits | None]:
        """Return the classes by their number, their BIC, and the best classes beside traits."""
        classes = self.classes(rng)
        bics = {k: self.class_bic(k, value) for k, (_, value) in classes.items()}
        best = min(bics, key=bics.__getitem__)
        return classes, bics, self.mixed({k: classes[k][0] for k in classes if 2 <= k <= best}, bics)

    def is_better(self, mixed: Traits | None, bics: dict[int, float]) -> bool:
        """Whether classes beside traits describe the customers better than any number of classes alone."""
        return mixed is not None and self.bic(mixed) < min(bics.values())

    def best(self, rng: np.random.Generator, most: int = _MOST_CLASSES) -> tuple[int, float]:
        """Return the number of classes up to `most` with the lowest BIC, and that BIC."""
        bics = {k: self.class_bic(k, value) for k, (_, value) in self.classes(rng, most).items()}
        k = min(bics, key=bics.__getitem__)
        return k, bics[k]

    def dependent_pair(
        self,
        names: list[str | None],
        mixtures: dict[int, Floats],
        best: tuple[int, float],
        rng: np.random.Generator,
    ) -> LocalDependence | None:
        """Return the pair of features that gains most by being joined.

        `names` are those of features that can be joined, `best` the number of classes with the lowest BIC, and that BIC. Customers who
        lack one of the two lack both here. Joined, a pair makes no more classes than apart. The only two features of a table are no pair:
        joined, there is nothing that classes could tell apart.
        """
        if len(names) < _FEWEST_FEATURES:
            return None
        found = list[LocalDependence]()
        for i, j, residual in dependent_pairs(self.table, mixtures, [name is not None for name in names]):
            known = known_together(self.table, i, j)
            apart = best if known is self.table else _Search(known).best(rng)
            joined = _Search(with_pair_joined(known, i, j)).best(rng, apart[0])
            found.append(LocalDependence((str(names[i]), str(names[j])), residual, *apart, *joined))
        return min(found, key=lambda one: one.joined_bic - one.apart_bic, default=None)

    def class_bic(self, k: int, log_likelihood: float) -> float:
        return self.log_n * n_class_parameters(k, self.data.n_levels) - 2 * log_likelihood

    def bic(self, traits: Traits) -> float:
        price = self.log_n * traits.shape.n_parameters(self.data.n_levels)
        return price - 2 * float(traits.log_likelihoods[0])

    def mixed(self, classes: dict[int, Any], bics: dict[int, float]) -> Traits | None:
        """Return the best classes beside traits, from the largest number down until BIC rises twice."""
        lowest, found = min(bics.values()), list[Traits]()
        for k in sorted(classes, reverse=True):
            found.append(self._with_traits(classes[k], bics[k]))
            values = [self.bic(one) for one in found]
            is_rising = len(values) > _RISES and all(b > a for a, b in pairwise(values[-_RISES - 1 :]))
            if is_rising or (len(values) == _RISES and min(values) >= lowest):
                break
        kept = [
            fit_traits(self.data, one.shape, one, _LAST_CYCLES) for one in sorted(found, key=self.bic)[:2]
        ]
        return min(kept, key=self.bic, default=None)

    def _with_traits(self, mixture: Any, class_bic: float) -> Traits:
        """Put one trait beside classes; two, where one describes the customers better than the classes alone."""
        k = len(mixture)
        shapes = [TraitShape(1, False, is_by_rank, k) for is_by_rank in (True, False)]
        one = min((fit_traits(self.data, shape, mixture, _FIRST_CYCLES) for shape in shapes), key=self.bic)
        one = fit_traits(self.data, one.shape, one, _MORE_CYCLES)
        if k > _MOST_WITH_TWO_TRAITS or self.bic(one) >= class_bic or len(self.data.n_levels) < 4:
            return one
        shape = TraitShape(2, False, one.shape.is_by_rank, k)
        return min(one, fit_traits(self.data, shape, mixture, _FIRST_CYCLES + _MORE_CYCLES), key=self.bic)
