"""Readers: limits hold, a dead one costs one episode, and a poisoned episode is set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.support import reader_tasks
from tests.support.clock import FakeClock
from tests.support.hubs import (
    content_of,
    faults_of,
    made_node,
    objects_of,
    send,
    send_sign_off,
    signed,
)

from signoff_hub.admitting.admission import Admission
from signoff_hub.admitting.readers import ReaderDiedError, Readers
from signoff_hub.jobs.runner import Runner
from signoff_hub.place.faults import FaultCode
from signoff_hub.receiving.states import SignOffIs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signoff_hub.admitting.examining import Examined

MEMORY_BYTES = 2 << 30


@pytest.fixture
def made() -> Iterator[Callable[..., Readers]]:
    open_ones: list[Readers] = []

    def make(task: Callable[[Path, int], Examined], **limits: float) -> Readers:
        known: dict[str, float] = {"memory_bytes": MEMORY_BYTES, "cpu_s": 60, "wall_s": 120}
        readers = Readers(1, task=task, **{**known, **limits})  # type: ignore[arg-type]
        open_ones.append(readers)
        return readers

    yield make
    for one in open_ones:
        one.close()


@pytest.fixture
def episode(tmp_path: Path) -> Path:
    (tmp_path / "e").write_bytes(content_of(1))
    return tmp_path / "e"


@pytest.mark.parametrize(
    ("task", "limits"),
    [
        (reader_tasks.die, {}),
        (reader_tasks.never_end, {"cpu_s": 1}),
        (reader_tasks.wait_for_ever, {"wall_s": 0.3}),
    ],
)
def test_a_reader_that_dies_or_does_not_end_is_told_and_replaced(
    task: Callable[[Path, int], Examined],
    limits: dict[str, float],
    made: Callable[..., Readers],
    episode: Path,
) -> None:
    readers = made(task, **limits)
    for _ in range(2):
        with pytest.raises(ReaderDiedError):
            readers.examine(episode, max_bytes=1 << 20)


def test_memory_is_bounded_and_no_file_is_written(
    made: Callable[..., Readers], episode: Path
) -> None:
    assert made(reader_tasks.eat).examine(episode, max_bytes=1).languages == ("bounded",)
    assert made(reader_tasks.write).examine(episode, max_bytes=1).size_bytes == 0
    assert (episode.parent / "written").read_bytes() == b"", "not a byte"


def test_an_episode_that_kills_two_readers_is_refused_and_its_bytes_go(
    tmp_path: Path, made: Callable[..., Readers]
) -> None:
    clock = FakeClock()
    with made_node(tmp_path / "hub", clock=clock) as node:
        sent = signed(node, 1)
        send(node, sent)
        admission = Admission(readers=made(reader_tasks.die))
        runner = Runner(node=node, kinds={"admit": admission})
        assert runner.run_due() == 1
        assert send_sign_off(node, sent).state == SignOffIs.RECEIVED, "once may be chance"
        clock.advance(5)
        assert runner.run_due() == 1
        state = send_sign_off(node, sent)
        assert (state.state, state.reason) == (SignOffIs.REFUSED, FaultCode.POISONED)
        assert objects_of(node) == {}
        assert faults_of(node) == []
        assert list(node.folder.incoming.iterdir()) == []


def test_a_reader_that_died_once_costs_an_honest_episode_nothing(
    tmp_path: Path, made: Callable[..., Readers]
) -> None:
    clock = FakeClock()
    with made_node(tmp_path / "hub", clock=clock) as node:
        sent = signed(node, 1)
        send(node, sent)
        admission = Admission(readers=made(reader_tasks.die_once))
        runner = Runner(node=node, kinds={"admit": admission})
        runner.run_due()
        clock.advance(5)
        runner.run_due()
        assert send_sign_off(node, sent).state == SignOffIs.ADMITTED
        assert faults_of(node) == []
