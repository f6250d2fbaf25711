"""The record that `sign` asks for."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from signoff_collector.consent.review_records import (
    ReviewRecord,
    find_review,
    review_path,
    write_review,
)
from signoff_collector.own_files.home import resolve_home
from signoff_schemas.errors import DamagedError

SHA = "12" * 32
RECORD = ReviewRecord(
    sha256=SHA,
    mode="terminal",
    reviewed_wall_ns=7,
    tool_version="0.1",
    base_sha256="ab" * 32,
    files_seen=2,
    files_total=3,
)


def test_a_record_is_found_by_the_digest_that_was_shown(home: Path) -> None:
    del home
    ours = resolve_home().ensure()
    assert find_review(ours, SHA) is None
    path = write_review(ours, RECORD)
    assert find_review(ours, SHA) == RECORD
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "12", SHA.upper(), f"{SHA}\n"])
def test_what_is_no_digest_has_no_record(home: Path, name: str) -> None:
    del home
    assert find_review(resolve_home().ensure(), name) is None


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "34" * 32},
        {"mode": "nobody"},
        {"files_seen": "2"},
        {"files_seen": True},
        {"surprise": 1},
        {"tool_version": None},
    ],
)
def test_a_record_that_was_tampered_with_counts_as_damaged(
    home: Path, change: dict[str, object]
) -> None:
    del home
    ours = resolve_home().ensure()
    path = write_review(ours, RECORD)
    path.write_text(json.dumps(asdict(RECORD) | change))
    with pytest.raises(DamagedError):
        find_review(ours, SHA)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"{}", b"[" * 50_000])
def test_a_record_that_is_no_json_counts_as_damaged(home: Path, content: bytes) -> None:
    del home
    ours = resolve_home().ensure()
    path = write_review(ours, RECORD)
    path.write_bytes(content)
    with pytest.raises(DamagedError):
        find_review(ours, SHA)
    assert review_path(ours, SHA) == path
