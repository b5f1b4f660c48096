"""One source segmented again and again, by a recipe that changes: what the studio asks of the stages of a run."""

from __future__ import annotations

import json
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from segmentry.cluster import PatternModel
from segmentry.collecting.collection import Fine, collect_counts, collect_sums, counted_alone
from segmentry.collecting.fine_levels import LEAST_MODELLED
from segmentry.drafting.offers import ColumnOffer, column_offers
from segmentry.engine import Interruptible, LoggedQuery, Remembers
from segmentry.engine.inputs import stamps_of
from segmentry.errors import SegmentryError, SegmentryWarning
from segmentry.patterns import FeatureLevels, PatternTable
from segmentry.recipe import Recipe
from segmentry.recipe.levels import modelled_fine
from segmentry.recipe.models import ModelSettings
from segmentry.runs.ahead import Ahead, begin_ahead, fit_ahead, has_same_counts
from segmentry.runs.audit import findings_of
from segmentry.runs.cleaning_offers import CleaningOffer, cleaning_offers
from segmentry.runs.fitting import Fitted, KeptFit, Numbers, fit_segments, numbers_of
from segmentry.runs.known_customers import KnownCustomers
from segmentry.runs.moved import Moved, moved_between
from segmentry.runs.options import Options
from segmentry.runs.partition import Partition
from segmentry.runs.pattern_tables import at_levels_of, kept_or_loaded
from segmentry.runs.segment import segment_customers
from segmentry.runs.sources import Customers, Source, collect_customers, open_source
from segmentry.scoring import score_patterns
from segmentry.segmentation import Segmentation
from segmentry.selection import Choice, carry_on, fit_model, null_table_worker
from segmentry.system.background import BackgroundThread
from segmentry.system.progress import Progress
from segmentry.system.worker import WorkerProcess

MOST_KEPT = 8
"""So many pattern tables of the last recipes are kept, so that undo does not read the table again."""


