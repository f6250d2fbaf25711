"""Where in one session something stood, or stands: in any state of its files, in what was said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from signoff_collector.history.kinds import TEXT_KIND
from signoff_collector.history.live_text import LiveText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import EditTable
    from signoff_collector.episode.moments import BufferLife
    from signoff_collector.history.matcher import Matcher
    from signoff_collector.history.searchable import Searchable

_PREFIX: Final = f"{TEXT_KIND} "
_OWN: Final = "signoff find "


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One place where it was found."""

    kind: str
    """`edit` for text in a file, else the kind of the step that says it."""
    path: str | None
    line: int | None
    """Number of the line at that moment, from 1, where it is known."""
    text: str
    """The line that holds it."""
    seq: int
    """A step after which it is there: the last one for text that was deleted."""
    t_ns: int
    """When that step was, since the session's start."""
    is_deleted: bool = False
    """It stood in the file and does not at the end of the session."""


def search_session(
    searchable: Searchable,
    matcher: Matcher,
    *,
    parts: frozenset[str] | None = None,
    kinds: frozenset[str] | None = None,
) -> list[Hit]:
    """Return the hits in one session, newest first.

    Args:
        searchable: the session.
        matcher: what is looked for.
        parts: the parts worth reading, as the index names them; None for all.
        kinds: kinds of hits wanted; None for all.

    Raises:
        DamagedError: the session cannot be read.
    """
    found: list[Hit] = []
    if _wants(TEXT_KIND, parts, kinds):
        found.extend(_in_files(searchable, matcher, parts))
    said = {part for part in parts if not part.startswith(_PREFIX)} if parts is not None else None
    wanted = said if kinds is None else kinds if said is None else kinds & said
    if wanted is None or wanted - {TEXT_KIND}:
        spoken = None if wanted is None else frozenset(wanted)
        found.extend(_in_sayings(searchable, matcher, spoken))
    return sorted(found, key=lambda hit: (hit.seq, hit.path or ""), reverse=True)


def _wants(kind: str, parts: frozenset[str] | None, kinds: frozenset[str] | None) -> bool:
    is_there = parts is None or any(part.startswith(_PREFIX) for part in parts)
    return is_there and (kinds is None or kind in kinds)


def _in_sayings(
    searchable: Searchable, matcher: Matcher, kinds: frozenset[str] | None
) -> Iterator[Hit]:
    for saying in searchable.sayings(kinds):
        if saying.kind == "command" and any(t.startswith(_OWN) for t in saying.texts):
            continue  # a search would find itself
        for text in saying.texts:
            first = matcher.first_line(text)
            if first is not None:
                yield Hit(
                    kind=saying.kind,
                    path=saying.path,
                    line=None,
                    text=first[1],
                    seq=saying.seq,
                    t_ns=saying.t_ns,
                )
                break


def _in_files(
    searchable: Searchable, matcher: Matcher, parts: frozenset[str] | None
) -> Iterator[Hit]:
    """Yield per file where it stands at the end, and each line of it that was deleted."""
    wanted = (
        None if parts is None else {p.removeprefix(_PREFIX) for p in parts if p.startswith(_PREFIX)}
    )
    found: dict[str, _FileHits] = {}
    on_disk: dict[str, _FileHits] = {}
    edits = searchable.episode.edits
    moments = searchable.moments
    for life in sorted(moments.lives(), key=lambda one: one.since):
        if wanted is None or life.path in wanted:
            hits = found.setdefault(life.path, _FileHits(life.path))
            _follow(life, edits, matcher, hits, searchable.times)
    for path, seq, content in sorted(moments.disk_texts(), key=lambda one: one[1]):
        if wanted is None or path in wanted:
            hits = on_disk.setdefault(path, _FileHits(path))
            hits.take_state(matcher, content or "", seq, searchable.times.get(seq, 0))
    last, last_ns = searchable.end
    open_here = dict(moments.buffers(last))
    for path in {**found, **on_disk}:
        buffer = open_here.get(path)
        content = None if buffer is None else moments.buffer(path, buffer, last)
        text = moments.disk(path, last) if content is None else content
        end = text if isinstance(text, str) else ""
        written = on_disk.get(path, _FileHits(path))
        hits = found.get(path, written)
        if hits is not written:
            written.take_end(last, last_ns)
            hits.take_deleted_of(written)
        hits.take_state(matcher, end, last, last_ns)
        yield from hits.listed(frozenset(end.split("\n")))


