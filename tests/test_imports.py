"""The import rule: a folder knows only what stands before it on the data's way, and its own libraries."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "segmentry"

# The places in the order of the data's way; a place imports only what stands above it, of that what its line says, and
# only the libraries of its line.
RULES: dict[str, tuple[set[str], set[str]]] = {
    "errors": (set(), set()),
    "arrays": (set(), {"numpy"}),
    "text": (set(), set()),
    "system": ({"errors"}, {"numpy", "IPython"}),
    "pages": ({"text"}, {"jinja2", "markupsafe"}),
    "recipe": ({"errors", "text"}, {"pydantic", "tomlkit"}),
    "patterns": ({"arrays", "errors", "text", "system"}, {"numpy", "scipy", "pyarrow"}),
    "sql": ({"errors", "recipe"}, {"sqlglot"}),
    "engine": (
        {"errors", "system", "sql"},
        {"sqlglot", "duckdb", "pyarrow", "adbc_driver_manager", "adbc_driver_postgresql", "pyspark", "py4j", "chdb", "python_calamine", "pyreadstat", "pandas", "polars", "narwhals"},
    ),
    "collecting": ({"arrays", "errors", "recipe", "patterns", "sql", "engine"}, {"numpy", "pandas", "pyarrow", "sqlglot"}),
    "cluster": ({"arrays", "errors"}, {"numpy", "scipy", "sklearn", "threadpoolctl"}),
    "profiling": ({"arrays", "text", "patterns"}, {"numpy", "scipy", "pandas"}),
    "selection": ({"arrays", "errors", "recipe", "text", "system", "patterns", "cluster", "profiling"}, {"numpy", "pandas", "scipy"}),
    "auditing": ({"text", "system", "pages", "recipe", "sql", "engine"}, {"pyarrow", "sqlglot", "markupsafe"}),
    "drafting": (
        {"errors", "text", "recipe", "sql", "engine", "patterns", "collecting", "auditing"},
        {"numpy", "sqlglot", "pydantic", "tomlkit"},
    ),
    "segmentation": (
        {"errors", "text", "system", "auditing", "recipe", "engine", "patterns", "cluster", "selection", "profiling"},
        {"numpy", "pandas"},
    ),
    "disclosure": ({"arrays", "errors", "engine", "patterns", "profiling", "selection", "segmentation"}, {"numpy", "pandas"}),
    "scoring": (
        {"arrays", "errors", "text", "recipe", "sql", "engine", "patterns", "collecting", "cluster", "profiling", "segmentation"},
        {"numpy", "pyarrow", "sqlglot"},
    ),
    "drift": ({"arrays", "text", "pages", "patterns", "profiling"}, {"numpy", "scipy", "pandas"}),
    "report": (
        {"arrays", "errors", "text", "system", "pages", "patterns", "profiling", "selection", "segmentation"},
        {"numpy", "resvg", "xlsxwriter", "pptx"},
    ),
    "typing_tool": (
        {"arrays", "errors", "text", "recipe", "sql", "scoring", "report"},
        {"numpy", "scipy", "xlsxwriter"},
    ),
    "datasets": ({"errors", "system"}, {"duckdb", "sqlglot", "pandas", "numpy"}),
    "runs": (
        {"arrays", "errors", "text", "system", "recipe", "sql", "engine", "auditing", "patterns", "collecting", "cluster", "selection", "profiling", "drafting",
         "drift", "scoring", "disclosure", "segmentation", "report", "typing_tool"},
        {"numpy", "pandas", "scipy", "sqlglot"},
    ),
    "workbench": (
        {"errors", "text", "system", "pages", "recipe", "patterns", "drafting", "segmentation", "report", "datasets", "runs"},
        {"numpy", "pydantic", "starlette", "uvicorn", "anywidget", "traitlets"},
    ),
    "cli": (
        {"errors", "text", "system", "recipe", "engine", "drafting", "runs", "workbench", "drift", "disclosure", "patterns", "segmentation", "datasets"},
        {"typer", "rich"},
    ),
    "__main__": ({"cli"}, set()),
    "__init__": ({"errors", "recipe", "auditing", "drafting", "patterns", "runs", "drift", "scoring", "segmentation", "typing_tool", "workbench"}, set()),
}  # fmt: skip

# Doors lead onwards: an import inside a function, of what stands below. Each is one line here.
DOORS: set[tuple[str, str]] = {
    ("segmentation/result.py", "scoring"),
    ("segmentation/result.py", "runs"),
    ("segmentation/result.py", "drift"),
    ("segmentation/result.py", "report"),
    ("segmentation/result.py", "disclosure"),
    ("segmentation/result.py", "workbench"),
}


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imported(tree: ast.AST, file: Path) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            if node.module == "segmentry":
                names |= {f"segmentry.{alias.name}" for alias in node.names}
            else:
                names.add(str(node.module))
    return names


def imported_when_loaded(file: Path) -> set[str]:
    """What a module imports outside functions, for the type checker alone left out."""
    body: list[ast.stmt] = []
    pending = list(parsed(file).body)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            body.append(node)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not is_for_types(node):
            pending += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
    return imported(ast.Module(body, []), file)


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def place_of(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(SOURCE)))
def test_a_file_imports_only_what_its_folder_may(file: Path) -> None:
    place, name_of_file = place_of(file), file.relative_to(SOURCE).as_posix()
    inside, libraries = RULES[place]
    doors = {to for one, to in DOORS if one == name_of_file}
    for name in imported(parsed(file), file):
        parts = name.split(".")
        if parts[0] == "segmentry":
            assert parts[1] in inside | doors | {place}, f"{name_of_file} imports {name}"
        elif parts[0] not in sys.stdlib_module_names:
            assert parts[0] in libraries, f"{name_of_file} imports {name}"


@pytest.mark.parametrize("place", RULES)
def test_what_a_folder_may_import_it_imports(place: str) -> None:
    files = [file for file in FILES if place_of(file) == place]
    names = {n for file in files for n in imported(parsed(file), file)}
    first = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - {"segmentry"}
    inside = {name.split(".")[1] for name in names if name.startswith("segmentry.")} - {place}
    doors = {to for file, to in DOORS if file.partition("/")[0] == place}
    assert (inside - doors, first) == RULES[place]


def test_places_stand_in_one_order() -> None:
    order = list(RULES)
    upwards = {(place, other) for place, (inside, _) in RULES.items() for other in inside
               if order.index(other) >= order.index(place)}  # fmt: skip
    assert upwards == set()


@pytest.mark.parametrize(("file", "place"), sorted(DOORS))
def test_a_door_is_an_import_inside_a_function(file: str, place: str) -> None:
    path = SOURCE / file
    anywhere = imported(parsed(path), path)
    assert any(name.split(".")[:2] == ["segmentry", place] for name in anywhere), (
        f"{file} has no door to {place}"
    )
    loaded = {name for name in imported_when_loaded(path) if name.split(".")[:2] == ["segmentry", place]}
    assert loaded == set()


def test_the_root_holds_packages_alone() -> None:
    found = {p.name for p in SOURCE.iterdir() if not p.is_dir()}
    assert found == {"__init__.py", "__main__.py", "errors.py", "py.typed"}


def test_files_are_short() -> None:
    long = {str(f.relative_to(SOURCE)): n for f in SOURCE.rglob("*.py")
            if (n := len(f.read_text(encoding="utf-8").splitlines())) > 400}  # fmt: skip
    assert long == {}


def test_functions_take_eight_parameters_at_most() -> None:
    """Commands, public doors and the settings of estimators have what people may choose."""
    doors = {"run", "profile", "type_customers", "__init__"}
    wide = {}
    for file in FILES:
        if place_of(file) != "cli":
            for node in ast.walk(parsed(file)):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name not in doors:
                    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
                    if len(set(names) - {"self", "cls"}) > 8:
                        wide[f"{file.relative_to(SOURCE)}: {node.name}"] = names
    assert wide == {}


@pytest.mark.parametrize("module", ["segmentry", "segmentry.cli", "segmentry.cluster", "segmentry.datasets"])
def test_importing_is_cheap(module: str) -> None:
    heavy = ["numpy", "pandas", "sklearn", "scipy", "duckdb", "sqlglot", "resvg", "pyarrow", "pydantic"]
    code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def told_by(code: str) -> str:
    """What a program writes that is started anew, and draws few null tables, in its own process."""
    path = os.pathsep.join([str(Path(__file__).parent), *(p for p in sys.path if p)])
    lines = ["import sys, segmentry as sg", "from segmentry.datasets import sample_households", code]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize("method", ["latent-class", "k-modes", "k-means"])
def test_a_run_does_not_load_scikit_learn(method: str, tmp_path: Path) -> None:
    code = (
        "from few_tables import few_tables\n"
        "recipe = sg.Recipe.load('households').with_(model={'range': (1, 3)})\n"
        "with few_tables():\n"
        f"    sg.run(sample_households(300, seed=1), recipe, method={method!r}, out={str(tmp_path / 'out')!r})\n"
        "print([m for m in ('sklearn', 'scipy.stats') if m in sys.modules])"
    )
    assert told_by(code) == "[]"


def test_scoring_loads_nothing_that_draws_or_serves_and_needs_no_scikit_learn(tmp_path: Path) -> None:
    """What a job's image can do without."""
    code = (
        "sys.modules['sklearn'] = None\nfrom few_tables import few_tables\n"
        f"rows, folder = sample_households(300, seed=1), {str(tmp_path)!r}\n"
        "with few_tables():\n"
        "    model = sg.run(rows, 'households', segments=2, analyses=0).save(folder + '/m.json')\n"
        "print('score' if sg.score(model, rows, folder + '/s.parquet').n_customers else '')"
    )
    assert told_by(code) == "score"
    code = (
        f"sg.score({str(tmp_path / 'm.json')!r}, sample_households(100), {str(tmp_path / 's.parquet')!r})\n"
        "heavy = ('sklearn', 'scipy.stats', 'scipy.optimize', 'jinja2', 'resvg', 'starlette', 'uvicorn', 'xlsxwriter', 'pptx', 'rich')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    assert told_by(code) == "[]"


def test_estimators_without_scikit_learn_name_the_extra() -> None:
    code = "import sys\nsys.modules['sklearn'] = None\nfrom segmentry.cluster import KModes"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'segmentry[scikit-learn]'" in done.stderr.splitlines()[-1]
