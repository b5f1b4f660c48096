"""With `min_cell`, tables that differ in a withheld count alone leave the same files, byte for byte.

No attack can do better than to know everything that is published, and the procedure: if two tables give the same
files, nobody can tell which of them it was.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import segmentry as sg
from segmentry.runs.profile import profile

pytestmark = pytest.mark.usefixtures("few_null_tables")

LEAST = 10
SIZES = {"p": 400, "q": 200, "r": 150, "s": 100}
RECIPE = sg.Recipe.from_toml("""
[features.town]
column = "town"
levels = ["a", "b", "c"]
[features.age]
column = "age"
edges = [40]
[features.kin]
column = "kin"
levels = ["m", "n", "o", "v"]
[outcomes.money]
role = "amounts"
columns = ["wine", "yacht"]
[outcomes.visits]
role = "counts"
columns = ["calls"]
[outcomes.campaign]
role = "flags"
columns = ["first", "second", "third"]
cost_per_contact = 3
revenue_per_acceptance = 11
""")


def repeated(**counts: int) -> list[str]:
    return [level for level, n in counts.items() for _ in range(n)]


def world(accepted: int = 4, in_town: int = 3, calling: int = 5) -> pd.DataFrame:
    """Customers of whom `accepted` of segment s accepted the first campaign, `in_town` live in c, `calling` call.

    What one of these takes from segment s, another segment gives; so no sum of all segments changes.
    """
    towns = {
        "p": repeated(a=200, b=150, c=50), "q": repeated(a=100, b=55 + in_town, c=45 - in_town),
        "r": repeated(a=30, b=60, c=60), "s": repeated(a=60, b=40 - in_town, c=in_town),
    }  # fmt: skip
    yes = {"p": 160, "q": 80, "r": 50 - accepted, "s": accepted}
    callers = {"p": 200, "q": 90, "r": 60 - calling, "s": calling}
    random, frames = np.random.default_rng(4), []
    for segment, n in SIZES.items():
        place = np.arange(n)
        age = np.where(place * 7 % n < n * (0.6 if segment in "pr" else 0.4), 30, 50)
        frame = {
            "group": segment,
            "town": towns[segment],
            "age": age,
            "kin": np.array(["m", "n", "o", "v"])[place * 11 % n * 4 // n],
            "wine": (20 + 3 * (segment == "s") + random.gamma(2, 5, n)).round(),
            "yacht": np.where(place % 5 == 0, 9_000, 0),
            "calls": np.where(place < callers[segment], 2, 0),
            "first": place[::-1] < yes[segment],
            "second": place * 3 % n < n * (0.2 if segment == "q" else 0.25),
            "third": place * 9 % n < n * (0.35 if segment == "s" else 0.3),
        }
        frames.append(pd.DataFrame(frame))
    return pd.concat(frames, ignore_index=True)


def published(frame: pd.DataFrame, out: Path, recipe: sg.Recipe = RECIPE) -> dict[str, bytes]:
    """Every file by name, without what a clock has written into it."""
    profile(frame, recipe, "group", min_cell=LEAST, out=out)
    files = {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}
    return {name: _timeless(content) for name, content in files.items()}


def _timeless(content: bytes) -> bytes:
    """The file without seconds, and with long numbers as one writes them whatever the order they were added up in."""
    content = re.sub(rb'"seconds": [0-9.e-]+', b"", content)
    content = re.sub(rb'"fingerprint": "[0-9a-f]+"', b"", content)  # of the seconds, too
    return re.sub(rb"\d+\.\d{10,}(e-\d+)?", lambda found: b"%.9g" % float(found[0]), content)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("disclosure")


@pytest.fixture(scope="module")
def first(folder) -> dict[str, bytes]:
    return published(world(), folder / "first")


@pytest.mark.parametrize(("accepted", "in_town", "calling"), [(1, 9, 1), (9, 1, 9)])
def test_tables_that_differ_in_withheld_counts_leave_the_same_files(
    first, folder, accepted, in_town, calling
):
    other = published(world(accepted, in_town, calling), folder / f"{accepted}")
    assert list(other) == list(first)
    assert [name for name in first if other[name] != first[name]] == []


def test_what_differs_is_withheld_and_what_is_shown_differs(first, folder):
    """The comparison is no empty one: the counts are hidden, each beside others, and a shown count is told."""
    outcomes = pd.read_csv(folder / "first" / "outcomes.csv")
    features = pd.read_csv(folder / "first" / "features.csv")
    hidden = outcomes[outcomes["is_withheld"]].groupby("outcome")["segment"].apply(list).to_dict()
    assert hidden == {"calls": [3, 4], "first": [3, 4]}  # r and s are the third and the fourth by size
    cells = features[features["is_withheld"]]
    assert set(zip(cells["segment"], cells["level"], strict=True)) == {(s, t) for s in (2, 4) for t in "bc"}
    assert outcomes["p_adjusted"].notna().sum() == 6 * 4 - 4
    told = profile(world(accepted=12), RECIPE, "group", min_cell=LEAST).outcomes
    assert told.query("segment == 4 and outcome == 'first'")["total"].tolist() == [12]


def test_tables_that_differ_in_few_dropped_rows_leave_the_same_files(folder):
    clean = '[[clean]]\nstep = "with_age"\ndrop_missing = ["age"]\nwhy = "An age is needed."\n'
    recipe, frame = sg.Recipe.from_toml(clean + RECIPE.to_toml()), world()

    def dropping(n: int) -> dict[str, bytes]:
        usual = {name: round(frame[name].mean(), 2) for name in ("wine", "yacht", "calls")}
        further = frame.head(n).assign(age=np.nan, **usual)  # the queries' rough means stay what they are
        return published(pd.concat([frame, further], ignore_index=True), folder / f"drop{n}", recipe)

    one, nine, ten = dropping(1), dropping(9), dropping(10)
    assert [name for name in one if nine[name] != one[name]] == []
    assert {name for name in one if ten[name] != one[name]} > {
        "segmentation.json",
        "report.json",
        "report.html",
    }


def test_ranks_have_no_gaps_that_tell_where_a_withheld_level_is(first, folder):
    features = pd.read_csv(folder / "first" / "features.csv")
    for _, mine in features[~features["is_withheld"]].groupby("segment"):
        assert sorted(mine["rank"]) == list(range(1, len(mine) + 1))


@pytest.mark.parametrize("method", ["latent-class", "k-modes", "k-means"])
def test_a_run_tells_no_more_of_acceptances_than_a_profile(method):
    """Segments that were found: the model, its evidence and the corrected rates add nothing."""
    random = np.random.default_rng(0)
    truth = np.repeat(["p", "q", "r"], [300, 200, 150])
    frame = pd.DataFrame({f"f{j}": np.where(random.random(650) < 0.9, truth, "q") for j in range(5)})
    recipe = sg.Recipe.from_toml(
        '[source]\nid = "id"\n'
        + "\n".join(f'[features.f{j}]\ncolumn = "f{j}"\nlevels = ["p", "q", "r"]' for j in range(5))
        + '\n[model]\nmethod = "'
        + method
        + '"\nsegments = 3\nrange = [1, 4]\n[outcomes.campaign]\nrole = "flags"\ncolumns = ["first", "second"]\n'
        "cost_per_contact = 3\nrevenue_per_acceptance = 11\n"
    )
    frame["id"], frame["second"] = np.arange(650), random.random(650) < 0.3
    frame["first"] = False
    assigned = sg.run(frame, recipe).assign(frame)["segment"].to_numpy()
    places = [np.flatnonzero(assigned == s) for s in (1, 2, 3)]

    def told(accepted: int) -> str:
        is_yes = np.concatenate([places[0][:120], places[1][: 40 - accepted], places[2][:accepted]])
        result = sg.run(frame.assign(first=np.isin(np.arange(650), is_yes)), recipe, min_cell=LEAST)
        withheld = result.outcomes.query("is_withheld")
        assert set(zip(withheld["segment"], withheld["outcome"], strict=True)) == {(2, "first"), (3, "first")}
        return _timeless(json.dumps(result.to_dict()).encode()).decode()

    assert told(1) == told(9)