class _FileHits:
    """The hits of one file: the state last seen, and what was deleted."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._there: Hit | None = None
        self._deleted: dict[str, Hit] = {}

    def take_state(self, matcher: Matcher, text: str, seq: int, t_ns: int) -> None:
        """The file is this from here on."""
        first = matcher.first_line(text)
        if first is None:
            self.take_end(seq, t_ns)
        elif self._there is None or (self._there.line, self._there.text) != first:
            self._there = Hit(
                kind=TEXT_KIND, path=self._path, line=first[0], text=first[1], seq=seq, t_ns=t_ns
            )

    def take_end(self, seq: int, t_ns: int) -> None:
        """It is nowhere in the file any more; it was until the step before."""
        if self._there is not None:
            self.take_deleted(self._there.line, self._there.text, seq, t_ns)
            self._there = None

    def take_change(self, count: int) -> None:
        """A line became another, or went; `count` are left."""
        if not count:
            self._there = None

    def take_deleted(self, line: int | None, text: str, seq: int, t_ns: int) -> None:
        """A line with it went at step `seq`."""
        self._deleted[text] = Hit(
            kind=TEXT_KIND,
            path=self._path,
            line=line,
            text=text,
            seq=max(seq - 1, 0),
            t_ns=t_ns,
            is_deleted=True,
        )

    def take_back(self, text: str) -> None:
        """A line that had gone is there again."""
        self._deleted.pop(text, None)

    def take_typed(self, matcher: Matcher, before: str, after: str) -> None:
        """Lines with it were typed on: what stood there a key ago was not deleted."""
        there = self._there
        first = matcher.first_line(after)
        if there is not None and first is not None and there.text in before.split("\n"):
            self._there = replace(there, text=first[1])

    def take_deleted_of(self, other: _FileHits) -> None:
        """What went on disk, seen apart from what editors show."""
        for text, hit in other._deleted.items():
            self._deleted.setdefault(text, hit)

    def listed(self, at_end: frozenset[str]) -> Iterator[Hit]:
        """Yield where it stands, and lines that went, but for those that stand at the end."""
        if self._there is not None:
            yield self._there
        yield from (hit for text, hit in self._deleted.items() if text not in at_end)


def _follow(
    life: BufferLife,
    edits: EditTable,
    matcher: Matcher,
    hits: _FileHits,
    times: dict[int, int],
) -> None:
    """Follow one open buffer edit by edit, looking only at the lines each one touches."""
    text = LiveText(life.initial)
    count = matcher.count(life.initial)
    hits.take_state(matcher, life.initial, life.since, times.get(life.since, 0))
    own = edits.select(life.edit_numbers)
    columns = (own.start.tolist(), own.deleted.tolist(), own.texts(), own.seq.tolist())
    for start, deleted, put, seq, t_ns in zip(*columns, own.t_ns.tolist(), strict=True):
        low, high = text.bounds(start, start + deleted)
        before = text.part(low, high)
        text.apply(start, deleted, put)
        after = text.part(low, high + len(put) - deleted)
        lost, won = matcher.count(before), matcher.count(after)
        count += won - lost
        if won > lost:
            line = matcher.first_line(after)
            if line is not None:
                hits.take_back(line[1])
            if count == won - lost:
                hits.take_state(matcher, text.whole(), seq, t_ns)
        elif won == lost and won:
            hits.take_typed(matcher, before, after)
        elif won < lost and not deleted:
            hits.take_change(count)  # typed on: what stood there a key ago was not deleted
        elif won < lost:
            left = set(after.split("\n"))
            for line_lost in before.split("\n"):
                if line_lost not in left and matcher.count(line_lost):
                    hits.take_deleted(None, line_lost, seq, t_ns)
            hits.take_change(count)
