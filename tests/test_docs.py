"""The documents' Python runs, their recipes load, and every command and file is documented."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

import segmentry
from segmentry.cli import app
from segmentry.recipe import Feature, OutcomeGroup, Recipe, Source
from segmentry.recipe.models import CleanStep, GivenName, ModelSettings, RecipeModel
from segmentry.scoring.statement import EXECUTED, RELATED, WRITTEN

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += sorted((ROOT / "docs/reference").glob("*.md"))


def blocks(kind: str) -> list[object]:
    found = [
        (p, b) for p in PAGES for b in re.findall(rf"```{kind}\n(.*?)```", p.read_text("utf-8"), re.DOTALL)
    ]
    return [pytest.param(b, id=f"{p.name} {i}") for i, (p, b) in enumerate(found)]


@pytest.mark.usefixtures("few_null_tables")
@pytest.mark.parametrize("code", blocks("python"))
def test_python_in_the_documents_runs(code: str) -> None:
    exec(compile(code, "document", "exec"), {})  # noqa: S102


@pytest.mark.parametrize("text", blocks("toml"))
def test_recipes_in_the_documents_load(text: str) -> None:
    features = "" if "[features." in text else '\n[features.a]\ncolumn = "a"\n'
    assert Recipe.from_toml(text + features).features


def test_every_command_is_in_the_readme() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert [name for name in commands if f"`segmentry {name} " not in README] == []


def test_every_option_that_the_readme_names_is_there() -> None:
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        rows = "".join(line for line in README.splitlines() if line.startswith(f"| `segmentry {name} "))
        options = {o for option in command.params for o in (*option.opts, *option.secondary_opts)}
        assert {o for o in re.findall(r"`[^`]*`", rows) for o in re.findall(r"--?[a-z][\w-]*", o)} <= options


def test_every_extra_and_every_dialect_is_documented() -> None:
    scoring = (ROOT / "docs/scoring.md").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert [extra for extra in project["optional-dependencies"] if f"`{extra}`" not in README] == []
    assert [dialect for dialect in (*EXECUTED, *RELATED, *WRITTEN) if f"`{dialect}`" not in scoring] == []


def test_every_key_of_a_recipe_is_documented() -> None:
    page = (ROOT / "docs" / "recipe.md").read_text("utf-8")
    models = (RecipeModel, Source, CleanStep, Feature, OutcomeGroup, GivenName, ModelSettings)
    keys = [k for model in models for k in model.model_fields if k != "name"]
    assert [
        k for k in keys if f"`{k}" not in page and f"## [{k}" not in page and f"## [[{k}" not in page
    ] == []


@pytest.mark.parametrize(
    "page", [ROOT / "ARCHITECTURE.md", *sorted((ROOT / "src").rglob("README.md"))], ids=str
)
def test_paths_in_the_documents_of_the_code_exist(page: Path) -> None:
    source = ROOT / "src" / "segmentry"
    named = re.findall(r"`([\w./-]+(?:\.(?:py|html|css|js|toml|md)|/))`", page.read_text("utf-8"))
    missing = [
        n
        for n in named
        if not any((b / n).exists() for b in (page.parent, source, ROOT)) and not _is_in(page, n)
    ]
    assert missing == []


def _is_in(page: Path, name: str) -> bool:
    """Whether a file of that name is somewhere in the page's place, or among its tests."""
    places = (page.parent, ROOT / "tests" / page.parent.name)
    return page.parent != ROOT and any(any(place.rglob(name)) for place in places)


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")), ids=lambda page: page.name)
def test_links_of_the_pages_beside_the_documents_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_citation_names_the_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {segmentry.__version__}\n" in citation


def test_every_place_has_a_readme() -> None:
    places = [p for p in (ROOT / "src" / "segmentry").iterdir() if p.is_dir() and p.name != "__pycache__"]
    assert [p.name for p in places if not (p / "README.md").is_file()] == []


@pytest.mark.parametrize("kind", ["dagster", "airflow"])
def test_jobs_of_schedulers_are_python_and_call_the_command_as_it_is(kind: str) -> None:
    """They were executed in environments of their own; here it is held that no option goes."""
    page = (ROOT / "docs" / "nightly.md").read_text("utf-8")
    (code,) = re.findall(rf"```python {kind}\n(.*?)```", page, re.DOTALL)
    tree = ast.parse(code)
    (called,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and "SCORE" in ast.unparse(node.targets[0])
    )
    words = [word.value for word in called.elts if isinstance(word, ast.Constant)]  # type: ignore[attr-defined]
    command = get_command(app).commands[words[1]]  # type: ignore[attr-defined]
    known = {name for option in command.params for name in option.opts}
    assert {"--out", "--json"} <= {word for word in words if word.startswith("--")} <= known
