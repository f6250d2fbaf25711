"""What of watchdog's tellers can be tried without their systems: what is lost is said."""

from __future__ import annotations

import select
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import watchdog.observers  # noqa: F401  decides for Linux before a test says otherwise
from tests.support import native_fsevents
from tests.support.deadline import wait_until

from signoff_collector.system.files import watchdog_teller
from signoff_collector.system.files.teller import Hint, Told
from signoff_collector.system.files.watchdog_teller import FSEVENTS_LOST, Buffers, WatchdogTeller


@pytest.fixture
def on_a_mac(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, "_watchdog_fsevents", native_fsevents)
    monkeypatch.setattr(sys, "platform", "darwin")
    yield
    sys.modules.pop("watchdog.observers.fsevents", None)


def _wait(teller: WatchdogTeller) -> Told:
    """Return what is told once anything is."""
    waiting = select.poll()
    waiting.register(teller.fileno(), select.POLLIN)
    wait_until(lambda: waiting.poll(100), "the pipe to be readable")
    return teller.take()


def test_fsevents_names_what_changed(tmp_path: Path, on_a_mac: None) -> None:
    del on_a_mac
    teller = WatchdogTeller(str(tmp_path))
    try:
        assert teller.called == "fsevents"
        assert teller.watch(str(tmp_path)) is None
        (tmp_path / "new 🎉𝄞").write_text("1")
        told = _wait(teller)
        assert Hint(str(tmp_path / "new 🎉𝄞")) in told.hints
        assert not told.is_lost
    finally:
        teller.close()


@pytest.mark.parametrize("flag", [0x1, 0x2, 0x4])
def test_what_fsevents_dropped_is_said(tmp_path: Path, on_a_mac: None, flag: int) -> None:
    del on_a_mac
    assert flag & FSEVENTS_LOST
    teller = WatchdogTeller(str(tmp_path))
    try:
        (emitter,) = teller._emitters
        emitter.events_callback([str(tmp_path)], [1], [flag], [1])  # type: ignore[attr-defined]
        assert _wait(teller).is_lost
        assert not teller.take().is_lost, "once"
    finally:
        teller.close()


def test_an_empty_buffer_of_windows_is_a_loss() -> None:
    said: list[None] = []
    buffers = Buffers(lambda: said.append(None))
    buffers.put((b"told", True))
    assert not said
    buffers.put((b"", True))
    assert len(said) == 1
    assert [buffers.get(), buffers.get()] == [(b"told", True), (b"", True)]


def test_a_backlog_that_is_too_long_is_a_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog_teller, "MOST_HINTS", 3)
    teller = WatchdogTeller(str(tmp_path))
    try:
        for number in range(5):
            (tmp_path / f"{number} 🎉").touch()
        hints: list[Hint] = []
        is_lost = False

        def is_told() -> bool:
            nonlocal is_lost
            with teller._lock:
                is_lost |= teller._is_lost
                hints[:] = teller._hints
            return any(hint.path == str(tmp_path / "4 🎉") for hint in hints)

        wait_until(is_told, "the last of them")
        assert is_lost
        assert len(hints) <= 3
    finally:
        teller.close()


def test_a_thread_that_ended_is_an_error_and_not_silence(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    teller = WatchdogTeller(str(root))
    try:
        root.rmdir()

        def is_said() -> bool:
            try:
                teller.take()
            except OSError:
                return True
            return False

        wait_until(is_said, "the end to be said")
    finally:
        teller.close()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        WatchdogTeller(str(tmp_path / "gone"))