class LiveSource:
    """An open source, and the process that draws null tables for it.

    Not for several threads at once; `stop` and `resume` alone may be called by any.
    """

    def __init__(self, source: Source, data: Any, stamps: dict[Path, tuple[int, int]]) -> None:
        self._source, self._given, self._stamps = source, data, stamps
        self._data = (
            kept_or_loaded(data) if source.engine is None and not isinstance(data, PatternTable) else data
        )
        self._fine: PatternTable | None = self._data if source.engine is None else None
        self._known: KnownCustomers | None = None
        self._counts: PatternTable | None = None
        self._kept: OrderedDict[Any, tuple[Customers, tuple[LoggedQuery, ...]]] = OrderedDict()
        self._n_opening = 0 if source.engine is None else len(source.engine.log)
        self._worker: WorkerProcess | None = None
        self._ahead: Ahead | None = None
        self._last: tuple[PatternModel, tuple[FeatureLevels, ...]] | None = None
        self._found: tuple[Customers, Partition] | None = None
        self.fit: KeptFit | None = None
        """The segments of the last whole run."""
        self._tried: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._is_watched = False

    def remember(self) -> None:
        """Run no query twice, where it would be noticed that the data have changed: they are files."""
        engine = self._source.engine
        if self._stamps and engine is not None and isinstance(engine, Remembers):
            engine.remember()
            self._is_watched = True

    def customers(self, recipe: Recipe) -> Customers:
        """Return the customers of a recipe as patterns, as a run collects them."""
        read = recipe.model_copy(update={"model": ModelSettings(), "names": ()}).model_dump_json()
        key = read, modelled_fine(recipe), tuple(recipe.joined_with.items())  # of latent classes alone
        self._running_worker()  # it loads its modules while the table is read
        log = [] if self._source.engine is None else self._source.engine.log
        if key not in self._kept:
            del log[self._n_opening :]
            fine = Fine(modelled_fine(recipe), max(LEAST_MODELLED, Options().policy.floor))
            known = None
            if self._known is not None and not _is_of_dropped(self._known.fine, recipe):
                known = self._known.customers(self._source, recipe, fine)
            if known is None:
                del log[self._n_opening :]
            customers = known or collect_customers(self._source, self._data, recipe, fine)
            self._kept[key] = customers, tuple(log)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        customers, log[:] = self._kept[key]  # the queries of this recipe alone, as a run lists them
        return _as_asked(customers, recipe)

    def quick_customers(self, recipe: Recipe) -> tuple[Customers, PatternTable | None]:
        """Return the customers of a recipe without reading the table, where its levels can be made of finer ones.

        Returns
        -------
        customers, fine
            `fine` is the table of finer levels that have all edges of the recipe among their cuts; None where there is none.
            Where the recipe models fine levels of its own, the table is read all the same.
        """
        if self._fine is None or _is_of_dropped(self._fine, recipe):
            return self.customers(recipe), None
        rolled = at_levels_of(self._fine, _as_levels(recipe))
        if rolled is None:
            return self.customers(recipe), None
        if modelled_fine(recipe):
            return self.customers(recipe), self._fine
        table, filled = rolled
        return Customers(self._source, filled, table), self._fine

    def counted(self, recipe: Recipe, *, may_read: bool) -> tuple[Customers, PatternTable] | None:
        """Return how many customers the patterns of a recipe have, without outcomes, and the finer levels that they are made of.

        It takes less than to read the customers with their outcomes; `may_read` says whether the table may be read for it. None
        where it cannot be had: of a recipe that models fine levels, and of one that does not fit, which `customers` refuses. None,
        too, once there are finer levels with outcomes, and of a pattern table, which has them from the start.
        """
        engine = self._source.engine
        if engine is None or self._fine is not None or modelled_fine(recipe):
            return None
        if self._counts is None and may_read:
            with suppress(SegmentryError):
                self._counts = collect_counts(engine, recipe, Fine([f.name for f in recipe.features]))
        if self._counts is None or _is_of_dropped(self._counts, recipe):
            return None
        rolled = at_levels_of(self._counts, counted_alone(recipe))
        return None if rolled is None else (Customers(self._source, rolled[1], rolled[0]), self._counts)

    def refine(self, recipes: Sequence[Recipe], goes_on: Callable[[], None] = lambda: None) -> bool:
        """Collect finer levels for the first of some recipes that fits the table; return whether there are any now.

        `goes_on` is called before each is collected, and after one that does not fit; it raises what ends the work.
        """
        engine = self._source.engine
        if engine is None:
            return True
        for recipe in recipes:
            try:
                fine = Fine([f.name for f in recipe.features])
                collected = collect_sums(engine, recipe, fine=fine, expect=lambda *_: goes_on())
                goes_on()
                self._known = KnownCustomers.of(engine, collected) if self._is_watched else None
                self._fine = collected.patterns
            except SegmentryError:
                goes_on()
                continue
            self._counts = None
            return True
        return False

    def offers(self, recipe: Recipe, goes_on: Callable[[], None]) -> tuple[ColumnOffer, ...]:
        """Return what each column of the table could be in a recipe; of a pattern table nothing is known.

        `goes_on` is called between queries, and raises what ends the work.
        """
        engine = self._source.engine
        if engine is None:
            return ()
        n_logged = len(engine.log)
        try:
            return column_offers(engine, recipe, goes_on)
        except SegmentryError:
            return ()
        finally:
            del engine.log[n_logged:]

    def findings(self, recipe: Recipe, goes_on: Callable[[], None]) -> tuple[CleaningOffer, ...]:
        """Return what an audit finds in the table, with the cleaning steps that follow; of a pattern table nothing is known."""
        engine = self._source.engine
        if engine is None:
            return ()
        try:
            return cleaning_offers(findings_of(self._source, recipe, lambda _: goes_on()), engine.dialect)
        except SegmentryError:
            return ()

    def carried_on(self, customers: Customers, k: int) -> Partition | None:
        """Return the last `k` segments as they go on on these customers, without a search; None where they cannot.

        It takes a few milliseconds. Where segments are clear they are those of `fitted`; they are shown until these are there. None, too,
        where these are there already.

        Raises
        ------
        ModelError, DataError
            As of `fitted`.
        """
        patterns, settings = customers.patterns, customers.recipe.model
        numbers_of(patterns, settings)  # what a run refuses is refused
        if self._last is None or settings.method != "latent-class" or self._known_fit(customers, k):
            return None
        model, features = self._last
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SegmentryWarning)
            carried = carry_on(model, features, patterns, seed=settings.seed) if model.n_found == k else None
        return None if carried is None else _partition_of(carried, customers, k)

    def fitted(self, customers: Customers, k: int) -> Partition:
        """Fit `k` segments, as a run does where that is the number; sizes and shares are those of `whole_run` then.

        Raises
        ------
        ModelError, DataError
            The method cannot be fitted to these patterns.
        """
        patterns, settings = customers.patterns, customers.recipe.model
        numbers_of(patterns, settings)  # what a run refuses is refused
        known = self._known_fit(customers, k)
        if known is not None:
            return known
        with warnings.catch_warnings():  # as in a scan
            warnings.simplefilter("ignore", SegmentryWarning)
            model = fit_model(patterns, settings.method, k, seed=settings.seed)
        self._last = model, patterns.features
        self._found = customers, _partition_of(model, customers, k)
        return self._found[1]

    def _known_fit(self, customers: Customers, k: int) -> Partition | None:
        """Return the last that `fitted` found, if it is of these counts and this number."""
        if self._found is None:
            return None
        fitted, found = self._found
        is_same = found.choice.k == k and fitted.recipe.model == customers.recipe.model
        return found if is_same and has_same_counts(fitted.patterns, customers.patterns) else None

    def begin(self, customers: Customers) -> None:
        """Have the process search for the segments of customers, which the next `whole_run` takes where it is of these."""
        worker = self._running_worker()
        is_begun = self._ahead is not None and self._ahead.is_of(customers)
        if worker is not None and not is_begun and not self._is_fitted(customers):
            self._ahead = begin_ahead(customers, worker)

    def _is_fitted(self, customers: Customers) -> bool:
        """Whether the last fit was of these counts."""
        return self.fit is not None and self.fit.is_of(customers)

    def whole_run(self, customers: Customers, say: Progress) -> Segmentation:
        """Return what `run` returns for these customers.

        Raises
        ------
        UnwantedError
            `say` raised it, or `stop` was called.
        """
        worker = self._running_worker()
        try:
            with BackgroundThread() as thread:
                return segment_customers(customers, Options(), thread, worker, None, say, fit=self._fit)
        except BaseException:
            self.fit = self._ahead = None  # its evidence may not come
            self._drop_asked()
            raise

    def _fit(
        self,
        customers: Customers,
        numbers: Numbers,
        options: Options,
        worker: WorkerProcess | None,
        say: Progress,
    ) -> Fitted:
        """Fit the segments, unless they are those of the last run: another name of a segment needs no new fit."""
        last = self.fit
        if last is not None and last.is_of(customers):
            return last.fitted
        self.fit = None
        ahead, self._ahead = self._ahead, None
        if ahead is not None and not ahead.is_of(customers):
            self._drop_asked()
            ahead = None
        expected = self._tried.get(tuple(numbers.tried), tuple(numbers.tried))  # as last time
        numbers = replace(numbers, expected=expected)
        if ahead is None:
            fitted = fit_segments(customers, numbers, options, worker, say)
        else:
            fitted = fit_ahead(ahead, customers, numbers, options, say)
        self._tried[tuple(numbers.tried)] = tuple(fitted.selection["k"].tolist())
        self.fit = KeptFit(customers, fitted.kept())
        self._last = fitted.partition.model, customers.patterns.features
        return self.fit.fitted

    def moved(self, one: Segmentation, other: Segmentation, *, may_read: bool = True) -> Moved:
        """Return who moves between two segmentations of this source; `may_read` says whether the table may be read for it.

        Raises
        ------
        DataError
            They have no customers in common that could be compared.
        """
        engine = self._source.engine
        n_logged = 0 if engine is None else len(engine.log)
        try:
            return moved_between(one, other, self._fine, engine if may_read else None)
        finally:
            if engine is not None:
                del engine.log[n_logged:]

    def has_changed(self) -> bool:
        """Whether the files behind the data are others than when they were opened; of a server's table nothing is known."""
        return stamps_of(self._given) != self._stamps

    @property
    def ends_queries(self) -> bool:
        """Whether `stop` ends a query that runs."""
        return isinstance(self._source.engine, Interruptible)

    def stop(self) -> None:
        """End a whole run at its next step, and where the engine can a query at once, and all that follow until `resume`."""
        engine = self._source.engine
        if engine is not None and isinstance(engine, Interruptible):
            engine.interrupt()
        self._drop_asked()

    def resume(self) -> None:
        """Take work again; what was asked of the process before is of no use any more."""
        self._ahead = None
        self._drop_asked()
        engine = self._source.engine
        if engine is not None and isinstance(engine, Interruptible):
            engine.resume()

    def _drop_asked(self) -> None:
        """Have the process give up what it was asked, if there is one."""
        worker = self._worker
        if worker is not None:
            worker.drop()

    def close(self) -> None:
        """End the process for good; what it has begun is not waited for."""
        if self._worker is not None:
            self._worker.__exit__()
            self._worker = self._ahead = None

    def _running_worker(self) -> WorkerProcess | None:
        if self._worker is not None and self._worker.exit_code is not None:
            self.close()
        if self._worker is None:
            self._worker = null_table_worker().__enter__()
        return self._worker


