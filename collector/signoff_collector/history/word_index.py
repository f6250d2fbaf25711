"""Which words stand where in one session: an SQLite full-text table of its own per session.

One small database beside what it indexes, made once and deleted with it: full-text tables
keep deleted words in their pages (THREATS 23), so nothing is ever deleted from one; `forget`
removes the file and the next search makes it anew. It holds words without their places: a
search asks it which files and kinds of steps are worth reading.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from signoff_collector.history.live_text import LiveText
from signoff_collector.history.words import MAX_WORD, Demand, joined, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from signoff_collector.history.searchable import Searchable

VERSION: Final = 1
"""Rises when other words are indexed; an older database is made anew."""
_SETTLED_NS: Final = 1_500_000_000
"""A pause after which the lines typed in are taken as meant."""
_LIKELY: Final = "SELECT term FROM known WHERE instr(term, ?) > 0 OR length(term) >= ?"
_SCHEMA: Final = (
    "PRAGMA page_size = 512",  # most sessions are small
    f"PRAGMA user_version = {VERSION}",
    "CREATE TABLE part (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE VIRTUAL TABLE words USING fts5(text, content='', detail=none, columnsize=0,"
    ' tokenize="unicode61 remove_diacritics 0")',
    "CREATE VIRTUAL TABLE known USING fts5vocab(words, row)",
)


def index_bytes(searchable: Searchable) -> bytes:
    """Return the index of one session, as the bytes of a database.

    Raises:
        SignoffError: the session cannot be read.
    """
    with closing(sqlite3.connect(":memory:")) as base:
        base.executescript(";".join(_SCHEMA))
        for number, (name, words) in enumerate(_parts(searchable)):
            base.execute("INSERT INTO part VALUES (?, ?)", (number, name))
            base.execute("INSERT INTO words(rowid, text) VALUES (?, ?)", (number, joined(words)))
        base.execute("INSERT INTO words(words) VALUES ('optimize')")
        base.commit()
        base.execute("VACUUM")
        return base.serialize()


def parts_with(path: Path, demands: Sequence[Demand]) -> frozenset[str] | None:
    """Return the parts of a session that may hold a text; None when the index cannot say.

    Parts are `edit <path>` for files, and kinds of steps.
    """
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as base:
            (version,) = base.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                return None
            found: frozenset[int] | None = None
            for demand in sorted(demands, key=lambda one: (one.is_open_left, one.is_open_right)):
                rows = _rows_with(base, demand)
                found = rows if found is None else found & rows
                if not found:
                    return frozenset()
            query = "SELECT id, name FROM part"
            return frozenset(
                name for number, name in base.execute(query) if found is None or number in found
            )
    except (sqlite3.Error, OSError):
        return None


def _rows_with(base: sqlite3.Connection, demand: Demand) -> frozenset[int]:
    if demand.is_open_left:
        likely = base.execute(_LIKELY, (demand.word, MAX_WORD))
        terms = [term for (term,) in likely if demand.fits(str(term))]
        expression = " OR ".join(f'"{term}"' for term in terms)
    else:
        expression = f'"{demand.word}"' + ("*" if demand.is_open_right else "")
    if not expression:
        return frozenset()
    query = "SELECT rowid FROM words WHERE words MATCH ?"
    return frozenset(row for (row,) in base.execute(query, (expression,)))


def _parts(searchable: Searchable) -> Iterator[tuple[str, set[str]]]:
    """Yield every part with its words."""
    by_path: dict[str, set[str]] = {}
    for path, words in _file_words(searchable):
        by_path.setdefault(path, set()).update(words)
    yield from ((f"edit {path}", words) for path, words in by_path.items())
    by_kind: dict[str, set[str]] = {}
    for saying in searchable.sayings():
        words = by_kind.setdefault(saying.kind, set())
        for text in saying.texts:
            words |= words_of(text)
    yield from by_kind.items()


def _file_words(searchable: Searchable) -> Iterator[tuple[str, set[str]]]:
    """Yield words of every text as it came, as it was whenever typing settled, and at its end."""
    moments = searchable.moments
    edits = searchable.episode.edits
    for life in moments.lives():
        text = LiveText(life.initial)
        yield life.path, words_of(life.initial)
        own = edits.select(life.edit_numbers)
        columns = (own.start.tolist(), own.deleted.tolist(), own.texts(), own.t_ns.tolist())
        low = high = before_ns = 0
        is_dirty = False
        for start, deleted, put, t_ns in zip(*columns, strict=True):
            is_near = low - 1 <= start <= high + 1
            if is_dirty and (not is_near or t_ns - before_ns > _SETTLED_NS):
                yield life.path, words_of(text.part(*text.bounds(low, high)))
                is_dirty = False
            if not is_dirty:
                low = high = start
            text.apply(start, deleted, put)
            low, high = min(low, start), max(high - deleted, start) + len(put)
            is_dirty, before_ns = True, t_ns
        if is_dirty:
            yield life.path, words_of(text.whole())
    for path, _, content in moments.disk_texts():
        if content is not None:
            yield path, words_of(content)
