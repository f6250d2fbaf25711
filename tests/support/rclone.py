"""A real `rclone serve s3` on the loopback, over a folder: a store that overwrites."""

from __future__ import annotations

import os
import random
import re
import shutil
import string
import subprocess
import sysconfig
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until

LISTENS = re.compile(r"Starting s3 server on \[http://127\.0\.0\.1:(\d+)/\]")
BUCKET = "bucket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rclone:
    """A running server."""

    address: str
    """Of its bucket."""
    keys: dict[str, str]
    """Environment with the only credentials that it takes."""
    folder: Path
    """What it keeps, buckets as folders."""
    log: Path
    """Every object that it was asked about, by name."""

    def kept(self) -> list[Path]:
        """Return every file that it keeps, hidden and unfinished ones too."""
        return sorted(path for path in self.folder.rglob("*") if not path.is_dir())


def find_rclone() -> Path:
    """Return the program of this environment; skip without it, or fail with CI=true."""
    program = Path(sysconfig.get_path("scripts")) / "rclone"
    if not program.is_file():
        missing = "rclone is not installed (make e2e-store installs requirements/store.txt)"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    return program


@contextmanager
def rclone_store(place: Path) -> Generator[Rclone]:
    """Run the server over a new folder under `place` for the time of the block.

    It listens on a port that the system chose, reads no configuration, and dies with the tests.
    """
    program, folder, log = find_rclone(), place / "kept", place / "rclone.log"
    (folder / BUCKET).mkdir(parents=True)
    chance = random.Random("rclone \U0001f600\U00010348")  # noqa: S311  # no secret: a seed
    access, secret = ("".join(chance.choices(string.ascii_letters, k=20)) for _ in range(2))
    reaper = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
    environment = {
        "HOME": str(place),
        "PATH": os.environ["PATH"],
        "RCLONE_AUTH_KEY": f'"{access},{secret}"',
        "RCLONE_CACHE_DIR": str(place / "cache"),
        "RCLONE_CONFIG": os.devnull,
    }
    serve = ("serve", "s3", "--addr", "127.0.0.1:0", "-vv", str(folder))
    with (
        log.open("ab") as output,
        subprocess.Popen(
            [*reaper, str(program), *serve], env=environment, stdout=output, stderr=output
        ) as server,
    ):
        try:
            port = wait_until(lambda: _port(server, log), "rclone listens", limit_s=2 * deadline())
            yield Rclone(
                address=f"s3+http://127.0.0.1:{port}/{BUCKET}",
                keys={"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret},
                folder=folder,
                log=log,
            )
        finally:
            server.kill()
            server.wait(timeout=deadline())


def _port(server: subprocess.Popen[bytes], log: Path) -> int | None:
    said = log.read_text("utf-8", errors="replace")
    assert server.poll() is None, f"rclone ended: {said[-2000:]}"
    found = LISTENS.search(said)
    return int(found[1]) if found else None
