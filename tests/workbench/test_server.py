"""The server answers its own page alone, and refuses everything else without a word; it ends when it is told to."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from segmentry.workbench.desk import Desk
from segmentry.workbench.server import MOST_BYTES, StudioServer
from visitors import Visitor, close, cold_page

pytest.importorskip("uvicorn", reason="starlette and uvicorn are not installed")


class Served:
    """A server of a desk, in a thread."""

    def __init__(self, desk: Desk) -> None:
        self.away: list[str] = []
        self.server = StudioServer(desk, away=lambda: self.away.append("away"))
        self.thread = Thread(target=self.server.run)
        self.thread.start()

    def ask(
        self, path: str, body: Any = None, *, method: str | None = None, **headers: str | None
    ) -> tuple[int, bytes, Any]:
        """Ask with the headers of the studio's own page, or with others; None leaves a header out."""
        port = self.server.port
        usual: dict[str, str | None] = {"Host": f"127.0.0.1:{port}"}
        if body is not None:
            usual |= {"Origin": f"http://127.0.0.1:{port}", "Content-Type": "application/json"}
        sent = usual | {name.replace("_", "-").title(): value for name, value in headers.items()}
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        asked.putrequest(method or ("GET" if body is None else "POST"), path, skip_host=True)
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        for name, value in sent.items():
            if value is not None:
                asked.putheader(name, value)
        asked.putheader("Content-Length", str(len(content)))
        asked.endheaders(content)
        with closing(asked), asked.getresponse() as answer:
            return answer.status, answer.read(), answer.headers

    def own(self, path: str) -> str:
        return f"/{self.server.token}/{path}"


@pytest.fixture
def served(shop: Path, desk_of: Callable[..., Desk]) -> Iterator[Served]:
    made = Served(desk_of(shop / "shop.csv", shop / "shop.toml"))
    yield made
    made.server.stop()
    made.thread.join(timeout=30)
    assert not made.thread.is_alive()


MOVE = {"tab": "a", "n": 1, "gesture": "", "move": {"kind": "segments", "segments": 2}}


def test_who_is_not_its_own_page_gets_nothing(served: Served) -> None:
    own, port = served.own, served.server.port
    refused = [
        served.ask("/"),
        served.ask("/favicon.ico"),
        served.ask(f"/{served.server.token}"),
        served.ask(f"/{served.server.token[:-1]}/"),
        served.ask("/wrong-token/"),
        served.ask("/%C3%A9/"),
        served.ask(own(""), host="evil.example"),
        served.ask(own(""), host=f"evil.example:{port}"),
        served.ask(own(""), host=f"127.0.0.1.evil.example:{port}"),
        served.ask(own(""), host="127.0.0.1"),
        served.ask(own(""), origin="http://evil.example"),
        served.ask(own("events"), origin="null"),
        served.ask(own(""), sec_fetch_site="cross-site"),
        served.ask(own(""), sec_fetch_site="same-site"),
        served.ask(own("move"), MOVE, origin=f"http://127.0.0.1:{port + 1}"),
        served.ask(own("move"), MOVE, origin=f"https://127.0.0.1:{port}"),
        served.ask(own("move"), MOVE, origin=None),
        served.ask(
            own("export"), {}, host=f"rebound.example:{port}", origin=f"http://rebound.example:{port}"
        ),
        served.ask("/wrong-token/move", MOVE),
    ]
    assert [(status, body) for status, body, _ in refused] == [(403, b"")] * len(refused)
    assert all(set(headers) <= {"content-length"} for _, _, headers in refused)
    assert served.ask(own(""), host=None)[0] == 400
    assert served.server._desk._turn == 1


def test_the_address_that_a_browser_is_started_with_leads_to_the_page_once(served: Served) -> None:
    server = served.server
    path = server.opening_url.removeprefix(f"http://127.0.0.1:{server.port}")
    assert server.token not in path
    for refused in (
        served.ask(path, host="evil.example"),
        served.ask(path, sec_fetch_site="cross-site"),
        served.ask(path, MOVE),
        served.ask(f"{path}move", MOVE),
        served.ask(path.removesuffix("/")),
    ):
        assert refused[:2] == (403, b"")
    status, _, headers = served.ask(path)
    assert (status, headers["location"]) == (303, f"/{server.token}/")
    assert served.ask(headers["location"])[0] == 200
    assert served.ask(path)[:2] == (403, b"")


