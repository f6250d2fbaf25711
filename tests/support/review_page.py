"""A real `signoff review` that serves its page, and a client that speaks HTTP to it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.deadline import deadline
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.own_files.home import resolve_home
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor

CLIENT = "Umbrella4711"
ASIDE = "what Brunhilde said of Siegfried"
_ADDRESS = re.compile(r"url=(http://(127\.0\.0\.1:\d+)/([\w-]+))")
_AGAIN = re.compile(rb'"again": "([A-Za-z0-9_-]{43})"')
_TOKEN = re.compile(rb'"token": ?"([\w-]+)"')


def recorded_day() -> Episode:
    """Return two tasks on one file, masked as sealing does it."""
    typist = Typist(cursors=True)
    typist.open("src/app.py", "# \U0001f600\U00010348\n")
    typist.begin_task("fix the parser")
    typist.type_at_end("src/app.py", f"client = '{CLIENT}'\n")
    typist.save("src/app.py")
    typist.command(["pytest", "-q"], f"1 failed for {CLIENT}\n")
    typist.begin_task("private things")
    typist.type_at_end("src/app.py", f"# {ASIDE}\n")
    typist.save("src/app.py")
    return Redactor(RedactionPolicy()).redact_episode(typist.episode())


def put_base(data: bytes) -> Path:
    """Put a sealed episode where sealed ones lie."""
    folder = resolve_home().ensure().episodes
    path = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.episode"
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def sealed_day() -> Path:
    """Put the recorded day where sealed episodes lie."""
    return put_base(write_episode(recorded_day()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, as it came over the socket."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    raw: bytes

    def json(self) -> dict[str, object]:
        """Return the body's JSON object."""
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


def exchange(port: int, request: bytes, *, closes: bool = False) -> bytes:
    """Send bytes to a port of the loopback and return all that comes until it is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=deadline()) as connection:
        connection.settimeout(deadline())
        try:
            connection.sendall(request)
            if closes:
                connection.shutdown(socket.SHUT_WR)
            pieces: list[bytes] = []
            while piece := connection.recv(1 << 16):
                pieces.append(piece)
        except TimeoutError:
            raise
        except OSError:  # the server has hung up already: reset, broken or not connected
            return b""
    return b"".join(pieces)


def parse_answer(raw: bytes) -> Answer:
    """Return what one HTTP answer says."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
    return Answer(status=int(first.split()[1]), headers=headers, body=body, raw=raw)


@dataclass(slots=True, kw_only=True)
class Way:
    """A way in to a served page: the redirect file, and what it leads to."""

    redirect: Path
    host: str
    token: str
    address: str

    @property
    def port(self) -> int:
        """The port of the server."""
        return int(self.host.rpartition(":")[2])


def way_in(redirect: Path) -> Way:
    """Read a redirect file."""
    found = _ADDRESS.search(redirect.read_text("ascii"))
    assert found is not None
    return Way(redirect=redirect, address=found[1], host=found[2], token=found[3])


@dataclass(slots=True, kw_only=True)
class PageClient:
    """A window that has the page open: asks as the page does."""

    host: str
    bearer: str = field(repr=False)

    @property
    def port(self) -> int:
        """The port of the server."""
        return int(self.host.rpartition(":")[2])

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        raw_body: bytes | None = None,
    ) -> Answer:
        """Send one request with the bearer token."""
        content = raw_body if raw_body is not None else b""
        if body is not None:
            content = json.dumps(body).encode()
        sent = {
            "Host": self.host,
            "Authorization": f"Bearer {self.bearer}",
            "Content-Length": str(len(content)),
            "Connection": "close",
            **(headers or {}),
        }
        return send(self.port, method, path, sent, content)

    def get(self, path: str) -> Answer:
        """Ask for something."""
        return self.ask("GET", path)

    def post(self, path: str, body: object) -> Answer:
        """Have something done."""
        return self.ask("POST", path, body)

    def put_plan(self, **fields: object) -> Answer:
        """Change fields of the plan as it is."""
        told = self.get("/api/review").json()
        plan = told["plan"]
        assert isinstance(plan, dict)
        return self.ask("PUT", "/api/plan", {"revision": told["revision"], "plan": plan | fields})

    def accept_all(self, place: int = 0) -> None:
        """Decide on everything that waits under To check of a keep: share it as it is."""
        listed = self.get(f"/api/keeps/{place}/check").json()["groups"]
        assert isinstance(listed, list)
        for group in listed:
            if group["needs_decision"] and group["state"] is None:
                done = self.post(f"/api/keeps/{place}/check/{group['id']}", {"action": "accept"})
                assert done.status == 200, done.raw


def send(
    port: int, method: str, path: str, headers: Mapping[str, str], content: bytes = b""
) -> Answer:
    """Send one request and return its answer."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return parse_answer(exchange(port, ("\r\n".join(lines) + "\r\n\r\n").encode() + content))


def open_page(way: Way) -> tuple[PageClient, Answer]:
    """Open the page as a browser does, and return a client with its token."""
    page = send(way.port, "GET", f"/{way.token}", {"Host": way.host, "Connection": "close"})
    assert page.status == 200, page.raw[:500]
    found = _TOKEN.search(page.body)
    assert found is not None
    return PageClient(host=way.host, bearer=found[1].decode()), page


def path_when_loaded_again(page: Answer) -> str:
    """Return the path that a window with this page asks for when it is loaded again."""
    found = _AGAIN.search(page.body)
    assert found is not None
    return f"/{found[1].decode()}"


class ServedReview:
    """`signoff review --no-browser --json` as a process of its own; ended when left."""

    def __init__(
        self,
        *arguments: object,
        env: Mapping[str, str] | None = None,
        program: Sequence[object] = (sys.executable, "-I", "-m", "signoff_collector"),
    ) -> None:
        words = (*program, "review", *arguments, "--no-browser", "--json")
        self.argv = [str(word) for word in words]
        self.process = subprocess.Popen(
            self.argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})},
        )
        self._said: list[bytes] = []
        self._reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._reader.start()
        self._watchdog = threading.Timer(deadline() * 2, self.process.kill)
        self._watchdog.daemon = True
        self._watchdog.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        self._watchdog.cancel()
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def next_way(self) -> Way:
        """Return the next way in that the process tells of."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.said()
        return way_in(Path(json.loads(line)["redirect"]))

    def open(self) -> PageClient:
        """Open the page by the next way in."""
        return open_page(self.next_way())[0]

    def press_enter(self) -> Way:
        """Press Enter in the terminal and return the new way in."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        return self.next_way()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Have it end and return its exit code."""
        self.process.send_signal(number)
        return self.wait()

    def hang_up(self) -> str:
        """Close its input, as a program that ends does; return what else it wrote to stdout."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        rest = self.process.stdout.read().decode()
        assert self.wait() == 0
        return rest

    def wait(self) -> int:
        """Wait for its end and return its exit code."""
        return self.process.wait(deadline())

    def said(self) -> str:
        """Return what it wrote to stderr, once it ended."""
        self.process.wait(deadline())
        self._reader.join(deadline())
        return b"".join(self._said).decode("utf-8", "replace")

    def _read_stderr(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._said.append(line)
