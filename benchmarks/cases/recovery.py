"""Who finds planted classes: the adjusted Rand index with the truth over a grid of settings."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from data import planted, save
from judge import adjusted_rand, most_probable
from page import table
from processes import Contestant, Result

from cases.bench import Bench

CLASSES = {2: 1_000, 4: 1_000, 8: 1_500}
SEPARATIONS = {"weak": 0.45, "medium": 0.65, "strong": 0.85}
FEATURES = (5, 10, 20)
MISSING = (0.0, 0.2)
SEEDS = (0, 1, 2)
STARTS = 5
LIMIT = 1_200.0
CEILING = "the true parameters"


@dataclass(frozen=True)
class Drawn:
    """One data set: its setting, the file of its codes, the truth, and what the true parameters reach."""

    setting: dict[str, str]
    seed: int
    part: str
    path: Path
    k: int
    truth: Any
    ceiling: float


def recovery(bench: Bench) -> str:
    sets = _draw_all(bench)
    scores = {CEILING: np.array([one.ceiling for one in sets])}
    failed = []
    for contestant, results in _run_all(bench, sets):
        reasons = {result.failed for result in results if result.failed}
        if reasons:
            failed.append(f"{contestant.title}: {', '.join(reasons)}.")
            continue
        scores[contestant.title] = _scores(sets, results)
    return "\n\n".join([_intro(sets), _summary(sets, scores), *failed, _details(sets, scores)])


def _contestants() -> list[Contestant]:
    def entry(script: str, label: str = "", needs: str = "segmentry", **task: Any) -> Contestant:
        return Contestant(script, label, needs, task, LIMIT, is_single=True)

    return [
        entry("use_segmentry", "LatentClass", method="latent-class"),
        entry("use_segmentry", "LatentClass, 50 starts", method="latent-class", starts=50),
        entry("use_segmentry", "LatentClass, prior=1", method="latent-class", options={"prior": 1.0}),
        entry("use_stepmix", needs="stepmix", max_iter=1_000),
        entry("use_segmentry", "KModes"),
        entry("use_kmodes", needs="kmodes"),
        entry("use_fasterkmodes", needs="fasterkmodes"),
        entry("use_kluster_fudge", needs="kluster-fudge"),
        entry("use_kmeans", "one-hot KMeans", "scikit-learn"),
    ]


def _draw_all(bench: Bench) -> list[Drawn]:
    seeds = SEEDS[:1] if bench.is_quick else SEEDS
    return [_draw(bench.folder, *one, seed) for one in _settings() for seed in seeds]


def _settings() -> list[tuple[int, str, int, float]]:
    """Return nine of the 27 settings, with and without missing cells.

    They are a Latin square: every two values of two properties meet once.
    """
    square = [
        (k, separation, FEATURES[(i + j) % 3])
        for i, k in enumerate(CLASSES)
        for j, separation in enumerate(SEPARATIONS)
    ]
    return [(*setting, missing) for setting in square for missing in MISSING]


def _draw(folder: Path, k: int, separation: str, n_features: int, missing: float, seed: int) -> Drawn:
    rng = np.random.default_rng(
        [seed, k, n_features, round(100 * SEPARATIONS[separation]), round(100 * missing)]
    )
    levels = rng.integers(2, 6, n_features).tolist()
    classes = planted(k, levels, SEPARATIONS[separation], rng)
    codes, truth = classes.draw(CLASSES[k], rng)
    codes[rng.random(codes.shape) < missing] = -1
    found = {"prior": classes.prior, "probabilities": classes.probabilities}
    ceiling = adjusted_rand(truth, most_probable(codes, found))
    setting = {
        "classes": str(k),
        "separation": separation,
        "features": str(n_features),
        "missing": f"{missing:.0%}",
    }
    name = "-".join([*setting.values(), str(seed)]).replace("%", "")
    path = save(folder / f"recovery-{name}.npy", codes)
    return Drawn(setting, seed, f"{seed}-{round(100 * missing)}", path, k, truth, ceiling)


def _parts(sets: list[Drawn]) -> dict[str, list[Drawn]]:
    """Group the data sets, the slow ones with missing cells first: each group is a process."""
    names = sorted({one.part for one in sets}, key=lambda name: (name.endswith("-0"), name))
    return {name: [one for one in sets if one.part == name] for name in names}


def _run_all(bench: Bench, sets: list[Drawn]) -> Iterable[tuple[Contestant, list[Result]]]:
    """Run two processes at a time, as nothing here is timed; one result per group of data sets."""
    for contestant in _contestants():
        with ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(_run, bench, contestant, *part) for part in _parts(sets).items()]
        yield contestant, [job.result() for job in jobs]


def _run(bench: Bench, contestant: Contestant, part: str, sets: list[Drawn]) -> Result:
    folder = bench.folder / f"part-{part}"
    folder.mkdir(exist_ok=True)
    fits = [{"data": str(one.path), "k": one.k} for one in sets]
    task = {"method": "k-modes", "fits": fits, "starts": STARTS, "seed": sets[0].seed, "needs_labels": True}
    once = replace(bench, folder=folder, is_quick=True)
    return once.compete([contestant], **task)[0]


def _scores(sets: list[Drawn], results: list[Result]) -> Any:
    """Return the agreement for each data set, whose answers come by group."""
    answers = {part: iter(result.found) for part, result in zip(_parts(sets), results, strict=True)}
    return np.array([adjusted_rand(one.truth, next(answers[one.part])["labels"]) for one in sets])


def _intro(sets: list[Drawn]) -> str:
    sizes = ", ".join(f"{n:,} rows with {k}" for k, n in CLASSES.items())
    return f"""Mean adjusted Rand index with the planted classes: 1 is all found, 0 is chance. {len(sets)} data sets of latent
classes ({sizes}; features of 2 to 5 levels; missing cells at random; {len({one.seed for one in sets})} seeds), the number of classes given,
{STARTS} starts for all where not said otherwise (50 are LatentClass's own default). Nine of the 27 settings, each with and without missing cells: every two values of two properties meet once.
*{CEILING}* assign every row by the parameters that drew it: nobody can be expected to do better. To k-modes peers and
one-hot KMeans a missing cell is a level, or a row of zeros."""


def _summary(sets: list[Drawn], scores: dict[str, Any]) -> str:
    groups = {"all": np.ones(len(sets), bool)}
    for name in sets[0].setting:
        for value in dict.fromkeys(one.setting[name] for one in sets):
            groups[f"{name} {value}"] = np.array([one.setting[name] == value for one in sets])
    rows = [
        [title, *(f"{value[group].mean():.3f}" for group in groups.values())]
        for title, value in scores.items()
    ]
    return table(["", *groups], rows)


def _details(sets: list[Drawn], scores: dict[str, Any]) -> str:
    settings = list(dict.fromkeys(tuple(one.setting.values()) for one in sets))
    rows = []
    for setting in settings:
        chosen = np.array([tuple(one.setting.values()) == setting for one in sets])
        rows.append([" · ".join(setting), *(f"{value[chosen].mean():.2f}" for value in scores.values())])
    whole = table([" · ".join(sets[0].setting), *scores], rows)
    return f"<details><summary>every setting</summary>\n\n{whole}\n\n</details>"