def test_its_own_page_gets_answers_with_policies(served: Served) -> None:
    own = served.own
    status, body, headers = served.ask(own(""))
    assert (status, b"<title>" in body) == (200, True)
    policy = headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")
    assert headers["x-content-type-options"] == "nosniff"
    assert served.ask(own("studio.js"))[2]["content-type"].startswith("text/javascript")
    assert served.ask(own(""), host=f"localhost:{served.server.port}")[0] == 200
    for path in (
        "other.js",
        "..%2fstudio.js",
        "report.html",
        "report/whole/999",
        "report/whole/x",
        "static/../studio.css",
    ):
        assert served.ask(own(path))[0] == 404, path


def test_a_move_is_answered_by_its_turn_or_a_sentence(served: Served) -> None:
    own = served.own
    status, body, _ = served.ask(own("move"), MOVE)
    assert (status, json.loads(body)) == (200, {"turn": 2})
    bad: list[tuple[Any, str]] = [
        (MOVE, "older than one that was made"),
        (b"{", "must be JSON"),
        ([], "must be an object"),
        ({"tab": 1, "n": 2, "move": {}}, "tab: must be a short text"),
        ({"tab": "a", "n": "x", "move": MOVE["move"]}, "older"),
        ({"tab": "a", "n": 2, "move": {"kind": "no"}}, "move 'no'"),
        (b" " * (MOST_BYTES + 1), "too long"),
    ]
    for content, problem in bad:
        status, body, _ = served.ask(own("move"), content)
        assert status == 422
        assert problem in json.loads(body)["problem"]
    assert served.ask(own("move"), MOVE, content_type="text/plain")[0] == 422
    assert served.ask(own("save"), {"name": "../x"})[0] == 422
    assert served.ask(own("move"), method="GET")[0] == 405


def test_events_bring_the_newest_of_everything_and_end_with_the_server(served: Served) -> None:
    served.ask(served.own("move"), MOVE)
    port = served.server.port
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    asked.request("GET", served.own("events"))
    found: dict[str, Any] = {}
    name = ""
    with closing(asked), asked.getresponse() as stream:
        assert stream.getheader("content-type", "").startswith("text/event-stream")
        while "whole" not in found or found["whole"]["turn"] < 2:
            line = stream.readline().decode()
            if line.startswith("event: "):
                name = line.removeprefix("event: ").strip()
            elif line.startswith("data: "):
                found[name] = json.loads(line.removeprefix("data: "))
        assert served.ask(served.own("report/whole/2"))[0] == 200
        served.server.stop()
        while stream.readline():
            pass
    assert found["state"]["turn"] == 2
    assert found["panel"]["features"][0]["title"] == "Income"
    served.thread.join(timeout=30)
    assert not served.thread.is_alive()


def test_of_twenty_moves_a_second_from_two_pages_none_is_lost_and_the_last_is_shown(
    served: Served, shop: Path
) -> None:
    """Three seconds in which work is begun and ended all the time; what stays is the last state, in memory as on the disk."""
    answered, started = list[int](), time.monotonic()
    for n in range(60):
        time.sleep(max(0.0, started + n / 20 - time.monotonic()))
        move = {"kind": "edges", "feature": "income", "edges": [20_000 + 500 * n]}
        status, body, _ = served.ask(
            served.own("move"), {"tab": "ab"[n % 2], "n": n + 1, "gesture": "", "move": move}
        )
        assert status == 200
        answered.append(json.loads(body)["turn"])
    assert answered == list(range(2, 62))
    page = Visitor(served.server._desk).wait(61)
    kept = json.loads((shop / "shop.studio.json").read_text(encoding="utf-8"))
    assert kept["position"] == len(kept["states"]) - 1 == 60
    assert [f"edges {20_000 + 500 * n:,}" in state["what"] for n, state in enumerate(kept["states"][1:])] == [
        True
    ] * 60
    assert served.ask(served.own("report/whole/61"))[1].decode() == page
    assert close(page, cold_page(shop / "shop.csv", kept["states"][60]["text"]))


def test_a_port_that_is_taken_is_a_sentence(served: Served) -> None:
    with pytest.raises(ValueError, match=r"--port \d+: cannot listen there"):
        StudioServer(served.server._desk, served.server.port)


DEEP = b"[" * 90_000
NO_NAMES = ["\n", " ", "-rf", ".hidden", "a\x1b[2J", "x\0y", "é" * 199, "../x", "a/b", "\ud800"]


