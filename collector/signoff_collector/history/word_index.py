"""The index of one session: an SQLite database of its own, with its words and its lines.

One small database beside what it indexes, made once and deleted with it: full-text tables
keep deleted words in their pages (THREATS 23), so nothing is ever deleted from one; `forget`
removes the file and the next search makes it anew. A search asks the full-text table whether
the session is worth looking through, and looks through the lines that lie packed beside it,
without opening the episode.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from signoff_collector.history.held_words import HeldWords, packed, unpacked
from signoff_collector.history.kinds import TEXT_KIND
from signoff_collector.history.words import MAX_WORD, Demand, joined, words_of
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

VERSION: Final = 3
"""Rises when something else is held; an older database is made anew."""
_LIKELY: Final = "SELECT term FROM known WHERE instr(term, ?) > 0 OR length(term) >= ?"
_SCHEMA: Final = (
    "PRAGMA page_size = 512",  # most sessions are small
    f"PRAGMA user_version = {VERSION}",
    "CREATE TABLE part (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE TABLE held (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    "CREATE VIRTUAL TABLE words USING fts5(text, content='', detail=none, columnsize=0,"
    ' tokenize="unicode61 remove_diacritics 0")',
    "CREATE VIRTUAL TABLE known USING fts5vocab(words, row)",
)


def index_bytes(held: HeldWords) -> bytes:
    """Return the index of one session, as the bytes of a database."""
    with closing(sqlite3.connect(":memory:")) as base:
        base.executescript(";".join(_SCHEMA))
        for number, (name, words) in enumerate(_parts(held)):
            base.execute("INSERT INTO part VALUES (?, ?)", (number, name))
            base.execute("INSERT INTO words(rowid, text) VALUES (?, ?)", (number, joined(words)))
        base.execute("INSERT INTO words(words) VALUES ('optimize')")
        base.execute("INSERT INTO held VALUES (0, ?)", (packed(held),))
        base.commit()
        base.execute("VACUUM")
        return base.serialize()


def held_with(
    path: Path, demands: Sequence[Demand], kinds: frozenset[str] | None
) -> HeldWords | None:
    """Return what an index holds, or nothing when its words say that a text is not there.

    Args:
        path: the index.
        demands: what a place that holds the text must have.
        kinds: kinds of hits wanted; None for all.

    Returns:
        None when the index cannot say: it is not there, damaged or of another version.
    """
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as base:
            (version,) = base.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                return None
            if not _is_likely(base, demands, kinds):
                return HeldWords(tracks=(), sayings=())
            (data,) = base.execute("SELECT data FROM held").fetchone()
            return unpacked(data)
    except (sqlite3.Error, OSError, TypeError, DamagedError):
        return None


def _is_likely(
    base: sqlite3.Connection, demands: Sequence[Demand], kinds: frozenset[str] | None
) -> bool:
    query = "SELECT id, name FROM part"
    found = {number for number, name in base.execute(query) if kinds is None or name in kinds}
    for demand in sorted(demands, key=lambda one: (one.is_open_left, one.is_open_right)):
        if not found:
            break
        found &= _rows_with(base, demand)
    return bool(found)


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


def _parts(held: HeldWords) -> Iterator[tuple[str, set[str]]]:
    """Yield every part with its words."""
    written: set[str] = set()
    for track in held.tracks:
        for event in track.events:
            for line in event.inserted:
                written |= words_of(line)
    yield TEXT_KIND, written
    by_kind: dict[str, set[str]] = {}
    for saying in held.sayings:
        words = by_kind.setdefault(saying.kind, set())
        for text in saying.texts:
            words |= words_of(text)
    yield from by_kind.items()
