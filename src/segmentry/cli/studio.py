"""The command that opens the studio."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from segmentry.cli.arguments import app
from segmentry.cli.output import say
from segmentry.cli.progress import ProgressLine
from segmentry.system.ending import end_now, left_to_a_server
from segmentry.system.garbage import keep_what_is_loaded, no_search

SWITCH_SECONDS = 0.0005
"""So long a thread runs while another waits: a tenth of what is usual, so that moves are answered while models are fitted."""


@app.command("studio")
def studio_command(
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="[DATA]",
            help="Whatever run takes, or a segmentation.json; left out: a page to choose from.",
            show_default=False,
        ),
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option("--recipe", "-r", metavar="R", help="Recipe; by default it is drafted from the table."),
    ] = None,
    port: Annotated[
        int, typer.Option(metavar="N", help="Port; by default one that is free.", min=0, max=65535)
    ] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open the page, only print its address.")
    ] = False,
) -> None:
    """Form segments live, in a page of your browser, over data of any size."""
    sys.setswitchinterval(SWITCH_SECONDS)
    keep_what_is_loaded()
    with no_search(), ProgressLine() as progress:
        from segmentry.workbench.desk import Desk
        from segmentry.workbench.opening import open_for_studio
        from segmentry.workbench.reception import Reception
        from segmentry.workbench.server import StudioServer

        place = Reception()
        if data is not None or recipe is not None:
            progress("Reading the recipe" if recipe else "Drafting a recipe")
            place = Reception(Desk(open_for_studio(data, recipe)))
        server = StudioServer(
            place, port, lambda: _say_where(server, "No page is open any more; the studio goes on")
        )
        if place.is_open:
            progress("Reading the table")
            place.desk.open()
    try:
        name = f", on {place.desk.opened.name}" if place.is_open else ""
        _say_where(server, f"The studio is open{name}")
        if not no_browser:
            typer.launch(server.opening_url)
        with left_to_a_server():
            server.run()
    finally:
        is_done = place.close()
    say(_kept(place))
    if not is_done:
        end_now(0)  # a query goes on, for which nobody waits


def _kept(place: Any) -> str:
    file = place.desk.opened.autosave if place.is_open else None
    return f"Ended. The states are kept in {file}" if file is not None and file.is_file() else "Ended."


def _say_where(server: object, text: str) -> None:
    say(f"{text}: {server.url}  (Ctrl-C ends it)")  # type: ignore[attr-defined]
