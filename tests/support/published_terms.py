"""A server on the loopback that answers the one question for a hub's terms, and notes all asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.hub_terms import HubKey, signed_terms


@dataclass(slots=True, kw_only=True)
class TermsServer:
    """What is published, and what was asked."""

    port: int
    key: HubKey = field(default_factory=HubKey)
    answer: bytes = b""
    asked: list[str] = field(default_factory=list)

    @property
    def audience(self) -> str:
        """The hub's address."""
        return f"http://127.0.0.1:{self.port}/team"

    def publish(self, *, key: HubKey | None = None, **changes: object) -> None:
        """Publish terms of this address, with some fields changed."""
        fields = {"receiver": self.audience, **changes}
        content, signature = signed_terms(key=key or self.key, **fields)
        body = {"terms": content.decode("ascii"), "signature": signature.decode("ascii")}
        self.answer = json.dumps(body).encode()


@contextmanager
def terms_server() -> Iterator[TermsServer]:
    """Serve terms until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(found.answer)))
            self.end_headers()
            self.wfile.write(found.answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = TermsServer(port=server.server_address[1])
        found.publish()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
