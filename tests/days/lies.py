"""Asks every verb about a day and compares what it says with the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.days.day import Day
from tests.days.truth import EVER
from tests.days.world import MS, START_WALL_NS

from signoff_collector.episode.moments.moments import Moments
from signoff_collector.episode.resolving import resolve_at
from signoff_collector.history.day.day import collect_day
from signoff_collector.history.files.file_history import FileHistory
from signoff_collector.history.local_sessions import LocalSession, View, local_sessions
from signoff_collector.history.search.finding import Search, opened
from signoff_collector.history.search.matcher import Matcher
from signoff_collector.history.search.searchable_text import session_text
from signoff_collector.history.search.searching import Hit, search_session
from signoff_collector.replay.reel import Reel
from signoff_collector.replay.scenes import scene_at
from signoff_collector.trees.whole_tree import whole_tree
from signoff_schemas.at import parse_at
from signoff_schemas.errors import SignoffError


@dataclass(frozen=True, slots=True)
class Lie:
    """Something a verb said that is not so."""

    kind: str
    about: str
    """Path, or word and path: one lie about it is counted once a day."""
    said: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.about}: {self.said}"


def lies(day: Day, *, is_thorough: bool = True) -> list[Lie]:
    """Return every lie that the verbs tell now; nothing may be on its way to the recorder."""
    try:
        sessions = local_sessions(day.home, day.clock)
        if not sessions:
            return [Lie("error", "sessions", "there is none")]
        return [*_of_session(day, sessions[0], is_thorough=is_thorough)]
    except SignoffError as error:
        return [Lie("error", "reading", f"{type(error).__name__}: {error}")]


def _of_session(day: Day, session: LocalSession, *, is_thorough: bool) -> Iterator[Lie]:
    episode = session.episode
    start_ms = (session.started_wall_ns - START_WALL_NS) // MS
    times = [start_ms + t_ns // MS for t_ns in episode.times().tolist()]
    view = _View(day, session, start_ms, times, Moments(episode))
    yield from _secrets(view)
    yield from _find(view)
    if session.view is not View.MASKED and not day.truth.is_silent:
        yield from _today(view)
    yield from _restore(view)
    yield from _checkout(view, is_thorough=is_thorough)
    yield from _player(view, is_thorough=is_thorough)


class _View:
    """One session, and where its steps lie in the day."""

    def __init__(
        self, day: Day, session: LocalSession, start_ms: int, times: list[int], moments: Moments
    ) -> None:
        self.day, self.truth, self.session = day, day.truth, session
        self.start_ms, self.times, self.moments = start_ms, times, moments
        self.episode = session.episode

    def bounds(self, seq: int) -> tuple[int, int]:
        """Return between which two moments, at which all was recorded, a step lies."""
        at = self.times[seq] if seq >= 0 else self.start_ms
        settled = self.truth.settled
        low = max((t for t in settled if t <= at), default=0)
        high = min((t for t in settled if t > at), default=EVER)
        return low, high

    def known(self, path: str, *times_ms: int, is_disk: bool = False) -> bool:
        return all(self.truth.is_known(path, t_ms, is_disk=is_disk) for t_ms in times_ms)

    def settled(self, *, is_thorough: bool) -> list[int]:
        """Return the moments at which all was recorded, in this session."""
        return self.truth.settled if is_thorough else self.truth.settled[-2:]

    def is_left_to_git(self, path: str, t_ms: int) -> bool:
        """Say whether the recorder says itself that only git has what a file held."""
        held = self.truth.disks[path].at(t_ms) if path in self.truth.disks else None
        in_git = held in self.truth.committed or held in self.truth.base.values()
        return in_git and self.moments.absent(path, self.seq_at(t_ms)) is not None

    def holds(self, word: str, path: str) -> bool:
        """Say whether a word stood in a file at a moment at which more than git had to know it."""
        for t_ms in self.truth.settled:
            held = self.truth.disks[path].at(t_ms) or b"" if path in self.truth.disks else b""
            if word.encode() not in held or not self.is_left_to_git(path, t_ms):
                continue
            return False
        return True

    def seq_at(self, t_ms: int) -> int:
        """Return the step that `--at` finds for a time of the day."""
        if t_ms >= self.times[-1]:
            return resolve_at(self.episode, parse_at("end"))
        return resolve_at(self.episode, parse_at(f"time:+{(t_ms - self.start_ms) / 1000:.3f}s"))


def _shown(content: bytes | None) -> str:
    if content is None:
        return "no file"
    return repr(" ".join(word for word in content.decode().split() if word.startswith("zq")))


class _Asked:
    """Asks `find`: of what goes on all is read once, of what is over its index is asked."""

    def __init__(self, view: _View) -> None:
        self._view = view
        is_live = view.session.view is View.LIVE
        self._held = session_text(opened(view.session)) if is_live else None

    def for_word(self, word: str) -> tuple[list[Hit], set[str | None]]:
        """Return the hits in files, and the paths of those that `--deleted` lists."""
        every = self._hits(Matcher(word))
        deleted = {hit.path for hit in every if hit.is_deleted}
        return [hit for hit in every if hit.kind == "edit"], deleted

    def _hits(self, matcher: Matcher) -> list[Hit]:
        if self._held is not None:
            return search_session(self._held, matcher)
        day = self._view.day
        search = Search(matcher=matcher)
        return [found.hit for found in search.run(day.home, day.clock)]


def _find(view: _View) -> Iterator[Lie]:
    truth, asked = view.truth, _Asked(view)
    words: dict[str, set[str]] = {}
    for word, path in truth.words:
        words.setdefault(word, set()).add(path)
    for word, paths in words.items():
        hits, deleted = asked.for_word(word)
        standing = {hit.path for hit in hits if not hit.is_deleted}
        for path in paths:
            about = f"{word} in {path}"
            is_live = view.session.view is View.LIVE
            now = truth.file(path) if is_live else truth.on_disk(path)
            if not view.known(path, EVER, is_disk=not is_live):
                is_missed = path not in standing | deleted and view.holds(word, path)
                if is_missed:
                    yield Lie("find: lost text is nowhere", about, "it was written in a pause")
            elif word.encode() in (now or b""):
                if path in standing:
                    continue
                what = "deleted" if path in deleted else "nowhere"
                if what == "nowhere" and not view.holds(word, path):
                    continue
                yield Lie(f"find: standing text is {what}", about, f"{path} holds it")
            elif path in standing:
                yield Lie("find: text that is gone stands", about, _shown(now))
            elif path not in deleted and view.holds(word, path):
                yield Lie("find: lost text is nowhere", about, _shown(now))


def _secrets(view: _View) -> Iterator[Lie]:
    """Look for words that stood nowhere but in a pause, in what verbs find and in every file."""
    asked = _Asked(view)
    for word in view.truth.secrets:
        hits, _ = asked.for_word(word)
        if hits:
            yield Lie("pause: find has what was written in it", word, str(hits[0]))
        for place in view.day.home.root.rglob("*"):
            is_copy = place.suffix == ".undo"  # what a restore replaced, to take it back
            if place.is_file() and not is_copy and word.encode() in place.read_bytes():
                yield Lie("pause: a file of ours has what was written in it", word, place.name)


def _today(view: _View) -> Iterator[Lie]:
    day, truth = view.day, view.truth
    told = collect_day(day.home, day.clock, since_ns=0, until_ns=EVER)
    for problem in told.unreadable:
        yield Lie("error", "today", problem)
    unsaved = [one for own in told.workspaces for one in own.unsaved]
    red = {name for own in told.workspaces for name in own.red}
    listed = {one.path for one in unsaved}
    for path in truth.unsaved() - listed - truth.either:
        yield Lie("today: unsaved text is not named", path, "an editor held more than the disk")
    for path in listed - truth.unsaved(may_be=True) - truth.either:
        yield Lie("today: saved text is called unsaved", path, _shown(truth.on_disk(path)))
    if red != set(truth.red):
        yield Lie("today: red tests", "tests", f"{sorted(red)}, not {sorted(truth.red)}")


def _restore(view: _View) -> Iterator[Lie]:
    truth = view.truth
    for path in truth.paths():
        history = FileHistory(view.episode, path)
        points = history.points()
        for point in points:
            low, high = view.bounds(point.seq)
            true = truth.may_be(path, low, high)
            if point.is_disk:
                true = truth.disks[path].between(low, high) if path in truth.disks else [None]
            if point.content not in true and view.known(path, low, high, is_disk=point.is_disk):
                said = f"{_shown(point.content)}, not {', '.join(map(_shown, true))}"
                yield Lie("restore: a point is wrong", path, f"step {point.seq}: {said}")
        contents = {point.content for point in points}
        for lost in truth.lost:
            if lost.path == path and lost.text not in contents:
                if view.is_left_to_git(path, lost.t_ms):
                    continue
                yield Lie(f"restore: no point for what {lost.by} took", path, _shown(lost.text))


def _checkout(view: _View, *, is_thorough: bool) -> Iterator[Lie]:
    truth = view.truth
    for t_ms in view.settled(is_thorough=is_thorough):
        if t_ms < view.start_ms:
            continue
        seq = view.seq_at(t_ms)
        for is_disk in (False, True):
            tree = whole_tree(view.moments, seq, None, is_disk=is_disk)
            states = truth.disks if is_disk else truth.files
            name = "checkout --disk" if is_disk else "checkout"
            for path in truth.paths():
                if path not in states or not view.known(path, t_ms, is_disk=is_disk):
                    continue
                true = states[path].at(t_ms)
                may_be = [true] if is_disk else truth.may_be(path, t_ms, t_ms)
                said = tree.files[path].content if path in tree.files else None
                if said is None and view.is_left_to_git(path, t_ms):
                    continue
                is_empty = true is not None and not true.strip() and said is None
                if said not in may_be and not is_empty:
                    yield Lie(name, path, f"at {t_ms} ms: {_shown(said)}, not {_shown(true)}")
            for path in tree.files:
                if path not in truth.files:
                    yield Lie(name, path, f"at {t_ms} ms: there never was one")


def _player(view: _View, *, is_thorough: bool) -> Iterator[Lie]:
    truth, reel = view.truth, Reel(view.episode)
    for t_ms in view.settled(is_thorough=is_thorough):
        if t_ms < view.start_ms:
            continue
        scene = scene_at(reel, reel.place_at_time((t_ms - view.start_ms) * MS))
        path = scene.path
        if path is None or not view.known(path, t_ms) or path not in truth.files:
            continue
        true = truth.files[path].at(t_ms)
        said = None if scene.text is None else scene.text.encode()
        if said is None and view.is_left_to_git(path, t_ms):
            continue
        if said not in truth.may_be(path, t_ms, t_ms) and not (true is None and said == b""):
            yield Lie("replay", path, f"at {t_ms} ms: {_shown(said)}, not {_shown(true)}")
