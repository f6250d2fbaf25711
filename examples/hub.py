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
    said = folder.with_name("hub.log")
    with (
        said.open("w") as log,
        subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=log, text=True) as hub,
    ):
        try:
            assert hub.stdout is not None
            line = hub.stdout.readline()
            if not line:
                sys.exit(f"the hub did not start; it said:\n{said.read_text()}")
            address = str(json.loads(line)["address"])
            print(f"  listening on {address}")
            yield address
        finally:
            hub.terminate()
            hub.wait(STOP_S)


def show_in_browser(demo: Teller, address: str) -> None:
    """Say where the hub's pages are; at a terminal, wait until they were looked at."""
    made = demo.signoff(
        "hub", "token", "--data", str(demo.folder / "hub"), "--name", "demo",
        "--scope", "audit", "--scope", "operate", "--json", show=False,
    )  # fmt: skip
    print(
        "  Look at it in a browser:\n"
        f"    the hub, for anybody       {address}/\n"
        f"    its auditor and operator   {address}/pages/sign-in with this token:\n"
        f"      {json.loads(made)['secret']}"
    )
    is_over = False
    while not is_over:
        print(f"    you, within two minutes    {link_to_own_pages(demo, address)}")
        said = answered("Enter goes on and takes the episode back; l gives another link> ")
        is_over = said != "l"


def link_to_own_pages(demo: Teller, address: str) -> str:
    """Sign in with the key, as `signoff uses --open` does, and return what opens the pages once."""
    said = demo.signoff("uses", "--open", "--from", address, "--json", show=False)
    opened = json.loads(said)
    return f"{opened['page']}#{opened['code']}"


def answered(question: str) -> str:
    """Ask at a terminal; without one nobody waits."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return ""
    try:
        return input(f"  {question}").strip().lower()
    except EOFError:
        print()
        return ""


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
    print(f"  what the hub says of it to its auditor: {address}/pages/log")
    answered("Enter ends the hub> ")
