"""Whatever tells of changes, and however badly: what the watcher knows is what is there."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from tests.support.deadline import wait_until
from tests.support.files import TELLERS, PromptTeller, Watched

from signoff_collector.capture.files.file_folders import Limits
from signoff_collector.capture.files.file_settling import Burst
from signoff_collector.system.files.inotify import OVERFLOW, Event, Inotify
from signoff_collector.system.files.teller import InotifyTeller, Teller, Told

pytestmark = pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")

NAMES = ("a 🎉", "b𝄞.py", "c", "d")
PATHS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join)


class Losing(PromptTeller):
    """Keeps a part of what it is told to itself."""

    says_so = True

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self._source = random.Random(7)  # noqa: S311  repeatable

    def take(self) -> Told:
        told = super().take()
        kept = [hint for hint in told.hints if self._source.random() < 0.5]
        is_lost = len(kept) < len(told.hints)
        return Told(hints=kept, is_lost=told.is_lost or (is_lost and self.says_so))


class LosingSilently(Losing):
    says_so = False


class Overflowing(InotifyTeller):
    """Inotify with a queue that is too small: what did not fit is gone, and it is said."""

    def take(self) -> Told:
        events = list(super().take().events)
        return Told(events=[*events[:1], Event(-1, OVERFLOW, 0, "")] if events else [])


ALL: dict[str, Callable[[str, Limits], Teller]] = {
    **TELLERS,
    "losing": lambda root, _: Losing(root),
    "losing silently": lambda root, _: LosingSilently(root),
    "overflowing": lambda _, limits: Overflowing(max_watches=limits.watches),
}


def _listed(root: Path) -> dict[str, Path]:
    return {
        str(path.relative_to(root)): path
        for path in root.rglob("*")
        if path.is_file() and not path.name.startswith("id_rsa")
    }


class Work(RuleBasedStateMachine):
    """Random work below a folder, and what a watcher says of it."""

    def __init__(self, place: Path, make: Callable[[str, Limits], Teller]) -> None:
        super().__init__()
        number = len(list(place.iterdir()))
        self.outside = place / str(number)
        self.root = self.outside / "work"
        self.root.mkdir(parents=True)
        (self.root / "first.py").write_text("first 🎉𝄞\n")
        self.count = 0
        self.told = {"first.py": hashlib.sha256((self.root / "first.py").read_bytes()).hexdigest()}
        self.watched = Watched(self.root, make_teller=make)

    @rule(path=PATHS)
    def write(self, path: str) -> None:
        self.count += 1
        target = self.root / path
        if not target.is_dir() and _is_free(target.parent, self.root):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(f"{self.count} 🎉𝄞\n")

    @rule(path=PATHS)
    def make_folder(self, path: str) -> None:
        if _is_free(self.root / path, self.root):
            (self.root / path).mkdir(parents=True, exist_ok=True)

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        target = self.root / path
        if target.is_dir():
            shutil.rmtree(target)
        elif target.exists():
            target.unlink()

    @rule(path=PATHS, to=PATHS)
    def rename(self, path: str, to: str) -> None:
        _move(self.root / path, self.root / to)

    @rule(path=PATHS, name=st.sampled_from(NAMES))
    def move_out(self, path: str, name: str) -> None:
        _move(self.root / path, self.outside / name)

    @rule(name=st.sampled_from(NAMES), path=PATHS)
    def move_in(self, name: str, path: str) -> None:
        _move(self.outside / name, self.root / path)

    @rule()
    def look(self) -> None:
        self._fold(self.watched.told())

    def teardown(self) -> None:
        try:
            wait_until(self._is_known, "the watcher to know what is there")
        finally:
            self.watched.watcher.close()

    def _is_known(self) -> bool:
        self._fold(self.watched.told())
        listed = _listed(self.root)
        told = {
            path: hashlib.sha256(file.read_bytes()).hexdigest() for path, file in listed.items()
        }
        return set(self.watched.watcher.paths()) == set(listed) and self.told == told

    def _fold(self, burst: Burst | None) -> None:
        """Apply what was told to what was known from being told."""
        if burst is None:
            return
        for old, _ in burst.renamed:
            self.told.pop(old, None)
        for item in burst.changed:
            if item.sha256 is None:
                self.told.pop(item.path, None)
            else:
                self.told[item.path] = item.sha256


def _is_free(folder: Path, root: Path) -> bool:
    """Whether a folder can be made: no file stands in its way."""
    chain = [folder, *folder.parents]
    return not any(one.is_file() for one in chain[: chain.index(root)])


def _move(source: Path, target: Path) -> None:
    is_inside = target == source or source in target.parents
    if source.exists() and not target.exists() and not is_inside and target.parent.is_dir():
        source.rename(target)


@pytest.mark.parametrize("name", ALL)
def test_what_a_watcher_knows_after_random_work_is_what_is_there(
    name: str, tmp_path: Path, home: Path
) -> None:
    del home
    place = tmp_path / "places"
    place.mkdir()
    is_quick = name in {"inotify", "overflowing"}
    run_state_machine_as_test(
        lambda: Work(place, ALL[name]),
        settings=settings(max_examples=100 if is_quick else 30, stateful_step_count=25),
    )


def test_inotify_is_one_of_the_tellers_and_says_when_it_lost_something(tmp_path: Path) -> None:
    with InotifyTeller() as teller:
        assert isinstance(teller, Inotify)
        teller.watch(str(tmp_path))
        (tmp_path / "new 🎉").touch()
        assert [event.name for event in teller.take().events][:1] == ["new 🎉"]
        assert teller.take() == Told(events=[])
