"""A disk that is full while an editor works, and has room again later."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.bridge import (
    EMOJI,
    at,
    bridge,
    control,
    enable,
    folded,
    journals,
    sessions,
    wait_for_records,
)
from tests.support.deadline import wait_until
from tests.support.small_disk import fill, mounted_small_disk

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.text.positions import Encoding


def test_recording_stops_says_so_and_goes_on_with_a_gap_when_there_is_room(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    file = folder / "a.py"
    file.write_text("a\n")
    with mounted_small_disk(tmp_path / "disk", kib=8 << 10) as disk:
        monkeypatch.setenv("SIGNOFF_HOME", str(disk / "home"))
        enable(folder)
        with bridge() as client:
            client.initialize()
            uri = client.open(file)
            wait_for_records(RecordKind.LSP, 1)
            version = 1

            def change(text: str) -> None:
                nonlocal version
                version += 1
                client.change(uri, version, at(0, 0, 0, 0, text))

            def told() -> list[str]:
                change("x" * 4096)
                return client.shown()

            def goes_on() -> bool:
                change("y")
                return state() == "recording"

            def state() -> str:
                return str(client.status()["workspaces"][0]["state"])

            change(EMOJI)
            wait_for_records(RecordKind.LSP, 2)
            filler = fill(disk)
            wait_until(told, "a word about it")
            assert state() == "stopped"
            for _ in range(5):
                change("lost " + EMOJI)
            assert state() == "stopped"
            filler.unlink()
            wait_until(goes_on, "recording again")
            change("back " + EMOJI)
            client.save(uri)
            client.status()
            shown = client.shown()
            assert client.quit() == 0
        assert len(shown) == 1
        assert "stopped recording project" in shown[0]
        readings = [read_journal(path) for session in sessions() for path in journals(session)]
        assert [reading.left_bytes for reading in readings] == [0] * len(readings)
        again = [
            reading.records
            for reading in readings
            if any(record.kind == RecordKind.STEP for record in reading.records)
        ]
        assert len(again) == 1
        gaps = [record.fields for record in again[0] if record.kind == RecordKind.STEP]
        assert [(gap["kind"], gap["reason"]) for gap in gaps] == [("gap", "dropped")]
        text = folded(uri, Encoding.UTF16, again[0])
        assert text is not None
        assert text.startswith(f"back {EMOJI}y")
        assert text.count("lost") == 5
        assert text.endswith(f"x{EMOJI}a\n")
        control("stop")
