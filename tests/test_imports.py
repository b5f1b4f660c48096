"""The import rule: a folder knows only what stands before it on the data's way, and its own libraries."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "segmentry"

# place: (what of segmentry it may import, which libraries)
RULES: dict[str, tuple[set[str], set[str]]] = {
    "errors": (set(), set()),
    "numerals": (set(), {"babel"}),
    # `Recipe.draft` is a door to what stands after it
    "recipe": ({"numerals", "errors", "showing", "drafting"}, {"pydantic", "tomlkit"}),
    "formula": (set(), set()),
    "secrets": ({"errors"}, set()),
    "sql": ({"errors", "formula", "recipe"}, {"sqlglot"}),
    "engine": (
        {"errors", "secrets", "sql"},
        {"sqlglot", "duckdb", "pyarrow", "adbc_driver_manager", "adbc_driver_postgresql", "pyspark", "py4j", "python_calamine"},
    ),
    "auditing": ({"numerals", "errors", "recipe", "sql", "engine"}, {"pyarrow", "sqlglot", "jinja2", "markupsafe"}),
    "folds": (set(), {"numpy"}),
    "processes": (set(), set()),
    "showing": ({"numerals"}, set()),
    # `PatternTable.merge`, `save` and `load` are doors
    "patterns": ({"numerals", "errors", "showing", "folds", "merging", "pattern_files"}, {"numpy"}),
    "pattern_files": ({"errors", "folds", "patterns"}, {"numpy", "pyarrow"}),
    "merging": ({"errors", "patterns"}, {"numpy"}),
    "matching": ({"errors", "recipe", "sql", "engine"}, {"sqlglot"}),
    "collecting": ({"errors", "recipe", "sql", "engine", "patterns", "matching", "sampling", "tabulating", "folds"}, {"numpy"}),
    "identity": ({"engine", "sql", "patterns", "matching", "sampling", "collecting"}, set()),
    "tabulating": ({"errors", "recipe", "sql", "patterns", "matching"}, {"numpy", "pandas", "pyarrow"}),
    "drafting": (
        {"errors", "recipe", "sql", "engine", "patterns", "collecting", "auditing"},
        {"numpy", "sqlglot", "pydantic", "tomlkit"},
    ),
    "cluster": ({"errors"}, {"numpy", "scipy", "sklearn", "threadpoolctl", "pandas"}),
    "selection": ({"numerals", "errors", "processes", "patterns", "cluster"}, {"numpy", "pandas", "scipy"}),
    "profile": ({"numerals", "showing", "patterns"}, {"numpy", "scipy", "pandas"}),
    "drift": ({"numerals", "showing", "patterns", "profile"}, {"numpy", "scipy", "pandas", "jinja2"}),
    # its methods `assign`, `drift` and `report` are doors to what stands after it
    "segmentation": (
        {"numerals", "errors", "showing", "auditing", "recipe", "engine", "patterns", "cluster", "selection", "profile", "small_counts", "scoring", "drift",
         "pipeline", "report"},
        {"numpy", "pandas", "altair"},
    ),
    "scoring": (
        {"errors", "formula", "recipe", "sql", "engine", "patterns", "collecting", "matching", "cluster", "profile", "segmentation"},
        {"numpy", "pandas", "pyarrow", "sqlglot"},
    ),
    "sampling": ({"matching", "engine", "sql", "patterns"}, {"sqlglot"}),
    "value_counts": (
        {"sampling", "engine", "sql", "patterns", "collecting", "profile", "scoring"}, {"numpy", "pyarrow"}
    ),
    "histograms": ({"engine", "sql", "matching"}, {"pandas"}),
    "report": ({"numerals", "errors", "processes", "patterns", "profile", "segmentation", "selection"},
               {"numpy", "pandas", "vl_convert", "jinja2", "markupsafe", "xlsxwriter"}),
    "assembly": (
        {"errors", "engine", "recipe", "patterns", "profile", "segmentation", "selection", "sql"}, {"numpy", "pandas"}
    ),
    "outputs": ({"errors", "engine", "segmentation", "report"}, {"pandas"}),
    "pipeline": (
        {"numerals", "errors", "recipe", "sql", "engine", "auditing", "patterns", "pattern_files", "merging", "collecting", "matching", "cluster", "selection", "profile",
         "assembly", "drift", "scoring", "histograms", "identity", "processes", "sampling", "tabulating", "value_counts", "withholding", "small_counts", "sensitivity", "segmentation", "outputs",
         "report"},
        {"numpy", "pandas", "scipy", "sqlglot"},
    ),
    "withholding": ({"errors", "engine", "profile", "segmentation", "selection"}, {"numpy", "pandas"}),
    "small_counts": ({"patterns", "profile", "segmentation", "selection", "withholding"}, {"numpy"}),
    "sensitivity": ({"numerals", "patterns", "cluster", "profile"}, {"numpy", "pandas", "scipy"}),
    "datasets": ({"errors", "patterns"}, {"duckdb", "sqlglot", "pandas", "numpy", "pyarrow"}),
    "cli": (
        {"numerals", "errors", "showing", "secrets", "drafting", "pipeline", "drift", "small_counts", "outputs", "patterns", "segmentation", "datasets"},
        {"typer", "rich"},
    ),
    "__main__": ({"cli"}, set()),
    "__init__": ({"errors", "recipe", "auditing", "patterns", "pipeline", "drift", "segmentation"}, set()),
}  # fmt: skip


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            if node.module == "segmentry":
                names |= {f"segmentry.{alias.name}" for alias in node.names}
            else:
                names.add(str(node.module))
    return names


def place_of(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda f: str(f.relative_to(SOURCE)))
def test_a_file_imports_only_what_its_folder_may(file: Path) -> None:
    place = place_of(file)
    inside, libraries = RULES[place]
    for name in imported(file):
        parts = name.split(".")
        if parts[0] == "segmentry":
            assert parts[1] in inside | {place}, f"{file.name} imports {name}"
        elif parts[0] not in sys.stdlib_module_names:
            assert parts[0] in libraries, f"{file.name} imports {name}"


def test_files_are_short() -> None:
    long = {str(f.relative_to(SOURCE)): n for f in SOURCE.rglob("*.py")
            if (n := len(f.read_text(encoding="utf-8").splitlines())) > 400}  # fmt: skip
    assert long == {}


@pytest.mark.parametrize("module", ["segmentry", "segmentry.cli", "segmentry.cluster", "segmentry.datasets"])
def test_importing_is_cheap(module: str) -> None:
    heavy = ["numpy", "pandas", "sklearn", "scipy", "duckdb", "sqlglot", "altair", "pyarrow", "pydantic"]
    code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("method", ["latent-class", "k-modes"])
def test_a_run_loads_neither_scikit_learn_nor_altair(method: str, tmp_path: Path) -> None:
    code = (
        "import sys, segmentry as sg\nfrom segmentry.datasets import sample_households\n"
        f"sg.run(sample_households(300, seed=1), 'households', method={method!r}, out={str(tmp_path / 'out')!r})\n"
        "print([m for m in ('sklearn', 'altair', 'scipy.stats') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
