"""The studio's server: loopback only, behind the gate; moves come by POST, answers go out by one stream of events."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from segmentry.errors import DataError, SegmentryError
from segmentry.workbench.desk import Desk
from segmentry.workbench.gate import App, Gate
from segmentry.workbench.pages import (
    FRAME_POLICY,
    MODULES,
    NOT_FRAMED,
    PAGE_POLICY,
    PART_POLICY,
    module_text,
    start_page,
    studio_page,
)
from segmentry.workbench.reception import Reception

if TYPE_CHECKING:
    import uvicorn
    from starlette.requests import Request
    from starlette.responses import Response

MOST_BYTES = 100_000
"""Largest move that is read."""
PING_SECONDS = 10.0
TICK_SECONDS = 0.5
AWAY_SECONDS = 3.0
"""So long after the last page is closed it is said that the studio goes on: a page that is loaded again is back by then."""


class StudioServer:
    """The server of a desk.

    `url` is its address with the token; `opening_url` leads there once, for a browser that is started with it.

    Parameters
    ----------
    desk
        The studio, or the reception that opens it.
    port
        Port; 0 for one that is free.
    away
        Function that is called once each time when the last page is closed.

    Raises
    ------
    DataError
        The port is taken.
    """

    def __init__(
        self, desk: Desk | Reception, port: int = 0, away: Callable[[], None] = lambda: None
    ) -> None:
        import uvicorn

        self._reception = desk if isinstance(desk, Reception) else Reception(desk)
        self._away = away
        self._socket = _listening(port)
        self.port = int(self._socket.getsockname()[1])
        self.token = secrets.token_urlsafe(24)
        self._gate = Gate(self._app(), self.token, self.port)
        config = uvicorn.Config(
            self._gate, log_config=None, log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=2,
            ws="none", server_header=False, date_header=False,
        )  # fmt: skip
        self._server: uvicorn.Server = uvicorn.Server(config)
        self._n_pages = 0

    @property
    def _desk(self) -> Desk:
        return self._reception.desk

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    @property
    def opening_url(self) -> str:
        """Address that leads to the page once, and is worth nothing afterwards."""
        return f"http://127.0.0.1:{self.port}/{self._gate.ticket}/"

    def run(self) -> None:
        """Serve until Ctrl-C, or until `stop`."""
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """End serving; any thread may call it."""
        self._server.should_exit = True

    def _app(self) -> App:
        """Return the application behind the gate."""
        from starlette.applications import Starlette
        from starlette.routing import Route

        routes = [
            Route("/", self._page),
            Route("/events", self._events),
            Route("/report/{stage}/{turn}", self._report),
            Route("/{module}.js", self._module),
            Route("/open", self._asked(self._opened), methods=["POST"]),
            Route("/move", self._asked(lambda content: {"turn": self._desk.move(content)}), methods=["POST"]),
            Route("/pin", self._asked(self._pin), methods=["POST"]),
            Route("/save", self._asked(lambda c: {"path": self._desk.save(_name(c))}), methods=["POST"]),
            Route(
                "/export",
                self._asked(lambda c: {"path": self._desk.export(_name(c), csv=c.get("csv") is True)}),
                methods=["POST"],
            ),
            Route(
                "/list",
                self._asked(lambda c: {"path": self._desk.list_customers(c.get("segments"))}),
                methods=["POST"],
            ),
        ]
        return Starlette(routes=routes)

    async def _page(self, _: Request) -> Response:
        from starlette.responses import HTMLResponse

        place = self._reception
        page = studio_page(place.desk.opened) if place.is_open else start_page(place.files(), place.place)
        return HTMLResponse(page, headers={"content-security-policy": PAGE_POLICY + NOT_FRAMED})

    async def _module(self, request: Request) -> Response:
        from starlette.responses import Response

        name = request.path_params["module"]
        if name not in MODULES:
            return Response(status_code=404)
        return Response(module_text(name), media_type="text/javascript")

    def _pin(self, content: Any) -> dict[str, Any]:
        self._desk.pin(is_on=content.get("on") is True)
        return {}

    def _opened(self, content: Any) -> dict[str, Any]:
        self._reception.open(content)
        return {}

    async def _report(self, request: Request) -> Response:
        from starlette.responses import HTMLResponse, Response

        if not self._reception.is_open:
            return Response(status_code=404)
        page = self._desk.page(request.path_params["stage"], request.path_params["turn"])
        if page is None:
            return Response(status_code=404)
        policy = FRAME_POLICY if request.path_params["stage"] == "whole" else PART_POLICY
        return HTMLResponse(page, headers={"content-security-policy": policy})

    def _asked(self, act: Callable[[Any], dict[str, Any]]) -> Callable[[Request], Any]:
        """Make an endpoint of a function that takes what a page sends; its errors are sentences."""

        async def endpoint(request: Request) -> Response:
            from starlette.concurrency import run_in_threadpool
            from starlette.requests import ClientDisconnect
            from starlette.responses import JSONResponse, Response

            try:
                content = await _content(request)
                return JSONResponse(await run_in_threadpool(act, content))
            except SegmentryError as error:
                problem = str(error).encode("utf-8", "replace").decode()  # what was sent may hold no letters
            except ClientDisconnect:  # a page that was closed while it asked
                return Response(status_code=400)
            except (ValueError, OverflowError, RecursionError, OSError) as error:
                problem = f"cannot be done: {type(error).__name__}"  # no page of ours sends that
            return JSONResponse({"problem": problem}, status_code=422)

        return endpoint

    async def _events(self, _: Request) -> Response:
        from starlette.responses import Response, StreamingResponse

        if not self._reception.is_open:
            return Response(status_code=404)
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[str]:
        """Yield the newest value of everything, and then what changes; values that were overtaken are left out."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()

        def tell() -> None:
            loop.call_soon_threadsafe(changed.set)

        leave = self._desk.board.listen(tell)
        self._n_pages += 1
        last, silent = 0, 0.0
        try:
            yield "retry: 500\n\n"
            while not self._server.should_exit:
                changed.clear()
                last, newer = self._desk.board.since(last)
                for name, text in newer:
                    yield f"event: {name}\ndata: {text}\n\n"
                try:
                    await asyncio.wait_for(changed.wait(), TICK_SECONDS)
                except TimeoutError:
                    silent += TICK_SECONDS
                if silent >= PING_SECONDS:
                    silent = 0.0
                    yield ": still here\n\n"
        finally:
            leave()
            self._n_pages -= 1
            if not self._n_pages and not self._server.should_exit:
                loop.call_later(AWAY_SECONDS, self._say_away)

    def _say_away(self) -> None:
        if not self._n_pages and not self._server.should_exit:
            self._away()


def _listening(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(("127.0.0.1", port))
        made.listen(64)  # a page that is opened at once waits until the server answers
    except (OSError, OverflowError) as error:
        made.close()
        why = getattr(error, "strerror", None) or str(error)
        raise DataError(
            f"cannot listen there: {why}", source=f"--port {port}", hint="leave it out for any free port"
        ) from None
    return made


async def _content(request: Request) -> Any:
    """Read what a page sends, an object of JSON."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise DataError("must be JSON", source="request")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise DataError("is too long", source="request")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise DataError("must be JSON", source="request") from None
    if not isinstance(content, dict):
        raise DataError("must be an object", source="request")
    return content


def _name(content: Any) -> str:
    name = content.get("name", "")
    if not isinstance(name, str) or len(name) > 200:
        raise DataError("must be a short text", source="name")
    return name
