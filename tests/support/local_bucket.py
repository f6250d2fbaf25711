"""A small real S3 server on the loopback, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support.deadline import deadline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER = """
import sys
from http.server import ThreadingHTTPServer
from pathlib import Path
from localbucket import S3Handler
S3Handler.data_root = Path(sys.argv[1])
server = ThreadingHTTPServer(("127.0.0.1", 0), S3Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "PLANTED-secret"}


@contextmanager
def local_bucket(folder: Path) -> Iterator[str]:
    """Serve a folder; yields the address of a part of a bucket in it."""
    (folder / "bucket").mkdir(parents=True)
    with subprocess.Popen(
        [sys.executable, "-I", "-c", SERVER, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            yield f"s3+http://127.0.0.1:{int(server.stdout.readline())}/bucket/some/prefix"
        finally:
            server.kill()
            server.wait(timeout=deadline())
