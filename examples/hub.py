"""What a signature is for: a hub of one's own takes the episode, confirms it, and forgets it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

STOP_S = 60


class Teller(Protocol):
    """Runs commands and tells of them."""

    folder: Path

    def signoff(self, *arguments: str, expect: int = 0, show: bool = True) -> str: ...


@contextmanager
def hub_of(folder: Path) -> Generator[str]:
    """Run a hub on the loopback, in a folder of its own; yields its address."""
    argv = [sys.executable, "-I", "-m", "signoff_collector", "hub", "serve", "--json"]
    argv += ["--data", str(folder), "--listen", "127.0.0.1:0"]
    print("$ signoff hub serve --data …/hub --listen 127.0.0.1:0")
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as hub:
        try:
            assert hub.stdout is not None
            address = str(json.loads(hub.stdout.readline())["address"])
            print(f"  listening on {address}")
            yield address
        finally:
            hub.terminate()
            hub.wait(STOP_S)


def show_in_browser(demo: Teller, address: str) -> None:
    """Say where the hub's pages are; at a terminal, wait until they were looked at."""
    print(f"  in a browser: {address} for anybody; your own pages with the next command")
    demo.signoff("uses", "--open", "--from", address)
    if sys.stdin.isatty() and sys.stdout.isatty():
        input("  Enter goes on, and takes the episode back> ")


def send_and_take_back(demo: Teller, shared: Path, address: str) -> None:
    """Upload, look at the receipt, take the episode back, and search the hub for its bytes."""
    digest = json.loads(demo.signoff("verify", str(shared), "--json", show=False))["sha256"]
    blob = demo.folder / "hub" / "objects" / "blobs" / digest[:2] / digest
    demo.signoff("upload", str(shared), "--to", address)
    demo.signoff("receipts", str(shared))
    assert blob.read_bytes() == shared.read_bytes()
    demo.signoff("uses", str(shared))
    show_in_browser(demo, address)
    demo.signoff("withdraw", str(shared), "--yes")
    demo.signoff("upload", str(shared), "--to", address, expect=14)
    end = time.monotonic() + STOP_S
    while blob.exists() and time.monotonic() < end:  # nobody reads it; a job erases it next
        time.sleep(0.1)
    print(f"  the hub {'still has' if blob.exists() else 'no longer has'} the bytes")
    print(f"  what is left of it there: {demo.folder / 'hub' / 'objects' / 'tombstones'}")
