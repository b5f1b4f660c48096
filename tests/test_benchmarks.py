"""The benchmarks' yardsticks: what they compute is what the library and scikit-learn say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import segmentry as sg
from segmentry.cluster import KModes, LatentClass

FOLDER = Path(__file__).parents[1] / "benchmarks"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the source distribution has no benchmarks")


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray]:
    from data import planted

    rng = np.random.default_rng(0)
    codes, truth = planted(3, [2, 3, 4, 5], 0.8, rng).draw(500, rng)
    codes[rng.random(codes.shape) < 0.1] = -1
    return codes, truth


def test_the_cost_of_modes_is_that_of_k_modes(drawn):
    from judge import k_modes_cost

    codes, _ = drawn
    model = KModes(n_clusters=3, random_state=0, missing_value=-1).fit(codes)
    assert k_modes_cost(codes, {"modes": model.cluster_modes_}) == model.cost_


def test_labels_alone_are_judged_by_the_modes_of_their_clusters():
    from judge import k_modes_cost

    codes = np.array([[0, 1], [0, 1], [0, 2], [1, -1], [1, 0]])
    assert k_modes_cost(codes, {"labels": np.array([0, 0, 0, 1, 1])}) == 1


def test_the_log_likelihood_is_that_of_latent_classes(drawn):
    from judge import log_likelihood, most_probable

    codes, _ = drawn
    model = LatentClass(n_components=2, n_init=2, random_state=0, missing_value=-1).fit(codes)
    found = {"prior": model.class_prior_, "probabilities": model.response_proba_}
    assert log_likelihood(codes, found) == pytest.approx(model.log_likelihood_, rel=1e-12)
    assert (most_probable(codes, found) == model.labels_).all()


def test_the_agreement_is_that_of_scikit_learn(drawn):
    from judge import adjusted_rand

    _, truth = drawn
    other = np.random.default_rng(1).permutation(truth // 2 + 5)
    assert adjusted_rand(truth, other) == pytest.approx(adjusted_rand_score(truth, other), abs=1e-12)
    assert adjusted_rand(truth, truth + 7) == 1.0


def test_the_codes_of_households_are_those_of_the_recipe(tmp_path):
    from data import household_codes, households

    codes = np.load(household_codes(tmp_path, 2_000))
    patterns = sg.collect(households(tmp_path, 2_000), "households")
    _, counts = np.unique(codes, axis=0, return_counts=True)
    assert sorted(counts.tolist()) == sorted(patterns.counts.tolist())


def test_distinct_patterns_are_distinct():
    from data import distinct_patterns

    codes = distinct_patterns(1_000, 3, [2, 3, 4, 5] * 3)
    assert len(np.unique(codes, axis=0)) == len(codes) == 1_000


def test_a_contestant_that_fails_is_a_row_that_says_why(tmp_path):
    from page import contest_table
    from processes import Contestant, compete

    codes = tmp_path / "codes.npy"
    np.save(codes, np.zeros((3, 1), np.int32))
    task = {"method": "k-modes", "fits": [{"data": str(codes), "k": 5}]}
    failed = compete(Contestant("use_segmentry"), task, tmp_path)
    assert "1 distinct patterns" in failed.failed
    assert failed.failed in contest_table([failed], "cost", lambda _: "")


def test_a_section_that_is_not_measured_now_stays(tmp_path, monkeypatch):
    import page

    monkeypatch.setattr(page, "PAGE", tmp_path / "RESULTS.md")
    page.write({"One": "first", "Two": "second"})
    page.write({"One": "", "Two": "again"})
    text = page.PAGE.read_text(encoding="utf-8")
    assert "## One\n\nfirst" in text
    assert "## Two\n\nagain" in text
    assert "second" not in text


def test_a_case_that_fails_leaves_the_others_measured(monkeypatch, capsys):
    import run

    def fail(bench):
        raise ValueError("no data")

    monkeypatch.setattr(
        run, "ALL", {"bad": run.Case("Bad", fail), "good": run.Case("Good", lambda _: "found")}
    )
    monkeypatch.setattr("sys.argv", ["run.py", "--quick", "--only", "bad", "--only", "good"])
    with pytest.raises(SystemExit, match="not measured, see above: bad"):
        run.main()
    out, err = capsys.readouterr()
    assert "ValueError: no data" in err
    assert "found" in out


def test_a_peer_whose_installation_takes_too_long_is_not_installed(tmp_path, monkeypatch):
    import peers

    monkeypatch.setattr(peers, "HOME", tmp_path)
    monkeypatch.setattr(peers, "INSTALL_SECONDS", 0.001)
    with pytest.raises(peers.NotInstalledError, match=r"kmodes 0.12.2 cannot be installed in 0.001 s"):
        peers.interpreter("kmodes")


def test_everything_that_is_said_of_segments_is_what_is_timed():
    from profiles import OUTCOMES, PATTERNS, SEGMENTS, everything, table

    patterns, labels = table(np.random.default_rng(0))
    assert (patterns.n_patterns, len(patterns.outcomes), labels.max() + 1) == (PATTERNS, OUTCOMES, SEGMENTS)
    tables, insights = everything(patterns, labels)
    assert len(tables["outcomes"]) == SEGMENTS * OUTCOMES
    assert len(tables["targeting"]) == SEGMENTS * 8
    assert len(insights.comparison) == (OUTCOMES + 1) * 5
    assert len(insights.texts) == SEGMENTS


def test_a_draft_is_judged_by_the_roles_that_an_expert_gives():
    from roles import judge
    from tables import ExpertTable

    roles = {
        "id": ["key"],
        "feature": ["age", "school"],
        "flag": ["left"],
        "left out": ["row"],
        "feature or answer": ["a", "b"],
    }
    expert = ExpertTable.of(
        "made",
        {
            "data": "none: none",
            "roles": roles,
            "target": ["left"],
            "sensitive": ["age"],
            "batteries": {"ab": ["a", "b"]},
            "restates": [["age", "school"]],
            "orders": {"school": ["low", "high"]},
        },
        group="seen",
    )
    recipe = _drafted("""
        sensitive = ["age"]
        [source]
        id = "row"
        [features.age]
        column = "age"
        edges = [30]
        [features.school]
        column = "school"
        groups = { Low = ["low"], High = ["high"] }
        scale = "ordinal"
        [features.a]
        sql = 'coalesce("a", 0)'
        edges = [3]
        [outcomes.b]
        role = "amounts"
        columns = ["b"]
        [outcomes.left]
        role = "flags"
        columns = ["left"]

        # Further features, ready to be taken: remove the # before the lines of one.

        # Not used, because it is a key:
        # [features.key]
        # column = "key"
        # quantiles = 4
    """)
    found = judge(expert, ["key", "row", "age", "school", "left", "a", "b"], recipe)
    assert found.wrong == {
        "key": ("id", "offered"),
        "row": ("left out", "id"),
        "a": ("battery, whole or not at all", "feature"),
        "b": ("battery, whole or not at all", "amounts"),
        "school": ("restates another column", "feature"),
    }
    assert (found.has_headline, found.outcomes) == (False, ("left",))
    assert (found.kinds, found.orders, found.sensitive) == ((1, 1), (1, 1), (1, 1))


def test_a_query_that_makes_customers_uses_the_columns_that_it_reads():
    from roles import drafted_roles

    recipe = _drafted("""
        [source]
        id = "customer"
        sql = 'SELECT "customer", SUM("price") AS "spend" FROM data GROUP BY "customer"'
        [features.spend]
        column = "spend"
        edges = [10]
    """)
    assert drafted_roles(["customer", "price", "shop"], recipe) == {
        "customer": "id",
        "price": "summed up",
        "shop": "left out",
    }


@pytest.mark.parametrize("is_ordered", [False, True])
def test_a_name_holds_for_those_who_meet_all_its_conditions(is_ordered):
    from names import held_shares

    from segmentry.datasets import sample_households

    customers = sample_households(rows=3_000)
    result = sg.run(customers, sg.draft(customers, ordered=True) if is_ordered else "households")
    shares, shown = held_shares(result), result.patterns.as_shown()
    assert len(shares) == len(result.segments) > 1
    features = {f.name: (j, f.levels) for j, f in enumerate(shown.features)}
    for segment, share in zip(result.segments, shares, strict=True):
        met = 0
        for codes, n, label in zip(shown.codes, shown.counts, result.labels, strict=True):
            of = {name: levels[codes[j]] for name, (j, levels) in features.items() if codes[j] >= 0}
            if label == segment.id - 1 and all(of.get(c.feature) in c.levels for c in segment.conditions):
                met += n
        assert segment.conditions
        assert share == met / segment.size == segment.name_share
        assert share >= 0.6


def test_every_table_of_the_experts_has_a_role_for_each_column_once():
    import tomllib

    from roles import _RIGHT
    from tables import COUNTED, FOLDER, GROUPS, PACKAGES, drawn_unseen, expert_tables, held_back

    tables = expert_tables()
    names = {group: sorted(t.name for t in tables if t.group == group) for group in GROUPS}
    assert names["unseen"] == drawn_unseen([*names["seen"], *names["unseen"]])
    assert names["held"] == held_back([*names["later"], *names["held"]])
    assert {t.group for t in tables if not t.is_open} == set(COUNTED)
    assert len({t.name for t in tables}) == len({t.data for t in tables}) == len(tables) == 94
    for group in GROUPS:
        for name, given in tomllib.loads((FOLDER / f"{group}.toml").read_text(encoding="utf-8")).items():
            columns = [c for named in given["roles"].values() for c in named]
            assert len(columns) == len(set(columns)), name
    for one in tables:
        spoken_of = {*one.target, *one.sensitive, *one.orders}
        spoken_of |= {c for group in (*one.batteries, *one.restates) for c in group}
        assert spoken_of <= set(one.roles), one.name
        assert all("feature" not in one.roles[c] for c in one.target), one.name
        assert {role for roles in one.roles.values() for role in roles} <= set(_RIGHT), one.name
        assert one.data.split(": ")[0] in PACKAGES, one.name
        assert not one.is_repeated or ("id",) in one.roles.values(), one.name


def test_drafts_beside_an_expert_are_measured(tmp_path, monkeypatch):
    import pandas as pd
    import tables
    from cases import drafts
    from cases.bench import Bench

    rng = np.random.default_rng(0)
    made = pd.DataFrame(
        {
            "age": rng.integers(18, 80, 400),
            "region": rng.choice(["north", "south", "west"], 400),
            "spent": rng.gamma(2, 50, 400).round(2),
            "churn": rng.choice(["yes", "no"], 400),
        }
    )
    given = {
        "data": "made: people",
        "roles": {"feature": ["age", "region"], "amount": ["spent"], "flag": ["churn"]},
        "target": ["churn"],
    }
    names = {"people": "seen", "more people": "further", "hidden people": "unseen"}
    experts = [tables.ExpertTable.of(name, given, group=group) for name, group in names.items()]
    monkeypatch.setitem(tables._READERS, "made", lambda _: made)
    monkeypatch.setattr(drafts, "expert_tables", lambda: experts)
    monkeypatch.setattr(drafts, "missing_packages", list)
    text = drafts.drafts(Bench(tmp_path))
    assert "|  | seen, before | seen, now | further, now | unseen, before | unseen, now |" in text
    row = next(line for line in text.splitlines() if line.startswith("| columns whose role is right |"))
    before_and_now = row.strip("| ").split(" | ")[1:]
    assert [before_and_now[i] for i in (1, 2, 4)] == ["100% (4 of 4)"] * 3
    assert "| people | seen | 4 of 4 |" in text
    assert "| more people | further | 4 of 4 |" in text
    assert "hidden people" not in text
    assert "2 tables are\nopen to who makes rules, 1 drawn ones are not" in text

    monkeypatch.setitem(tables._READERS, "made", lambda _: made.rename(columns={"age": "years"}))
    with pytest.raises(ValueError, match="people: not as the expert saw it: age, years"):
        experts[0].frame()


def _drafted(text: str):
    from textwrap import dedent

    from segmentry.drafting import Draft

    written = dedent(text)
    recipe = Draft.from_toml(written)
    recipe._text = written
    return recipe


def test_left_out_features_are_counted_apart_from_those_that_belong():
    from left_out import Counted, counted, p_values

    p = np.full((2, 10), 0.5)
    p[:, :4] = 1e-6
    p[1, 7] = 0.049
    assert counted(p) == Counted(false=1, strangers=10, true=8, belonging=10)
    assert "1 of 10)   belonging found  80.0%" in counted(p).line()
    (clear,) = p_values("clear", "k-modes", 400, range(1))
    assert (clear[:5] < 0.01).all()
    assert (clear[5:] > 0.001).all()


def test_customers_are_grouped_by_the_share_that_they_are_told():
    from steadiness import binned

    rows = np.array([[30.0, 0.9, 0.8], [10.0, 0.9, 1.0], [5.0, 1.0, 1.0]])
    assert binned(rows).splitlines() == [
        "  told 0.88 to 0.92: mean 0.900, new analyses 0.850 (40 customers)",
        "  told 0.96 to 1.00: mean 1.000, new analyses 1.000 (5 customers)",
    ]


def test_planted_mixed_classes_are_numbers_and_categories():
    from ordered import best_by_bic, mixed_classes

    values, classes = mixed_classes(np.random.default_rng(1), 600, 2)
    assert set(np.unique(values[:, 4:])) <= {0, 1, 2, 3}
    assert len(np.unique(values[:, 0])) == 600
    best = best_by_bic(values, "mixed", 2, 0)
    assert best.n_components == 2
    assert adjusted_rand_score(classes, best.labels_) > 0.6


def test_a_gaussian_mixture_finds_the_planted_classes_that_are_normal():
    from ordered import gaussian_labels, planted_classes

    values, classes = planted_classes(np.random.default_rng(1), 600, 2, is_skewed=False)
    assert adjusted_rand_score(classes, gaussian_labels(values, "normal", 2, 0)) > 0.6
