"""From a customer table and a recipe to a segmentation and its files: the stages of a run, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from segmentry.auditing.findings import Finding
from segmentry.collecting.collection import Fine
from segmentry.collecting.fine_levels import LEAST_MODELLED
from segmentry.collecting.pattern_segments import MAX_SORTED
from segmentry.disclosure import Policy, disclosed
from segmentry.patterns import DesignSums
from segmentry.profiling import SegmentedPatterns, contact_dependence
from segmentry.recipe import Recipe
from segmentry.recipe.levels import modelled_fine
from segmentry.report import load_report
from segmentry.runs.audit import findings_of
from segmentry.runs.budget import Size, check_budget, expectation
from segmentry.runs.collect import warn_of_ids
from segmentry.runs.files import new_folder, write_assignments, write_files
from segmentry.runs.fitting import Fitted, Numbers, fit_segments, numbers_of, wanted_numbers
from segmentry.runs.options import Formats, Options, checked_analyses, settled, slides_in
from segmentry.runs.profiles import profile_segments
from segmentry.runs.reading import can_assign, complete_customers, read_histograms, read_segments
from segmentry.runs.replacing import replacing
from segmentry.runs.result import Tested, segmentation_of
from segmentry.runs.sources import Customers, Source, collect_customers, open_source
from segmentry.runs.strata import collect_bands
from segmentry.scoring import fitted_population, kinds_of, limit_of
from segmentry.segmentation import Segmentation, load
from segmentry.selection import (
    N_ANALYSES,
    Evidence,
    Gathered,
    judge_evidence,
    load_estimators,
    null_table_worker,
    with_null_curves,
)
from segmentry.system.background import BackgroundThread
from segmentry.system.progress import Progress, shown_progress
from segmentry.system.worker import WorkerProcess
from segmentry.text.locales import writing_in

Fit = Callable[[Customers, Numbers, Options, WorkerProcess | None, Progress], Fitted]
"""What fits every number of segments and chooses one; `fit_segments`, or what keeps its last answer."""


def run(
    data: Any,
    recipe: Recipe | str | Path,
    segments: int | str | None = None,
    method: str | None = None,
    seed: int | None = None,
    *,
    locale: str | None = None,
    thorough: bool = False,
    analyses: int = N_ANALYSES,
    previous: Segmentation | str | Path | None = None,
    min_cell: int | None = None,
    audit: bool = False,
    however_long: bool = False,
    out: str | Path | None = None,
    csv: bool = False,
    excel: bool = False,
    pdf: bool = False,
    pptx: bool = False,
    template: str | Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Segmentation:
    """Segment a customer table.

    Parameters
    ----------
    data
        Whatever `segmentry.collect` takes, or a pattern table (a `PatternTable`, or a file that one was saved to).
    recipe
        Recipe, its path, or a bundled recipe's name.
    segments
        Number of segments, or ``"auto"``; by default that of the recipe.
    method
        Method: ``"latent-class"``, ``"k-modes"`` or ``"k-means"``; by default that of the recipe.
    seed
        Seed of the random starts and draws; by default that of the recipe.
    locale
        Locale of the numbers in texts and in labels that are made of edges, such as ``"de"``; by default that of the
        recipe, else ``"en"``.
    thorough
        Whether to compute every index of every number of segments, with its null band; takes about a minute.
    analyses
        Number of other analyses (features left out, levels merged, edges moved, other numbers and methods, customers redrawn) that
        the segments are compared with; 0 for none. 200 take about a second where there are a few hundred patterns.
    previous
        Earlier segmentation, or the path of its ``segmentation.json``. Segments that survive keep their numbers and
        names, and `migration` says who moves.
    min_cell
        Smallest number of customers whose figures are shown, at least 5. Figures of fewer are withheld, with others that
        would give them away. By default all figures are shown, and those of fewer than 10 customers are flagged.
    audit
        Whether to audit the table, too, as `segmentry.audit` does; the report then shows the findings. A pattern
        table cannot be audited.
    however_long
        Whether to do what is estimated to take more than ten minutes, or more memory than the machine has; otherwise it is refused
        before it begins.
    out
        Folder for the report and all other files. They take the place of those of an earlier run in one step, or not
        at all.
    csv
        Whether `out` also gets a list of all customers with their segment as CSV, for a spreadsheet.
    excel, pdf
        Whether `out` also gets the report as a workbook (needs the extra ``excel``) and as PDF (needs a Chromium).
    pptx, template
        Whether `out` also gets the report as slides (needs the extra ``slides``), and a PowerPoint file whose masters, fonts
        and colours a new deck has. A deck that is in `out` is renewed: slides, shapes and notes that somebody added stay.
    overwrite
        Whether files of `out` may be replaced that segmentry did not write, or that this call reads.
    progress
        Function that is called with a line of text at the start of each stage; by default a notebook shows the line.

    Returns
    -------
    Segmentation

    Raises
    ------
    RecipeError, DataError, ModelError
        A mistake in the recipe, the data, or what was asked for; the text says which and what to do.

    Warns
    -----
    SegmentryWarning
        Several rows have the same id, or some have none; `notes` say so, too.

    Examples
    --------
    >>> from segmentry.datasets import sample_households
    >>> result = run(sample_households(rows=500), "households", segments=4)
    >>> [segment.id for segment in result.segments]
    [1, 2, 3, 4]
    """
    loaded = Recipe.load(recipe)
    may_replace = replacing(data, recipe, loaded, template, overwrite=overwrite)
    recipe = settled(loaded, segments, method, seed, locale)
    options = Options(
        out=None if out is None else Path(out),
        formats=Formats(csv, excel, pdf, slides_in(out, template, is_asked=pptx)),
        policy=Policy.for_files(min_cell),
        thorough=thorough,
        n_analyses=checked_analyses(analyses),
        audit=audit,
        however_long=however_long,
        replacing=may_replace,
        previous=load(previous) if isinstance(previous, (str, Path)) else previous,
    )
    options.formats.check()
    with writing_in(recipe.locale), shown_progress(progress) as say:
        return _run(data, recipe, options, say)


def run_fitted(
    data: Any, recipe: Recipe, fit: Fit, out: Path, *, csv: bool, progress: Progress
) -> Segmentation:
    """Do what `run` does into a folder, with segments that were fitted before, where they are those of the data.

    Parameters
    ----------
    data, recipe, out, csv, progress
        As of `run`.
    fit
        What has the segments.

    Raises
    ------
    RecipeError, DataError, ModelError
        As of `run`.
    """
    options = Options(
        out=out,
        formats=Formats(csv, slides=slides_in(out, None, is_asked=False)),
        replacing=replacing(data, recipe, overwrite=False),
    )
    options.formats.check()
    with writing_in(recipe.locale), shown_progress(progress) as say:
        return _run(data, recipe, options, say, fit)


def _run(data: Any, recipe: Recipe, options: Options, say: Progress, fit: Fit = fit_segments) -> Segmentation:
    say("Reading the table")
    with (
        _worker(options) as worker,
        new_folder(options.out, options.replacing) as folder,
        open_source(data, recipe, folder) as source,
        BackgroundThread() as thread,
    ):
        thread.submit(load_estimators)
        fine = Fine(modelled_fine(recipe), max(LEAST_MODELLED, options.policy.floor))
        expect = None if options.however_long else expectation(wanted_numbers(recipe.model))
        customers = collect_customers(source, data, recipe, fine, expect)
        say(f"{customers.patterns.n_customers:,} customers in {customers.patterns.n_patterns:,} patterns")
        findings = _findings(source, recipe, options, say)
        shown = segment_customers(customers, options, thread, worker, folder, say, findings, fit)
        if folder is not None:
            write_files(shown, folder, options.formats, worker, say)
        return shown


def segment_customers(
    customers: Customers,
    options: Options,
    thread: BackgroundThread,
    worker: WorkerProcess | None,
    folder: Path | None,
    say: Progress,
    findings: tuple[Finding, ...] = (),
    fit: Fit = fit_segments,
) -> Segmentation:
    """Segment customers whose patterns are collected; the stages of a run between reading and writing.

    Parameters
    ----------
    customers
        Customers; sums by halves and counts of ids are still read.
    options
        Options of the run.
    thread
        Thread that asks the engine meanwhile.
    worker
        Process that draws null tables; None to draw them in this one.
    folder
        Folder that gets the assignments; None for none.
    say
        Function that is called at the start of each stage.
    findings
        Findings of an audit.
    fit
        What fits the segments.
    """
    bands = collect_bands(customers)  # before anything is fitted: a band may not fit the table
    numbers = numbers_of(customers.patterns, customers.recipe.model)
    check_budget(Size.of(customers.patterns), numbers.tried, say, however_long=options.however_long)
    completing = thread.submit(complete_customers, customers)
    fitted = fit(customers, numbers, options, worker, say)
    customers, partition = completing.result(), fitted.partition
    warn_of_ids(customers.patterns.cleaning)
    asked = thread.submit(read_segments, customers, partition, bands)
    assigned = None
    if folder is not None and can_assign(customers):
        assigned = thread.submit(write_assignments, folder, customers, partition, options.formats)
    shows_histograms = options.policy.shows_all and (folder is not None or _is_small(customers))
    counted = (
        thread.submit(lambda: read_histograms(customers, partition, asked.result().sample))
        if shows_histograms
        else None
    )
    testing = _begin_to_test(fitted, asked.done, say)
    reading = asked.result()
    profile = profile_segments(customers.recipe, customers.patterns, partition, reading, options.policy)
    if folder is not None:
        load_report(thread, worker)  # while this one waits for the null tables
    tested = _test(customers, testing, reading.design, say)
    if assigned is not None:
        say("Assigning every customer")
        assigned.result()
    histograms = counted.result() if counted is not None else None
    result = segmentation_of(customers, partition, profile, tested, reading, histograms, findings)
    return disclosed(result, options.policy)


def _worker(options: Options) -> AbstractContextManager[WorkerProcess | None]:
    """Start the process that draws null tables; a run without files draws them itself when it needs them."""
    return nullcontext() if options.out is None else null_table_worker()


def _findings(source: Source, recipe: Recipe, options: Options, say: Progress) -> tuple[Finding, ...]:
    return findings_of(source, recipe, say) if options.audit else ()


def _is_small(customers: Customers) -> bool:
    """Whether histograms, which cost a scan, are counted even where no report is written."""
    return customers.patterns.n_customers <= MAX_SORTED


def _begin_to_test(fitted: Fitted, is_read: Callable[[], bool], say: Progress) -> Fitted:
    """Draw the null curves of the scan, unless the worker does, and do parts of the evidence until the table is read."""
    curves, evidence = fitted.curves, fitted.evidence
    if evidence is not None:
        say("Testing whether there are segments")
        evidence = evidence.worked_out(say, is_read)
    return replace(
        fitted, curves=None if curves is None else curves.worked_out(say, is_read), evidence=evidence
    )


def _test(customers: Customers, fitted: Fitted, design: DesignSums | None, say: Progress) -> Tested:
    """Wait for the evidence and judge it; also make what later customers are compared with."""
    partition, patterns = fitted.partition, customers.patterns
    limit = limit_of(partition.model, patterns)
    segmented = SegmentedPatterns(patterns, partition.labels, partition.choice.k)
    kept = fitted_population(partition.model, segmented)
    curves = None if fitted.curves is None else fitted.curves.result(say)
    gathered = None if fitted.evidence is None else fitted.evidence.result(say)
    evidence = None if gathered is None else _with_contacts(gathered, replace(segmented, design=design))
    return Tested(
        selection=with_null_curves(fitted.selection, partition.method, curves),
        splits=fitted.splits,
        verdict=judge_evidence(evidence, partition.choice.best_by_bic),
        evidence=evidence,
        steadiness=None if gathered is None else gathered.steadiness,
        limit=limit,
        kinds={} if customers.collected is None else kinds_of(customers.collected.matched),
        population=kept,
    )


def _with_contacts(gathered: Gathered, segmented: SegmentedPatterns) -> Evidence:
    """Return the evidence with whether the other analyses would contact the same customers."""
    evidence, others = gathered.evidence, gathered.others
    if evidence.choices is None or others is None:
        return evidence
    contacts = contact_dependence(segmented, others.rows, others.weights, others.labels, others.places)
    return replace(evidence, choices=replace(evidence.choices, contacts=contacts))
