"""A whole review in a real browser: kept, looked at, masked, cut, signed (make e2e-review)."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support_deadline import deadline
from support_review_browser import drive, need_tools, sealed_day
from support_review_page import ServedReview
from support_sign_off import run_signoff

pytestmark = pytest.mark.review

SEED = 20260117


@pytest.fixture(autouse=True)
def _tools() -> Iterator[None]:
    need_tools()
    return


def _run(line: str, folder: Path) -> str:
    done = subprocess.run(
        ["/bin/sh", "-euc", line],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )
    assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.usefixtures("compiled_engine")
def test_a_kept_task_is_looked_at_masked_cut_and_signed(tmp_path: Path, home: Path) -> None:
    day = sealed_day(tmp_path / "project", SEED)
    store = tmp_path / "store"
    store.mkdir()
    with ServedReview(day.episode) as review:
        result = drive(
            "whole_way",
            review.next_way().address,
            tmp_path / "out",
            {"codename": day.codename, "store": f"file://{store}"},
        )
        assert review.end() == 0

    # One kept task of the day needs few decisions, and the value went to one address only.
    assert isinstance(result["groups"], int)
    assert isinstance(result["decisions"], int)
    assert result["groups"] <= 30
    assert result["decisions"] <= 12
    sent = result["sent"]
    assert isinstance(sent, list)
    holding = {one["path"] for one in sent if day.codename in one["body"]}
    assert holding == {"/api/mask"}

    statement = Path(str(result["statement"]))
    episode = Path(str(statement).removesuffix(".signoff.json") + ".episode")
    assert hashlib.sha256(episode.read_bytes()).hexdigest() == result["digest"]

    # Stock tools alone: the signature, the digest, and nothing of what was masked inside.
    _run(str(result["commands"]), tmp_path)
    plain = _run(f"zstd -dc '{episode}' | strings -n 6", tmp_path)
    for value in (day.codename, day.secret):
        assert value not in plain
        assert not [at for at in range(len(value) - 5) if value[at : at + 6] in plain]
    left = [path for path in home.rglob("*") if path.is_file() and "sessions" not in path.parts]
    shared = [path for path in left if path != day.episode]
    assert not [path.name for path in shared if day.codename.encode() in path.read_bytes()]

    verified = run_signoff("verify", episode)
    assert verified.code == 0, verified.err
