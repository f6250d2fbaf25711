"""Labels beside an episode: durable, undone by one key, never of another episode or labeller."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.labels import WORDS, home_at, opened_by, put_day, said
from tests.support.leaks import random_secret

from signoff_collector.labels.label_file import labels_path, signature_path
from signoff_collector.labels.opening import open_labels
from signoff_collector.labels.schema_files import parse_yaml_schema
from signoff_collector.own_files.home import Home
from signoff_collector.redaction.shape_mask import ShapeMask
from signoff_schemas.errors import (
    DamagedError,
    NotFoundError,
    OutdatedError,
    RefusedError,
    SignoffError,
    UsageError,
)
from signoff_schemas.labels import parse_label_set

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def me(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_at(tmp_path_factory.mktemp("me") / "home")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return put_day(tmp_path / "work")


def test_opening_an_episode_writes_nothing_and_a_label_leaves_it_untouched(
    me: Home, path: Path
) -> None:
    before = path.read_bytes()
    opened = opened_by(me, path)
    assert not opened.file.exists
    assert not labels_path(path).exists()
    opened.file.set_label("intent", WORDS, 3, 9)
    assert path.read_bytes() == before
    assert parse_label_set(labels_path(path).read_bytes()) == opened.file.found
    assert labels_path(path).stat().st_mode & 0o777 == 0o600


def test_labels_are_there_again_when_they_are_opened_again(me: Home, path: Path) -> None:
    first = opened_by(me, path)
    first.file.set_label("judgement", "good", 1, 1)
    first.file.set_label("difficulty", 4, 1, 1)
    first.file.set_label("judgement", "mistake", 1, 1)
    again = opened_by(me, path)
    assert again.file.marks == first.file.marks
    assert [(one.field, one.value) for one in again.file.marks.labels] == [
        ("difficulty", 4), ("judgement", "mistake"),
    ]  # fmt: skip
    assert {one.set_on for one in again.file.marks.labels} == {"2026-09-21"}


def test_undo_takes_change_after_change_back(me: Home, path: Path) -> None:
    file = opened_by(me, path).file
    states = [file.marks]
    for value in ("good", "mistake", "recover"):
        file.set_label("judgement", value, 2, 2)
        states.append(file.marks)
    file.remove((2, 2, "judgement"))
    for state in reversed(states):
        assert file.undo()
        assert file.marks == state
        assert opened_by(me, path).file.marks == state
    assert not file.undo()


def test_removing_several_labels_is_one_change(me: Home, path: Path) -> None:
    file = opened_by(me, path).file
    file.add(said("judgement", "good", 2), said("phase", "patch", 2))
    assert file.remove((2, 2, "judgement"), (2, 2, "phase")) == 2
    assert file.marks.labels == ()
    assert file.undo()
    assert len(file.marks.labels) == 2
    assert file.remove((3, 3, "judgement")) == 0


@pytest.mark.parametrize(
    ("field", "value", "steps"),
    [("mood", "good", (1, 1)), ("judgement", "fine", (1, 1)), ("difficulty", 6, (1, 1)),
     ("difficulty", "3", (1, 1)), ("judgement", "good", (9, 8)),
     ("judgement", "good", (1, 1 << 40)), ("intent", "", (1, 1)), ("intent", "a\nb", (1, 1))],
)  # fmt: skip
def test_what_the_schema_does_not_know_is_not_kept(
    me: Home, path: Path, field: str, value: str | int, steps: tuple[int, int]
) -> None:
    file = opened_by(me, path).file
    with pytest.raises(UsageError):
        file.set_label(field, value, *steps)
    assert not labels_path(path).exists()
    assert file.marks.labels == ()


def test_a_secret_in_words_is_masked_before_it_is_written(me: Home, path: Path) -> None:
    secret = random_secret(24)
    mask = ShapeMask().mask
    opened = open_labels(me, str(path), chosen=None, mask=mask, clock=FakeClock())
    kept = opened.file.set_label("intent", f"password = '{secret}' {WORDS}", 1, 1)
    assert secret not in str(kept.value)
    assert WORDS in str(kept.value)
    opened.file.add(said("intent", f"password = '{secret}'", 5))
    assert secret.encode() not in labels_path(path).read_bytes()


def _label_for_ever(home: Path, path: Path, ready: object) -> None:
    file = opened_by(Home(root=home), path).file
    for number in range(2_000):
        file.set_label("difficulty", number % 5 + 1, number, number)
        os.write(ready, b".")  # type: ignore[arg-type]


@pytest.mark.parametrize("most", [1, 7, 23])
def test_a_killed_labeller_loses_nothing_that_was_said(me: Home, path: Path, most: int) -> None:
    """Whatever was told of before the kill is there; the file is whole at any moment."""
    reading, writing = os.pipe()
    context = multiprocessing.get_context("fork")
    child = context.Process(target=_label_for_ever, args=(me.root, path, writing))
    child.start()
    os.close(writing)
    told = 0
    while told < most:
        told += len(os.read(reading, 1))
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    while more := os.read(reading, 4096):
        told += len(more)
    os.close(reading)
    found = opened_by(me, path).file.marks.labels
    assert len(found) in {told, told + 1}


def test_a_second_program_overwrites_nothing(me: Home, path: Path) -> None:
    first, second = opened_by(me, path).file, opened_by(me, path).file
    first.set_label("judgement", "good", 1, 1)
    with pytest.raises(OutdatedError):
        second.set_label("judgement", "mistake", 2, 2)
    assert second.marks.labels == ()
    assert opened_by(me, path).file.marks == first.marks


def test_a_change_takes_the_signature_away(me: Home, path: Path) -> None:
    file = opened_by(me, path).file
    with pytest.raises(NotFoundError):
        file.sign()
    file.set_label("judgement", "good", 1, 1)
    assert file.sign() == signature_path(labels_path(path))
    assert file.is_signed
    file.set_label("judgement", "good", 1, 1)
    assert file.is_signed  # nothing changed
    file.set_label("judgement", "mistake", 1, 1)
    assert not file.is_signed


def test_labels_of_a_changed_episode_are_refused(me: Home, path: Path) -> None:
    opened_by(me, path).file.set_label("judgement", "good", 1, 1)
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises((RefusedError, DamagedError)):
        opened_by(me, path)
    other = put_day(path.parent / "other")
    content = labels_path(path).read_bytes()
    found = parse_label_set(content)
    labels_path(other).write_bytes(content.replace(found.episode_sha256.encode(), b"0" * 64))
    with pytest.raises(RefusedError, match="000000"):
        opened_by(me, other)


def test_labels_of_another_labeller_or_schema_are_left_alone(
    me: Home, path: Path, tmp_path: Path
) -> None:
    opened_by(me, path).file.set_label("judgement", "good", 1, 1)
    with pytest.raises(RefusedError, match="another labeller"):
        opened_by(home_at(tmp_path / "other"), path)
    other = parse_yaml_schema(
        b"{label_schema: 1, name: o, fields: [{kind: text, name: judgement}]}"
    )
    with pytest.raises(RefusedError, match="under the schema"):
        opened_by(me, path, other)
    labels_path(path).write_bytes(b"{}")
    with pytest.raises(DamagedError):
        opened_by(me, path)


def test_a_link_instead_of_labels_is_not_followed(me: Home, path: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"{}")
    labels_path(path).symlink_to(target)
    with pytest.raises(SignoffError):
        opened_by(me, path)
    assert target.read_bytes() == b"{}"


def test_a_session_that_goes_on_and_an_unmasked_episode_are_not_labelled(
    me: Home, tmp_path: Path
) -> None:
    from tests.support.episodes import sample_episode

    from signoff_collector.episode.file.writer import write_episode

    with pytest.raises(UsageError):
        open_labels(me, "live", chosen=None, mask=str, clock=FakeClock())
    plain = tmp_path / "plain.episode"
    plain.write_bytes(write_episode(sample_episode()))
    with pytest.raises(RefusedError, match="never masked"):
        opened_by(me, plain)
