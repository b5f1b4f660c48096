"""The product in a real Jupyter kernel, with and without ipywidgets, which neither jupyterlab nor notebook brings."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace
from typing import Any

import pytest

nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Proactor event loop"),
]

WITHOUT_WIDGETS = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "ipywidgets":
            raise ModuleNotFoundError("No module named 'ipywidgets'", name=name)

sys.meta_path.insert(0, Blocked())
"""
CELLS = {
    "import": "import segmentry as sg\nfrom segmentry.datasets import sample_households\ntable = sample_households(rows=300)",
    "file": "table.to_csv('customers.csv', index=False)",
    "draft": "recipe = sg.draft('customers.csv').with_(model={'range': (2, 2)})",
    "audit": "sg.audit('customers.csv')",
    "run": "result = sg.run('customers.csv', recipe, segments=2, out='out')",
    "result": "result",
    "segments": "result.segments",
    "chart": "result.charts['map']",
    "score": "result.assign(table.head(5))",
    "thread": "import threading\nt = threading.Thread(target=lambda: print(len(sg.run(table, recipe, segments=2).segments)))\nt.start(); t.join()",
}


@pytest.mark.parametrize("widgets", [True, False], ids=["with ipywidgets", "without ipywidgets"])
def test_everything_works_and_shows_itself(tmp_path: Any, widgets: bool) -> None:
    import nbformat

    sources = [*([] if widgets else [WITHOUT_WIDGETS]), *CELLS.values()]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    client = nbclient.NotebookClient(
        book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute(env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    cells = dict(zip(CELLS, book.cells[-len(CELLS) :], strict=True))

    def shown(name: str, kind: str) -> str:
        return "".join(
            o["data"].get(kind, "") for o in cells[name].outputs if o["output_type"] == "execute_result"
        )

    assert "Audit of customers.csv" in shown("audit", "text/html")
    assert "<table" in shown("result", "text/html")
    assert "<table" in shown("segments", "text/html")
    assert shown("segments", "text/plain").split()[0] == "Segment"
    drawn = shown("chart", "image/svg+xml") + shown("chart", "text/html")
    assert "<svg" in drawn
    assert "http" not in drawn.replace("http://www.w3.org/", "")
    assert "segment" in shown("score", "text/html")
    assert [o["text"].strip() for o in cells["thread"].outputs if o["output_type"] == "stream"] == ["2"]
    # a line of progress was there while it ran, and nothing of DuckDB's
    assert [o["output_type"] for o in cells["run"].outputs] == ["display_data"]
    assert cells["run"].outputs[0]["data"] == {"text/plain": ""}
    assert (tmp_path / "out" / "report.html").is_file()


def test_progress_is_one_line_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    from segmentry.system.progress import shown_progress

    seen: list[str] = []
    handle = SimpleNamespace(update=lambda data, **_: seen.append(data["text/plain"]))

    def display(data: dict[str, str], **_: Any) -> Any:
        seen.append(data["text/plain"])
        return handle

    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    with shown_progress(None) as say:
        say("Reading the table")
    assert seen == ["", "Reading the table", ""]
    own: list[str] = []
    with shown_progress(own.append) as say:
        say("mine")
    assert own == ["mine"]
    assert len(seen) == 3
