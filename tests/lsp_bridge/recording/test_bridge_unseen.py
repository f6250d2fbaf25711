"""Work in files that are not recorded is a gap with its length, and names nothing private."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.support.bridge import (
    EMOJI,
    at,
    bridge,
    enable,
    holding,
    journals,
    records,
    sessions,
    wait_for_records,
)
from tests.support.deadline import wait_until

from signoff_bridge.recording.recorder import LARGEST_COMPANION_BYTES
from signoff_bridge.recording.unseen import Unseen, gap_reason
from signoff_collector.capture.journal.journal_frames import RecordKind, unpack_body
from signoff_collector.capture.opt_in.policy import MAX_OPEN_BYTES, Reason
from signoff_schemas.words import GapReason

S = 10**9


def gaps() -> list[dict[str, object]]:
    steps = [dict(record.fields) for record in records(RecordKind.STEP)]
    return [step for step in steps if step["kind"] == "gap"]


@pytest.fixture
def project(home: Path, tmp_path: Path) -> Path:
    assert not home.exists()
    folder = (tmp_path / "project").resolve()
    folder.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / ".gitignore").write_text("hidden-build.txt\n")
    enable(folder)
    (folder / "a.py").write_text(f"{EMOJI}\n")
    return folder


def test_private_files_are_counted_and_large_ones_named_once(project: Path, home: Path) -> None:
    large = "x" * (MAX_OPEN_BYTES + 1)
    with bridge() as client:
        client.initialize()
        opened = client.open(project / "a.py")
        wait_for_records(RecordKind.LSP, 1)
        first = client.open(project / ".env", f"KEY=unspoken{EMOJI}\n")
        second = client.open(project / "hidden-build.txt", "unspoken\n")
        client.change(first, 2, at(0, 0, 0, 0, "unspoken"))

        def told() -> dict[str, object] | None:
            """The second file is known to be private once the policy has answered."""
            client.change(second, 2, at(0, 0, 0, 0, "unspoken"))
            client.notify("signoff/view", {"uri": first, "version": 2, "ranges": []})
            client.change(opened, 2, at(0, 0, 0, 0, EMOJI))
            found = [gap for gap in gaps() if gap["reason"] == "private"]
            return next((gap for gap in found if gap["count"] == 2), None)

        gap = wait_until(told, "a gap of both private files")
        assert set(gap) == {
            "t_boot_ns", "t_kind", "kind", "reason", "basis", "duration_ns", "count",
        }  # fmt: skip
        big = client.open(project / "big.py", large)
        client.change(big, 2, at(0, 0, 0, 0, EMOJI))
        client.close(big)
        client.open(project / "big.py", large)
        client.open(project / "hidden-build.txt", large)

        def named() -> list[dict[str, object]]:
            client.change(opened, 3, at(0, 0, 0, 0, EMOJI))
            return [gap for gap in gaps() if gap["reason"] == "too_large" and "path" in gap]

        (name,) = wait_until(named, "the name of the large file")
        assert name["path"] == str(project / "big.py")
        assert name["over_bytes"] == MAX_OPEN_BYTES
        assert client.quit() == 0
    assert [gap for gap in gaps() if "path" in gap] == [name]
    assert any(gap["reason"] == "too_large" and "count" in gap for gap in gaps())
    assert holding(home / "state" / "sessions", b"unspoken") == []
    (journal,) = journals(sessions()[0])
    assert b"hidden-build" not in journal.read_bytes()
    assert b".env" not in journal.read_bytes()


def test_messages_that_are_too_large_are_counted_as_dropped(project: Path) -> None:
    with bridge() as client:
        client.initialize()
        uri = client.open(project / "a.py")
        wait_for_records(RecordKind.LSP, 1)
        for _ in range(2):
            client.notify("signoff/view", {"uri": uri, "ranges": ["x" * LARGEST_COMPANION_BYTES]})

        def counted() -> int:
            return sum(int(str(one["count"])) for one in gaps() if one["reason"] == "dropped")

        wait_until(lambda: counted() == 2, "both to be counted")
        gap = gaps()[0]
        assert (gap["t_kind"], gap["basis"]) == ("seen_late", "observed")
        assert client.quit() == 0


def test_a_stretch_ends_after_a_silence_or_with_another_reason() -> None:
    unseen = Unseen()
    assert not unseen.is_waiting
    for uri, reason, second in (
        ("a", GapReason.PRIVATE, 10), ("b", GapReason.PRIVATE, 200), ("a", GapReason.PRIVATE, 210),
        ("c", GapReason.TOO_LARGE, 220), ("c", GapReason.TOO_LARGE, 900),
    ):  # fmt: skip
        unseen.touch(uri, reason, second * S)
    told = [unpack_body(payload) for payload in unseen.take()]
    assert all(isinstance(gap, dict) for gap in told)
    assert [
        (gap["reason"], gap["t_boot_ns"] // S, gap["duration_ns"] // S, gap["count"])  # type: ignore[index]
        for gap in told
    ] == [("private", 10, 200, 2), ("too_large", 220, 0, 1), ("too_large", 900, 0, 1)]
    assert unseen.take() == []


def test_every_refusal_inside_the_workspace_has_a_reason() -> None:
    none = {reason for reason in Reason if gap_reason(reason) is None}
    assert none == {Reason.RECORDED, Reason.OUTSIDE, Reason.NESTED}
