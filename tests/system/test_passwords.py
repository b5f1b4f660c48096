"""Passwords of URLs are found and hidden, however they are written."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from segmentry.cli import app
from segmentry.errors import DataError
from segmentry.system.passwords import (
    check_password,
    hide_secrets,
    secrets_of,
    with_password_in_environment,
    without_password,
)

SAFE = "postgresql://ana:p%40ss%2Fword@db.example:5432/shop?table=customers"
UNSAFE = [
    "postgresql://ana:p@ss@db.example/shop?table=t",
    "postgresql://ana:pa/ss@db.example/shop?table=t",
    "postgresql://ana:pa?ss@db.example/shop?table=t",
    "postgres//ana:p%zz@db.example/shop",
]


def test_passwords_are_found_as_written_and_as_meant():
    assert secrets_of(SAFE) == ("p%40ss%2Fword", "p@ss/word")
    assert secrets_of("postgresql://h/db?user=ana&password=s3%21cret&table=t") == ("s3%21cret", "s3!cret")
    assert secrets_of("postgresql://ana@db.example:5432/shop?table=t") == ()
    assert secrets_of("postgresql:///shop?table=t") == ()
    assert secrets_of("folder/customers.csv") == ()


def test_a_message_is_shown_without_them():
    shown = hide_secrets(f"{SAFE}: bad token p%40ss%2Fword, p@ss/word", SAFE)
    assert shown == "postgresql://ana:***@db.example:5432/shop?table=customers: bad token ***, ***"
    assert hide_secrets("no such file", "customers.csv") == "no such file"


@pytest.mark.parametrize("url", UNSAFE)
def test_a_password_that_a_url_cannot_hold_is_refused_unseen(url):
    assert "***" in without_password(url)
    with pytest.raises(DataError, match="PGPASSWORD") as caught:
        check_password(url)
    assert url.split(":")[-1].rpartition("@")[0] not in str(caught.value)


def test_the_command_line_hands_the_password_to_the_driver(monkeypatch):
    monkeypatch.delenv("PGPASSWORD", raising=False)
    monkeypatch.setenv("PGPASSWORD", "old")
    assert with_password_in_environment(["run", SAFE, "-r", "x"]) == [
        "run",
        SAFE.replace(":p%40ss%2Fword@", "@"),
        "-r",
        "x",
    ]
    assert os.environ["PGPASSWORD"] == "p@ss/word"
    two = [SAFE, "postgresql://bo:other@h/db"]
    assert with_password_in_environment(two) == two
    three = ["score", "m.json", SAFE, "--out", "postgresql://h/db?password=p%40ss%2Fword&table=scores"]
    assert with_password_in_environment(three)[2:] == [
        SAFE.replace(":p%40ss%2Fword@", "@"), "--out", "postgresql://h/db?table=scores"
    ]  # fmt: skip
    assert with_password_in_environment(["postgresql://h/db?table=t&password=x"]) == [
        "postgresql://h/db?table=t"
    ]
    assert os.environ["PGPASSWORD"] == "x"


@pytest.mark.parametrize("password", ["p%40ss%2Fword", "other"])
def test_each_kind_of_server_gets_its_own_password(monkeypatch, password):
    for name in ("PGPASSWORD", "CLICKHOUSE_PASSWORD"):
        monkeypatch.setenv(name, "old")
    given = ["score", f"clickhouse://ana:{password}@h/db?table=t", SAFE]
    assert with_password_in_environment(given)[1:] == [
        "clickhouse://ana@h/db?table=t", SAFE.replace(":p%40ss%2Fword@", "@")
    ]  # fmt: skip
    assert os.environ["PGPASSWORD"] == "p@ss/word"
    assert os.environ["CLICKHOUSE_PASSWORD"] == password.replace("%40", "@").replace("%2F", "/")


def test_a_url_is_shown_without_any_secret():
    shown = without_password("postgresql://ana:x%20y@h/db?password=secret&sslpassword=other&table=t")
    assert shown == "postgresql://ana:***@h/db?password=***&sslpassword=***&table=t"
    for setting in (
        "auth.client_secret",
        "auth.refresh_token",
        "access_token",
        "client_option.auth_token",
        "auth%2Ecredentials",
        "jwt_private_key_pkcs8_value",
        "Passphrase",
        "pass%77ord",
    ):
        url = f"bigquery://p/d?table=t&{setting}=S3%2FCR+T&project=p"
        assert without_password(url) == f"bigquery://p/d?table=t&{setting}=***&project=p"
        assert hide_secrets("refused: S3/CR T, S3/CR+T, S3%2FCR+T", url) == "refused: ***, ***, ***"
    assert secrets_of("snowflake://a/D/S?table=t&client_option.cache_mfa_token=true") == ()
    assert without_password("folder/c.csv?password=x") == "folder/c.csv?password=x"


def test_a_command_that_is_proposed_shows_none(tmp_path, monkeypatch):
    drafted = SimpleNamespace(text="", features=[], outcomes=[], clean=[], headline="", candidates=())
    monkeypatch.setattr("segmentry.drafting.draft", lambda *_, **__: drafted)
    url = "bigquery://p/d?table=t&auth.client_secret=S3CR"
    said = CliRunner().invoke(app, ["init", url, "-o", str(tmp_path / "r.toml")])
    assert said.exit_code == 0
    assert "auth.client_secret=***" in said.output
    assert "S3CR" not in said.output


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux lets a process write into the list of processes"
)
def test_a_password_does_not_stay_in_the_list_of_processes():
    program = (
        "import sys; from pathlib import Path\n"
        "from segmentry.system.passwords import with_password_in_environment\n"
        "sys.argv[1:] = with_password_in_environment(sys.argv[1:])\n"
        "print(Path('/proc/self/cmdline').read_bytes().decode().split('\\0')[-3:-1], sys.argv[1:])"
    )
    command = [sys.executable, "-c", program, "run", SAFE]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "p%40ss" not in said
    hidden = SAFE.replace("p%40ss%2Fword", "*" * len("p%40ss%2Fword"))
    assert said == f"['run', '{hidden}'] ['run', 'postgresql://ana@db.example:5432/shop?table=customers']\n"


def test_a_password_behind_a_second_question_mark_is_hidden_too():
    url = "postgres:///shop?host=?password=s3cret&table=t"
    assert secrets_of(url) == ("s3cret",)
    assert without_password(url) == "postgres:///shop?host=?password=***&table=t"
    assert (
        hide_secrets("at postgres:///shop?host=%3Fpassword%3Ds3cret", url)
        == "at postgres:///shop?host=%3Fpassword%3D***"
    )
    assert (
        without_password("postgres:///shop?password=a?b=c&table=t") == "postgres:///shop?password=***&table=t"
    )