def test_what_no_page_of_ours_sends_is_a_sentence(served: Served) -> None:
    moves = [
        {"kind": "edges", "feature": "income", "edges": [10**400]},
        {"kind": "edges", "feature": "\ud800", "edges": [1]},
        {"kind": "edges", "feature": "income", "edges": list(range(9_000))},
        {"kind": "segments", "segments": True},
    ]
    bodies = [DEEP, b'{"a":' * 15_000, *({"tab": "t", "n": 1, "gesture": "", "move": move} for move in moves)]
    for body in bodies:
        status, answer, _ = served.ask(served.own("move"), body)
        assert (status, "problem" in json.loads(answer)) == (422, True), str(body)[:80]


@pytest.mark.parametrize("name", NO_NAMES)
@pytest.mark.parametrize("act", ["save", "export"])
def test_names_that_are_none_are_refused(served: Served, act: str, name: str) -> None:
    status, answer, _ = served.ask(served.own(act), {"name": name})
    assert (status, "no name of a file" in json.loads(answer)["problem"]) == (422, True)


def test_save_replaces_neither_a_file_of_another_kind_nor_what_a_link_leads_to(
    served: Served, shop: Path
) -> None:
    (shop / "bin.toml").write_bytes(b"\xff\xfe\x00")
    (shop / "dangling.toml").symlink_to(shop / "out.toml")
    for name in ("bin.toml", "dangling.toml"):
        status, answer, _ = served.ask(served.own("save"), {"name": name})
        assert (status, "holds another recipe" in json.loads(answer)["problem"]) == (422, True)
    assert not (shop / "out.toml").exists()


def by_hand(served: Served, request: str, body: bytes = b"") -> bytes:
    """Write a request as nobody's library would, and return the first line of the answer."""
    with socket.create_connection(("127.0.0.1", served.server.port), timeout=30) as sent:
        sent.sendall(request.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n")
        with suppress(OSError):  # answered before it was read
            sent.sendall(body)
        return sent.makefile("rb").readline()


def test_requests_that_no_browser_writes_get_nothing(served: Served) -> None:
    port, token = served.server.port, served.server.token
    host, own = f"127.0.0.1:{port}", f"Origin: http://127.0.0.1:{port}"
    json_type = "Content-Type: application/json"
    upgrade = "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
    refused = [
        f"GET http://evil.example/{token}/ HTTP/1.1\nHost: evil.example",
        f"GET //{token}/ HTTP/1.1\nHost: {host}",
        f"GET /x/../{token}/ HTTP/1.1\nHost: {host}",
        f"GET /?{token}/ HTTP/1.1\nHost: {host}",
        f"GET /{token[:-1]}%00/ HTTP/1.1\nHost: {host}",
        f"GET /{token}/ HTTP/1.1\nHost: LOCALHOST:{port}.",
        f"GET /{token}/events HTTP/1.1\nHost: {host}\nOrigin: http://evil.example\n{upgrade}",
        f"HEAD /{token}/ HTTP/1.1\nHost: {host}",
        f"OPTIONS /{token}/move HTTP/1.1\nHost: {host}\nOrigin: http://evil.example\nAccess-Control-Request-Method: POST",
        f"DELETE /{token}/ HTTP/1.1\nHost: {host}",
    ]
    said = [by_hand(served, request).split(b" ", 2)[1] for request in refused]
    assert said == [b"403"] * len(refused)
    assert by_hand(served, f"GET /{token}/ HTTP/1.1\nHost: {host}\nHost: evil.example").split()[1] in (
        b"400",
        b"403",
    )
    # a body without an end is not kept: it is refused once it is longer than any move
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    endless = f"POST /{token}/move HTTP/1.1\nHost: {host}\n{own}\n{json_type}\nTransfer-Encoding: chunked"
    assert by_hand(served, endless, chunk * 8).split()[1] == b"422"
    # who begins a request and does not end it keeps nobody else waiting
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(40)]
    for one in slow:
        one.sendall(f"POST /{token}/move HTTP/1.1\r\nHost: {host}\r\n".encode())
    assert served.ask(served.own("move"), MOVE)[0] == 200
    for one in slow:
        one.close()


def test_who_hangs_up_or_writes_nonsense_is_no_line_in_the_terminal(
    served: Served, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A page may be closed while it asks, and anything on the machine may knock: nobody at the terminal has to know."""
    port, host = served.server.port, f"127.0.0.1:{served.server.port}"
    begun = (
        f"POST /{served.server.token}/move HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
        "Content-Type: application/json\r\nContent-Length: 999\r\n\r\n{}"
    ).encode()
    for sent in (begun, b"\x16\x03\x01", b"GET / HTTP/9\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(sent)
    assert served.ask(served.own("move"), MOVE)[0] == 200
    served.server.stop()
    served.thread.join(timeout=30)
    assert (caplog.messages, capfd.readouterr().err) == ([], "")