@contextmanager
def live_source(data: Any, recipe: Recipe) -> Iterator[LiveSource]:
    """Open data, which may be a pattern table, for one recipe after the other; the first says how files are read."""
    stamps = stamps_of(data)  # what is written while it is read is a change
    with open_source(data, recipe) as source:
        live = LiveSource(source, data, stamps)
        if not recipe.source.tables:  # at further files nobody looks
            live.remember()
        try:
            yield live
        finally:
            live.close()


def _partition_of(model: PatternModel, customers: Customers, k: int) -> Partition:
    settings = customers.recipe.model
    labels, certainty = score_patterns(model, customers.patterns.codes)
    choice = Choice(k, settings.segments == k, k, "", recommended=k)
    return Partition(settings.method, choice, labels, certainty, model)


def _as_levels(recipe: Recipe) -> Recipe:
    """Return the recipe with no feature modelled on fine levels."""
    names = modelled_fine(recipe)
    features = (
        f.model_copy(update={"distribution": "levels"}) if f.name in names else f for f in recipe.features
    )
    return recipe.model_copy(update={"features": tuple(features)}) if names else recipe


def _is_of_dropped(fine: PatternTable, recipe: Recipe) -> bool:
    """Whether the table lacks customers for want of a value of a feature that the recipe leaves out."""
    names = {f.name for f in recipe.features}
    left_out = (f.name for f in fine.features if f.name not in names)
    return any(
        json.loads(fine.made_by.get(f"features.{name}", "{}")).get("missing") == "drop" for name in left_out
    )


def _as_asked(customers: Customers, asked: Recipe) -> Customers:
    """Return the customers with the settings of the model and the names of segments that a recipe has."""
    settings = asked.model
    collected = customers.collected
    if collected is not None:
        collected = replace(
            collected, matched=collected.matched.with_recipe(model=settings, names=asked.names)
        )
    recipe = customers.recipe.model_copy(update={"model": settings, "names": asked.names})
    return replace(customers, recipe=recipe, collected=collected)
