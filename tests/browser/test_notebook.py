"""The studio in a notebook: the same page in a frame, without a port, whose moves reach the desk as messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

import segmentry as sg
from few_tables import few_tables
from segmentry.datasets import sample_households
from segmentry.errors import DataError

pytest.importorskip("anywidget", reason="anywidget is not installed")

HOST = """<!doctype html><title>Notebook</title><body><div id="cell"></div>
<script type="module">
{esm}
const heard = new Set();
window.deliver = (told) => {{ for (const act of heard) act(told); }};
const model = {{
  get: () => {page}, send: (content) => window.toKernel(JSON.stringify(content)),
  on: (_, act) => heard.add(act), off: (_, act) => heard.delete(act),
}};
render({{ model, el: document.querySelector("#cell") }});
</script></body>"""


class Notebook:
    """A page of a notebook with the widget in a cell, and its kernel."""

    def __init__(self, page: Any, widget: Any, folder: Path) -> None:
        self.page, self.widget, self.wrong = page, widget, list[str]()
        self._sent: Queue[Any] = Queue()
        widget.send = self._sent.put
        page.on("console", lambda m: self.wrong.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda r: self.wrong.append(r.url) if r.url.startswith("http") else None)
        page.expose_function("toKernel", lambda text: widget._asked(widget, json.loads(text), []))
        script = widget._esm if isinstance(widget._esm, str) else str(widget._esm)
        text = HOST.format(
            esm=script.replace("export default", "const exported ="),
            page=json.dumps(widget.page).replace("</", "<\\/"),
        )
        (folder / "host.html").write_text(text, encoding="utf-8")
        page.goto((folder / "host.html").as_uri())
        self.frame = page.frame_locator("#cell iframe")

    def until(self, is_there: Callable[[], bool]) -> None:
        """Hand over messages of the kernel until something is there."""
        for _ in range(2_000):
            try:
                while True:
                    self.page.evaluate("told => window.deliver(told)", self._sent.get_nowait())
            except Empty:
                pass
            if is_there():
                return
            self.page.wait_for_timeout(30)
        raise AssertionError(f"never there; {self.wrong}")

    def is_settled(self, turn: int) -> bool:
        body = self.frame.locator("body")
        return bool(body.get_attribute("data-settled", timeout=5_000) == str(turn))


@pytest.fixture
def notebook(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    monkeypatch.chdir(tmp_path)
    recipe = sg.Recipe.load("households").with_(model={"range": [1, 3]})
    with few_tables():
        widget = sg.studio(sample_households(rows=600, seed=3), recipe)
        page = browser.new_context(viewport={"width": 1200, "height": 950}).new_page()
        made = Notebook(page, widget, tmp_path)
        yield made
        page.context.close()
        widget.close()
    assert made.wrong == []


def test_moves_in_a_notebook_show_what_a_run_of_the_recipe_gives(notebook: Notebook, tmp_path: Path) -> None:
    notebook.until(lambda: notebook.is_settled(1))
    notebook.frame.locator("[data-segments]").select_option("2")
    notebook.until(lambda: notebook.is_settled(2))
    report = notebook.frame.frame_locator(".frames iframe")
    sizes = report.locator("table.glance td[data-label=Customers]").evaluate_all(
        "all => all.map(one => Number(one.dataset.v))"
    )
    cold = sg.run(sample_households(rows=600, seed=3), sg.Recipe.from_toml(notebook.widget.recipe))
    assert sizes == [s.size for s in cold.segments]
    assert len(sizes) == 2
    notebook.frame.locator("[data-act=undo]").click()
    notebook.until(lambda: notebook.is_settled(3))
    notebook.page.keyboard.press("Control+s")
    notebook.until((tmp_path / "studio.toml").is_file)
    assert (tmp_path / "studio.toml").read_text(encoding="utf-8") == notebook.widget.recipe
    assert list(tmp_path.glob("*.studio.json")) == []


def test_a_segmentation_opens_with_its_patterns() -> None:
    with few_tables():
        result = sg.run(sample_households(rows=600, seed=3), "households", segments=2, analyses=0)
        widget = result.studio()
        assert sg.Recipe.from_toml(widget.recipe).features == result.recipe.features
        widget.close()
        with pytest.raises(DataError, match="a segmentation has its recipe"):
            sg.studio(result, "households")
