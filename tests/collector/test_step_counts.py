"""The counts of `status` are exact, whatever the journals hold."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from signoff_collector.capture.journal import RecordKind
from signoff_collector.capture.session_folder import Session, create_session
from signoff_collector.home import Home
from signoff_collector.step_counts import count_steps
from support_clock import FakeClock

_TEXTS = st.sampled_from(["x", "text", '"text"', '{"text": 1}', "\U0001f600\U0001f9ea", ""])


def new_session(folder: Path) -> tuple[Session, FakeClock]:
    clock = FakeClock()
    home = Home(root=folder / "home").ensure()
    (folder / "work").mkdir()
    return create_session(home, (folder / "work").resolve(), clock=clock), clock


@settings(max_examples=40)
@given(st.lists(st.lists(_TEXTS, max_size=3), max_size=6), st.integers(0, 40))
def test_every_content_change_is_one_edit_and_a_torn_end_is_said(
    messages: list[list[str]], cut_bytes: int
) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ["HOME"]) as name:
        session, clock = new_session(Path(name))
        expected: Counter[str] = Counter()
        with session.join("lsp", clock=clock) as writer:
            for texts in messages:
                clock.advance(1)
                changes = [{"text": text} for text in texts]
                params = {"textDocument": {"uri": "file:///text"}, "contentChanges": changes}
                body = [clock.boot_ns(), "textDocument/didChange", json.dumps(params).encode()]
                writer.append_value(RecordKind.LSP, body)
                expected["edit"] += len(texts)
        whole = count_steps(session)
        assert Counter(whole.by_kind) == expected
        assert whole.left_bytes == 0
        assert whole.last_ns == ({"lsp": clock.boot_ns()} if messages else {})
        (path,) = session.journals
        path.write_bytes(path.read_bytes() + b"\x01" * cut_bytes)
        assert count_steps(session).left_bytes == cut_bytes
        assert Counter(count_steps(session).by_kind) == expected


@settings(max_examples=40)
@given(st.binary(max_size=400))
def test_any_bytes_are_counted_without_error(content: bytes) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ["HOME"]) as name:
        session, _ = new_session(Path(name))
        (session.folder / "lsp-1-abcd.0.journal").write_bytes(content)
        assert count_steps(session).left_bytes <= len(content)
