from __future__ import annotations

import os
from pathlib import Path

from tests.support.sessions import current_home, workspace

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.sessions.sessions import open_session
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.json_form import step_rows
from signoff_collector.seal.live import live_episode
from signoff_collector.system.clock import SystemClock

TEXT = "\U0001f388\U0001f389"


def test_an_editor_that_still_records_has_not_crashed(home: Path, tmp_path: Path) -> None:
    place, clock = current_home(), SystemClock()
    folder = workspace(tmp_path / "project")
    session = open_session(place, folder, clock)
    with session.join("lsp", clock=clock) as writer:
        note = {"t_boot_ns": clock.boot_ns(), "t_kind": "event", "kind": "note", "text": TEXT}
        writer.append_value(RecordKind.STEP, note)
        presence = session.folder / f"bridge-{writer.writer_id}.json"
        presence.write_text("{}")
        rows = list(step_rows(read_episode(live_episode(place, folder.root, clock))))
    assert str(os.getpid()) in presence.name
    assert [row["kind"] for row in rows] == ["note"]
