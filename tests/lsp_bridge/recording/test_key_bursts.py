"""Keys that came faster than hands are: decided once, in the bridge, by the editor's clock."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.support.bridge import Client, bridge, records
from tests.support.deadline import wait_until

from signoff_bridge.recording.key_bursts import BURST_KEYS, BURST_MS
from signoff_collector.capture.journal.journal import RecordKind
from signoff_schemas import lsp_messages

pytestmark = pytest.mark.slow

START_MS = 7_000
AT_ONCE = BURST_KEYS - 1
"""So many keys may come in one moment."""


def press(client: Client, uri: str, times_ms: Iterable[float], **more: object) -> None:
    """Tell of a key at each time; its version is the number of milliseconds since the first."""
    for at_ms in times_ms:
        told = {"uri": uri, "version": int(at_ms), "reason": "key", "detail": "insert"}
        client.notify(lsp_messages.EVIDENCE, {**told, "pressed_ms": START_MS + at_ms, **more})


def kept(reason: str = "key") -> list[int]:
    """Return the versions of the evidence that was written down."""
    said = [
        json.loads(record.body[2])
        for record in records(RecordKind.COMPANION)
        if isinstance(record.body, list) and record.body[1] == lsp_messages.EVIDENCE
    ]
    return [one["version"] for one in said if one["reason"] == reason]


@pytest.fixture
def file(workspace: Path) -> Path:
    made = workspace / "a 😀𝄞.py"
    made.write_text("a\n")
    return made


@pytest.mark.parametrize(
    ("times_ms", "expected"),
    [
        ([0] * AT_ONCE, [0] * AT_ONCE),
        ([0] * BURST_KEYS, []),
        ([*range(AT_ONCE), BURST_MS], []),
        ([*range(AT_ONCE), BURST_MS + 1], [*range(AT_ONCE), BURST_MS + 1]),
        ([*range(30), 30 + BURST_MS], [30 + BURST_MS]),
        (list(range(0, 500, 5)), list(range(0, 500, 5))),
        (list(range(0, 500, 4)), []),
        ([0, 500, *range(510, 540), 900], [0, 500, 900][::2]),
        ([5.5, 300.25], [5, 300]),
    ],
)
def test_a_burst_of_keys_is_no_evidence(
    file: Path, times_ms: list[float], expected: list[int]
) -> None:
    with bridge() as client:
        client.initialize()
        press(client, client.open(file), times_ms)
        client.quit()
    assert kept() == expected


def test_what_waits_is_written_though_nothing_more_comes(file: Path) -> None:
    with bridge() as client:
        client.initialize()
        press(client, client.open(file), [0])
        wait_until(lambda: kept() == [0], "the last key is written while the editor goes on")
        client.quit()


def test_what_waits_is_written_before_its_document_is_closed(file: Path) -> None:
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        press(client, uri, [0])
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        client.quit()
    methods = [
        record.body[1]
        for record in records()
        if record.kind in (RecordKind.COMPANION, RecordKind.LSP) and isinstance(record.body, list)
    ]
    assert methods[-2:] == [lsp_messages.EVIDENCE, "textDocument/didClose"]


def test_a_change_of_many_keys_counts_as_many(file: Path) -> None:
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        press(client, uri, [0, 1], changes=BURST_KEYS // 2)
        press(client, uri, [200, 201], changes=BURST_KEYS // 2 - 1)
        client.quit()
    assert kept() == [200, 201]


def test_a_clock_that_starts_again_begins_a_new_count(file: Path) -> None:
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        press(client, uri, [1_000] * 10)
        press(client, uri, [0] * 10)
        client.quit()
    assert kept() == [1_000] * 10 + [0] * 10


@pytest.mark.parametrize("value", [None, True, -1, "5", 1e300, [1]])
def test_a_key_without_a_time_is_believed_as_it_is(file: Path, value: object) -> None:
    with bridge() as client:
        client.initialize()
        press(client, client.open(file), [0] * BURST_KEYS, pressed_ms=value)
        client.quit()
    assert kept() == [0] * BURST_KEYS


def test_other_evidence_does_not_wait_and_does_not_count(file: Path) -> None:
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        press(client, uri, [0] * AT_ONCE)
        press(client, uri, [1] * BURST_KEYS, reason="undo")
        client.quit()
    assert kept() == [0] * AT_ONCE
    assert kept("undo") == [1] * BURST_KEYS
