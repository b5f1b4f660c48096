"""All benchmarks, written to RESULTS.md: `make bench`. One alone: `python benchmarks/run.py --only NAME [--quick]`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import page
from cases import audits, customers, drafts, evidence, file, numbers, patterns, recovery, runs, startup
from cases.bench import Bench
from journey import journey
from large import large, spark
from servers import servers
from studio import studio
from studio_large import studio_large
from studio_storm import studio_storm


@dataclass(frozen=True)
class Case:
    """A section of the page: its title, and what measures it and returns its text."""

    title: str
    measure: Callable[[Bench], str]


CASES = {
    "journey": Case("The whole run beside the bare queries", journey),
    "file": Case("The whole run of the customer personality file", runs.customer_file),
    "k-modes": Case("k-modes, a million customers", customers.k_modes),
    "latent-class": Case("Latent classes, a hundred thousand customers", customers.latent_class),
    "scan": Case("Latent classes, how many", file.scan),
    "proof": Case("k-modes, proved", file.proof),
    "evidence": Case("Are there segments", evidence.evidence),
    "distinct": Case("A million distinct patterns", patterns.distinct),
    "overlapping": Case("Twenty tables of overlapping classes", patterns.overlapping),
    "audit": Case("The first look at a table", audits.audits),
    "recovery": Case("Planted classes found again", recovery.recovery),
    "numbers": Case("Numbers as numbers", numbers.numbers),
    "studio": Case("The studio", studio),
    "drafts": Case("Drafts beside an expert", drafts.drafts),
    "startup": Case("Before any work", startup.startup),
}
LARGE = {
    "large": Case("A hundred million customers", large),
    "spark": Case("Spark on one machine", spark),
    "servers": Case("PostgreSQL and ClickHouse", servers),
    "studio-large": Case("The studio on many customers", studio_large),
    "studio-storm": Case("The studio, twenty moves a second", studio_storm),
}
"""Measured when named alone, because the data are large (2.5 GB by `make bench-large`) or servers or minutes are needed."""
ALL = CASES | LARGE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=ALL, help="measure this alone; may be repeated")
    parser.add_argument("--quick", action="store_true", help="small data, one run each; writes no page")
    parser.add_argument("--list", action="store_true", help="show the names")
    parser.add_argument("--folder", type=Path, help="where generated data are kept for the next time")
    given = parser.parse_args()
    if given.list:
        print("\n".join(f"{name:14}{case.title}" for name, case in ALL.items()))
        return
    sections = {case.title: "" for case in ALL.values()}
    failed = []
    for name in given.only or CASES:
        try:
            sections[ALL[name].title] = _measured(name, given.folder, is_quick=given.quick)
        except Exception:  # noqa: BLE001 - the other sections are measured all the same
            traceback.print_exc()
            failed.append(name)
            continue
        if not given.quick:
            page.write(sections)
    if failed:
        sys.exit(f"not measured, see above: {', '.join(failed)}")


def _measured(name: str, folder: Path | None, *, is_quick: bool) -> str:
    print(f"{name}: {ALL[name].title}", flush=True)
    load, started = _load(), time.perf_counter()
    with nullcontext(folder) if folder else tempfile.TemporaryDirectory() as place:
        text = ALL[name].measure(Bench(Path(place), is_quick)).strip()
    took = time.perf_counter() - started
    text += f"\n\n*{time.strftime('%Y-%m-%d')}; {took:,.0f} s in all; load before it {load}.*"
    print(f"\n{text}\n", flush=True)
    return text


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not known"


if __name__ == "__main__":
    main()
