"""Who may talk to the studio: pages of its own address alone, and nobody learns from a refusal what there is."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class Gate:
    """Lets a request through that has the token as the first part of its path, and comes from the studio's own page.

    Parameters
    ----------
    app
        Application behind the gate; it sees paths without the token.
    token
        Secret of the address.
    port
        Port that the studio listens at.

    Attributes
    ----------
    ticket
        Secret of an address that leads to the page once. A browser is started with it: everybody on the machine can read
        with what a process was started.
    """

    def __init__(self, app: App, token: str, port: int) -> None:
        self._app, self._token = app, token
        self.ticket = secrets.token_urlsafe(24)
        self._is_used = False
        self._hosts = {f"127.0.0.1:{port}".encode(), f"localhost:{port}".encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it with an empty answer."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and (path := self._allowed_path(scope)) is not None:
            inner = {**scope, "path": path, "raw_path": path.encode()}
            await self._app(inner, receive, _with_headers(send))
        elif scope["type"] == "http" and self._takes_ticket(scope):
            place = (b"location", f"/{self._token}/".encode())
            await _answer(_with_headers(send), 303, place)
        elif scope["type"] == "http":
            await _answer(send, 403)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _allowed_path(self, scope: Scope) -> str | None:
        """Return the path behind the token; None where the request is refused."""
        first, _, rest = scope["path"].removeprefix("/").partition("/")
        is_known = secrets.compare_digest(first.encode(), self._token.encode())
        is_allowed = is_known and scope["path"].startswith(f"/{first}/") and _is_own(scope, self._hosts)
        return f"/{rest}" if is_allowed else None

    def _takes_ticket(self, scope: Scope) -> bool:
        """Tell whether a request has the ticket, which is worth nothing afterwards."""
        if self._is_used or scope["method"] != "GET" or not _is_own(scope, self._hosts):
            return False
        self._is_used = secrets.compare_digest(scope["path"].encode(), f"/{self.ticket}/".encode())
        return self._is_used


def _is_own(scope: Scope, known: set[bytes]) -> bool:
    """Tell whether a request names the studio's own host, and comes from its own page or from nowhere."""
    headers = list(scope["headers"])
    hosts, origins, sites = (
        [value for name, value in headers if name == wanted]
        for wanted in (b"host", b"origin", b"sec-fetch-site")
    )
    if len(hosts) != 1 or hosts[0] not in known:
        return False
    own = b"http://" + hosts[0]
    if any(origin != own for origin in origins) or (scope["method"] != "GET" and not origins):
        return False
    return all(site in (b"same-origin", b"none") for site in sites)


async def _answer(send: Send, status: int, *headers: tuple[bytes, bytes]) -> None:
    """Answer without content."""
    headers = (*headers, (b"content-length", b"0"))
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": b""})


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *HEADERS]
        await send(message)

    return sending
