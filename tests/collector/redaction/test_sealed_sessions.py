"""Secrets in real sessions, sealed by the real process in the background."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.support.deadline import wait_until
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.sessions import current_home, workspace

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.sessions.sessions import (
    end_session,
    join_workspace,
    sealed_as,
    sweep,
)
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.system.clock import SystemClock

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]


def test_a_background_seal_masks_what_the_environment_of_its_starter_holds(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    known, dotenv, shaped = (random_secret(seed, 26) for seed in (21, 22, 23))
    monkeypatch.setenv("DEPLOY_TOKEN", known)
    folder = workspace(tmp_path / "project")
    (folder.root / ".env").write_text(f"ANY={dotenv}\n")
    text = f"😀🚀 {known}\n{dotenv}\nx = 'ghp_{shaped}'\n{Path.home()}/x\n"
    ours, clock = current_home(), SystemClock()
    fields = {"encoding": "utf-16", "editor": "test", "editor_pid": os.getpid()}
    session, writer = join_workspace(ours, folder, "lsp", clock, header_fields=fields)
    document = {
        "uri": (folder.root / "a.txt").as_uri(),
        "languageId": "text",
        "version": 1,
        "text": text,
    }
    body = json.dumps({"textDocument": document}).encode()
    writer.append_value(RecordKind.LSP, [clock.boot_ns(), "textDocument/didOpen", body])
    large = {"t_boot_ns": clock.boot_ns(), "kind": "gap", "reason": "too_large"}
    path = folder.root / f"{known}-{dotenv}.bin"
    writer.append_value(RecordKind.STEP, {**large, "path": str(path), "over_bytes": 1 << 23})
    writer.close()
    end_session(ours, session)
    assert sweep(ours, clock)
    sealed = wait_until(lambda: sealed_as(session), "the session was sealed")
    data = sealed.path.read_bytes()
    secrets = [known, dotenv, shaped, str(Path.home())]
    assert leaks_in_bytes(data, secrets) == []
    episode = strict_check(data)
    assert leaks_in_episode(episode, secrets) == []
    assert episode.header.exact_values == "relearned"
    assert episode.header.redaction["SECRET"] == 2
