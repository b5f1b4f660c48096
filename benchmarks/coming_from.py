"""The figures of docs/coming-from.md by the other tools: `python benchmarks/coming_from.py`.

Each tool runs in its own environment (`peers.py`), on the answers of 216 students (Stouffer & Toby 1951), and prints its figures beside
segmentry's.
"""

from __future__ import annotations

import json
import subprocess

import numpy as np
from peers import NotInstalledError, environment, interpreter, title

from segmentry.cluster import KModes, LatentClass

ANSWERS = np.array([[int(digit) for digit in f"{row:04b}"] for row in range(16)])
STUDENTS = [42, 23, 6, 25, 6, 24, 7, 38, 1, 4, 1, 6, 2, 9, 2, 20]
ROWS = np.repeat(ANSWERS, STUDENTS, axis=0)
SPENT = (np.random.default_rng(3).normal(10, 2, len(ROWS)) + 4 * ROWS[:, 3]).round(2)

STEPMIX = """
model = StepMix(
    n_components=2, measurement="categorical", structural="gaussian_unit", n_steps=3, correction="BCH", assignment="modal",
    n_init=20, abs_tol=1e-13, rel_tol=0, max_iter=5_000, random_state=0, progress_bar=0,
)
measured = StepMix(
    n_components=2, measurement="categorical", n_init=20, abs_tol=1e-13, rel_tol=0, max_iter=5_000, random_state=0, progress_bar=0,
).fit(rows)
model.fit(rows, spent.reshape(-1, 1))
found = {
    "log-likelihood": measured.score(rows) * len(rows),
    "BIC": measured.bic(rows),
    "share of the larger class": max(measured.get_parameters()["weights"]),
    "spent, class by class (BCH)": sorted(model.get_parameters()["structural"]["means"].ravel()),
}
"""
KMODES = """
found = {f"cost of k = {k}": KModes(k, init="Huang", n_init=50, random_state=0).fit(rows).cost_ for k in (2, 3, 4)}
"""
_BEGIN = "import json, warnings; warnings.simplefilter('ignore'); import numpy as np\nrows, spent = (np.array(part) for part in json.load(open(0)))\n"
_END = "\nprint(json.dumps(found, default=float))"


def theirs(peer: str, imports: str, code: str) -> dict[str, object]:
    """What a tool finds, in its own environment."""
    done = subprocess.run(
        [str(interpreter(peer)), "-c", f"{imports}\n{_BEGIN}{code}{_END}"],
        input=json.dumps([ROWS.tolist(), SPENT.tolist()]), capture_output=True, text=True, check=True, env=environment(peer),
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def ours() -> dict[str, object]:
    """What segmentry finds: the same figures by the same names."""
    model = LatentClass(2, tol=1e-13, random_state=0).fit(ROWS)
    weights = model.bch_weights(ROWS)
    spent = (weights * SPENT[:, None]).sum(axis=0) / weights.sum(axis=0)
    return {
        "log-likelihood": model.log_likelihood_,
        "BIC": model.bic_,
        "share of the larger class": max(model.class_prior_),
        "spent, class by class (BCH)": sorted(spent),
        **{f"cost of k = {k}": KModes(k, random_state=0, prove=True).fit(ROWS).cost_ for k in (2, 3, 4)},
    }


def main() -> None:
    mine = ours()
    print("| figure | segmentry | the other tool |\n| --- | ---: | ---: |")
    for peer, imports, code in (
        ("stepmix", "from stepmix.stepmix import StepMix", STEPMIX),
        ("kmodes", "from kmodes.kmodes import KModes", KMODES),
    ):
        try:
            found = theirs(peer, imports, code)
        except NotInstalledError as error:
            print(f"| {peer}: {error} | | |")
            continue
        for figure, value in found.items():
            print(f"| {figure} | {_shown(mine[figure])} | {_shown(value)} ({title(peer)}) |")


def _shown(value: object) -> str:
    return ", ".join(f"{float(v):.4f}" for v in np.atleast_1d(value))


if __name__ == "__main__":
    main()
