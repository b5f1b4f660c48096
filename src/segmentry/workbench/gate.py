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
    """

    def __init__(self, app: App, token: str, port: int) -> None:
        self._app, self._token = app, token
        self._hosts = {f"127.0.0.1:{port}".encode(), f"localhost:{port}".encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it with an empty answer."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and (path := self._allowed_path(scope)) is not None:
            inner = {**scope, "path": path, "raw_path": path.encode()}
            await self._app(inner, receive, _with_headers(send))
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _allowed_path(self, scope: Scope) -> str | None:
        """Return the path behind the token; None where the request is refused."""
        headers = list(scope["headers"])
        hosts, origins, sites = (
            [value for name, value in headers if name == wanted]
            for wanted in (b"host", b"origin", b"sec-fetch-site")
        )
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return None
        own = b"http://" + hosts[0]
        if any(origin != own for origin in origins) or (scope["method"] != "GET" and not origins):
            return None
        if any(site not in (b"same-origin", b"none") for site in sites):
            return None
        first, _, rest = scope["path"].removeprefix("/").partition("/")
        is_known = secrets.compare_digest(first.encode(), self._token.encode())
        return f"/{rest}" if is_known and scope["path"].startswith(f"/{first}/") else None


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *HEADERS]
        await send(message)

    return sending
