"""What a scheduler needs: exit codes, output without a terminal's signs, jobs that can run again; databases together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import segmentry as sg
from recipes import HOUSEHOLDS
from segmentry.datasets import sample_households

pytestmark = pytest.mark.usefixtures("few_null_tables")


def segmentry(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "segmentry", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), **environment},
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = sg.run(sample_households(rows=1_500, seed=5), HOUSEHOLDS, segments=3)
    return result.save(tmp_path_factory.mktemp("model") / "segmentation.json")


def test_a_night_can_be_repeated_and_its_log_is_plain(model: Path, tmp_path: Path) -> None:
    data = tmp_path / "customers.parquet"
    sample_households(rows=1_000, seed=6).to_parquet(data, index=False)
    nights = []
    for _ in range(2):
        scored = segmentry("score", model, data, "--out", f"sqlite://{tmp_path}/s.db?table=s", "--replace")
        moved = segmentry("drift", model, data, "--out", tmp_path / "drift")
        assert (scored.returncode, moved.returncode) == (0, 0), scored.stderr + moved.stderr
        log = scored.stdout + moved.stdout
        assert scored.stderr + moved.stderr == ""
        assert not set("\r\x1b") & set(log)
        nights.append((log, (tmp_path / "drift" / "drift.json").read_text()))
    assert nights[0] == nights[1]


def test_a_scheduler_reads_one_line_of_json_or_nothing(model: Path, tmp_path: Path) -> None:
    rows = sample_households(rows=300, seed=6)
    rows.to_parquet(tmp_path / "customers.parquet", index=False)
    given = (
        "score",
        model,
        tmp_path / "customers.parquet",
        "--out",
        f"sqlite://{tmp_path}/s.db?table=s",
        "--history",
    )
    done = segmentry(*given, "--json")
    said = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert (said["rows_read"], said["customers"], sum(said["segments"].values())) == (300, 300, 300)
    assert said["history"]["n_new"] == 300
    assert len(said["model"]) == 12
    assert said["at"].endswith("+00:00")
    quiet = segmentry(*given, "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    rows.assign(Education="martian").to_parquet(tmp_path / "customers.parquet", index=False)
    assert segmentry(*given, "--quiet").stderr.startswith("segmentry: Warning: ")


def test_a_timeout_of_the_server_is_one_line_and_leaves_nothing(
    model: Path, postgres_url: str, tmp_path: Path
) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        rows = pa.Table.from_pandas(sample_households(rows=20_000, seed=6), preserve_index=False)
        cursor.adbc_ingest("of_many", rows, mode="create")
        connection.commit()
    done = segmentry(
        "score", model, f"{postgres_url}?table=of_many", "--out", tmp_path / "s.parquet",
        PGOPTIONS="-c statement_timeout=5",
    )  # fmt: skip
    assert done.returncode == 2
    assert "canceling statement due to statement timeout; raise it for this user" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_patterns_of_postgresql_and_of_files_merge_as_those_of_one_table(
    postgres_url: str, tmp_path: Path
) -> None:
    from adbc_driver_postgresql import dbapi

    customers = sample_households(rows=2_000, seed=7)
    north, south = customers[:900], customers[900:]
    with dbapi.connect(postgres_url) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("north", pa.Table.from_pandas(north, preserve_index=False), mode="create")
        connection.commit()
    south.to_csv(tmp_path / "south.csv", index=False)
    merged = sg.collect(f"{postgres_url}?table=north", "households").merge(
        sg.collect(tmp_path / "south.csv", "households")
    )
    whole = sg.collect(customers, "households")
    np.testing.assert_array_equal(merged.codes, whole.codes)
    np.testing.assert_array_equal(merged.counts, whole.counts)
    np.testing.assert_allclose(merged.sums, whole.sums, rtol=1e-9)
    assert merged.cleaning.n_dropped == whole.cleaning.n_dropped
    assert [s.size for s in sg.run(merged, HOUSEHOLDS, segments=3).segments] == [
        s.size for s in sg.run(customers, HOUSEHOLDS, segments=3).segments
    ]
