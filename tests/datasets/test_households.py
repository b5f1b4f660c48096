import errno
import subprocess
import sys

import duckdb
import pandas as pd
import pytest

from segmentry.datasets import sample_households, write_sample
from segmentry.datasets._query import ROWS_TABLE, SAMPLE_COLUMNS, household_query
from segmentry.errors import DataError

TEXT = {"Education", "Marital_Status"}
SCHEMA = [(c, "VARCHAR" if c in TEXT else "DATE" if c == "Dt_Customer" else "BIGINT") for c in SAMPLE_COLUMNS]


def _schema(path) -> list[tuple[str, str]]:
    with duckdb.connect() as connection:
        read = connection.read_parquet if path.suffix == ".parquet" else connection.read_csv
        relation = read(str(path))
        return [(c, str(t)) for c, t in zip(relation.columns, relation.types, strict=True)]


def test_columns_are_those_of_the_original(original):
    assert _schema(original) == SCHEMA


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".tsv"])
def test_written_columns_and_types(tmp_path, suffix):
    assert _schema(write_sample(tmp_path / f"sample{suffix}", rows=500)) == SCHEMA


@pytest.mark.parametrize("dirt", [False, True])
def test_truth_is_the_last_column(tmp_path, dirt):
    path = write_sample(tmp_path / "s.parquet", rows=500, truth=True, dirt=dirt)
    assert _schema(path) == [*SCHEMA, ("true_segment", "BIGINT")]
    assert set(pd.read_parquet(path)["true_segment"]) == {1, 2, 3, 4}


def test_dirt_keeps_the_types(tmp_path):
    assert _schema(write_sample(tmp_path / "s.parquet", rows=500, dirt=True)) == SCHEMA


@pytest.mark.parametrize(
    ("suffix", "read"),
    [
        (".parquet", pd.read_parquet),
        (".csv", pd.read_csv),
        (".tsv", lambda path: pd.read_csv(path, sep="\t")),
        (".CSV", pd.read_csv),
    ],
)
def test_files_hold_the_sample(tmp_path, suffix, read):
    path = write_sample(tmp_path / f'it\'s a "sample"{suffix}', rows=300, seed=4, truth=True)
    seen = read(path)
    seen["Dt_Customer"] = pd.to_datetime(seen["Dt_Customer"])
    expected = sample_households(rows=300, seed=4, truth=True)
    pd.testing.assert_frame_equal(seen, expected, check_dtype=False)


def test_ids_count_from_one(sample):
    assert sample["ID"].tolist() == list(range(1, len(sample) + 1))


@pytest.mark.parametrize(
    ("rows", "dirt"), [(1, False), (2, True), (100, False), (1_000, True), (125_000, False)]
)
def test_rows_do_not_depend_on_their_number(sample, dirty, rows, dirt):
    large = dirty if dirt else sample.drop(columns="true_segment")
    small = sample_households(rows=rows, seed=11, dirt=dirt)
    pd.testing.assert_frame_equal(small, large.head(rows), check_dtype=False)


def test_rows_do_not_depend_on_threads(sample):
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.table_function("range", [len(sample)]).project("true AS present").create(ROWS_TABLE)
        frame = connection.sql(household_query(11, truth=True, dirt=False)).df()
    pd.testing.assert_frame_equal(frame, sample)


def test_seeds_differ(sample):
    other = sample_households(rows=1_000, seed=12)
    assert (other["Income"] == sample["Income"].head(1_000)).mean() < 0.01
    assert (other["Recency"] == sample["Recency"].head(1_000)).mean() < 0.05


def test_first_rows_stay_what_they_are():
    """Frozen: another DuckDB, another machine or a later segmentry must generate the same households."""
    columns = ["Year_Birth", "Education", "Income", "MntWines", "MntFruits", "NumWebPurchases", "Recency"]
    seen = sample_households(rows=3, truth=True)[[*columns, "true_segment"]]
    assert seen.to_numpy().tolist() == FIRST_ROWS


FIRST_ROWS = [
    [1968, "Graduation", 41280, 65, 30, 11, 64, 1],
    [1988, "Graduation", 37949, 50, 7, 2, 87, 2],
    [1972, "Graduation", 68599, 158, 9, 4, 53, 1],
]


def test_unknown_suffix_names_the_allowed(tmp_path):
    with pytest.raises(DataError, match=r"\.parquet, \.csv, \.tsv; got '\.xlsx'"):
        write_sample(tmp_path / "sample.xlsx")
    with pytest.raises(DataError, match="no suffix"):
        write_sample(tmp_path / "sample")


def test_missing_folder_is_said(tmp_path):
    with pytest.raises(DataError, match=r"there is no folder .*nowhere"):
        write_sample(tmp_path / "nowhere" / "sample.csv")


def test_folder_as_target_is_refused(tmp_path):
    (tmp_path / "sample.csv").mkdir()
    with pytest.raises(DataError, match="is a folder"):
        write_sample(tmp_path / "sample.csv")


@pytest.mark.parametrize("rows", [0, -1, 2**32 + 1, 1.5, True, "10", None])
def test_impossible_rows_are_refused(tmp_path, rows):
    with pytest.raises(DataError, match="rows must be a whole number from 1"):
        write_sample(tmp_path / "sample.csv", rows=rows)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("seed", [-1, 2**56, 0.5])
def test_impossible_seeds_are_refused(seed):
    with pytest.raises(DataError, match="seed must be"):
        sample_households(rows=1, seed=seed)


@pytest.mark.parametrize(
    ("failure", "raised"),
    [
        (duckdb.IOException("disk full"), DataError),
        (OSError(errno.ENOSPC, "disk full"), DataError),
        (KeyboardInterrupt(), KeyboardInterrupt),
        (RuntimeError("a defect"), RuntimeError),
    ],
)
def test_failed_write_leaves_the_target_unchanged(tmp_path, monkeypatch, failure, raised):
    from contextlib import contextmanager

    class Broken:
        def write_csv(self, path, **_options):
            with open(path, "w") as file:  # noqa: PTH123
                file.write("half")
            raise failure

    @contextmanager
    def broken_sample(*args, **options):
        yield Broken()

    target = tmp_path / "sample.csv"
    target.write_text("before")
    monkeypatch.setattr("segmentry.datasets.households._sample", broken_sample)
    with pytest.raises(raised):
        write_sample(target, rows=10, overwrite=True)
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_existing_file_is_replaced_where_that_is_said(tmp_path):
    target = tmp_path / "sample.csv"
    target.write_text("before")
    with pytest.raises(DataError, match="the file is there already; name another place, or say --overwrite"):
        write_sample(str(target), rows=10)
    assert target.read_text() == "before"
    write_sample(str(target), rows=10, overwrite=True)
    assert len(pd.read_csv(target)) == 10


def test_importing_datasets_is_cheap():
    code = (
        "import sys, segmentry.datasets as d; dir(d); d.PLANTED; "
        "sys.exit(str({'duckdb', 'pandas', 'numpy', 'sqlglot', 'pyarrow'} & set(sys.modules) or ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == "\n"


def test_unknown_name_of_the_package_is_an_attribute_error():
    import segmentry.datasets

    with pytest.raises(AttributeError, match="nothing"):
        _ = segmentry.datasets.nothing
