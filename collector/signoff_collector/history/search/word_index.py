"""The search index of one session: an SQLite database with its words and lines.

One small database per session, beside its data, built once and deleted with it. SQLite full-text
tables keep deleted words in their pages (threat 23), so nothing is ever deleted from one: `forget`
removes the file and the next search rebuilds it. A search asks the full-text table whether a match
is possible, then scans the packed text beside it without opening the episode.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signoff_collector.history.search.kinds import TEXT_KIND
from signoff_collector.history.search.packed_words import PackedWords, packed
from signoff_collector.history.search.searchable_text import decoded
from signoff_collector.history.search.searching import ANYWHERE, Scope, search_session
from signoff_collector.history.search.words import MAX_WORD, Demand, joined, words_of
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signoff_collector.history.search.matcher import Matcher
    from signoff_collector.history.search.searchable_text import SessionText
    from signoff_collector.history.search.searching import Hit

VERSION: Final = 6
"""Incremented when the content changes; older databases are rebuilt."""
_LIKELY: Final = "SELECT term FROM known WHERE instr(term, ?) > 0 UNION SELECT term FROM long"
_VERSION_BYTES: Final = slice(60, 64)
"""Offset of the user version in a database file (sqlite.org/fileformat2.html, 1.3)."""
_MOST_TERMS: Final = 100
"""If more words than this contain the search term, a match is assumed."""
_SCHEMA: Final = (
    "PRAGMA page_size = 512",  # most sessions are small
    f"PRAGMA user_version = {VERSION}",
    "CREATE TABLE part (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
    "CREATE TABLE place (path TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE long (term TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE held (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    "CREATE VIRTUAL TABLE words USING fts5(text, content='', detail=none, columnsize=0,"
    ' tokenize="unicode61 remove_diacritics 0")',
    "CREATE VIRTUAL TABLE known USING fts5vocab(words, row)",
)


_MISFITS: Final = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError)
"""Exceptions caused by inconsistent offsets, if somebody else changed the index."""


def index_bytes(held: SessionText) -> bytes:
    """Return the index of one session, as the bytes of a database."""
    with closing(sqlite3.connect(":memory:")) as base:
        base.executescript(";".join(_SCHEMA))
        for number, (name, words) in enumerate(_parts(held)):
            base.execute("INSERT INTO part VALUES (?, ?)", (number, name))
            base.execute("INSERT INTO words(rowid, text) VALUES (?, ?)", (number, joined(words)))
        base.execute("INSERT INTO words(words) VALUES ('optimize')")
        base.execute("INSERT INTO long SELECT term FROM known WHERE length(term) >= ?", (MAX_WORD,))
        named = {one.path for one in held.step_texts if one.path is not None}
        paths = sorted(named.union(one.path for one in held.tracks))
        base.executemany("INSERT INTO place VALUES (?)", [(path,) for path in paths])
        base.execute("INSERT INTO held VALUES (0, ?)", (packed(held),))
        base.commit()
        base.execute("VACUUM")
        return base.serialize()


def is_newest(path: Path) -> bool:
    """Return whether a file is an index of this version, from its header.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_VERSION_BYTES.stop)
    return int.from_bytes(head[_VERSION_BYTES], "big") == VERSION


def search_index(
    path: Path, matcher: Matcher, scope: Scope = ANYWHERE, *, has_passed: bool = False
) -> list[Hit] | None:
    """Search with an index; return hits newest first.

    Args:
        path: the index.
        matcher: what is looked for.
        scope: which hits are wanted.
        has_passed: as of `search_session`.

    Returns:
        None if the index is missing, damaged or of another version.
    """
    try:
        if not is_newest(path):
            return None
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as base:
            kinds = _likely_kinds(base, matcher, scope)
            if not kinds:
                return []
            (data,) = base.execute("SELECT data FROM held").fetchone()
        scope = replace(scope, kinds=kinds)
        return search_session(PackedWords(data), matcher, scope, has_passed=has_passed)
    except (sqlite3.Error, OSError, DamagedError, *_MISFITS):
        return None


def _likely_kinds(base: sqlite3.Connection, matcher: Matcher, scope: Scope) -> frozenset[str]:
    """Return the wanted kinds in which the index allows a match."""
    if scope.path is not None:
        paths = base.execute("SELECT path FROM place")
        if not any(scope.has_path(path) for (path,) in paths):
            return frozenset()
    parts = {int(number): str(name) for number, name in base.execute("SELECT id, name FROM part")}
    wanted = {n for n, name in parts.items() if scope.has_kind(name)}
    # A suffix match must scan all words, which takes as long as scanning the text itself.
    demands = [one for one in matcher.demands if not one.is_open_left] or matcher.demands
    for demand in sorted(demands, key=lambda one: (one.is_open_left, one.is_open_right)):
        if not wanted:
            break
        rows = _rows_with(base, demand)
        wanted &= wanted if rows is None else rows
    return frozenset(parts[number] for number in wanted)


def _rows_with(base: sqlite3.Connection, demand: Demand) -> frozenset[int] | None:
    """Return the rows that have a word; None if too many words match."""
    if demand.is_open_left:
        likely = base.execute(_LIKELY, (demand.word,))
        terms = [term for (term,) in likely if demand.fits(str(term))]
        if len(terms) > _MOST_TERMS:
            return None
        expression = " OR ".join(f'"{term}"' for term in terms)
    else:
        expression = f'"{demand.word}"' + ("*" if demand.is_open_right else "")
    if not expression:
        return frozenset()
    query = "SELECT rowid FROM words WHERE words MATCH ?"
    return frozenset(row for (row,) in base.execute(query, (expression,)))


def _parts(held: SessionText) -> Iterator[tuple[str, set[str]]]:
    """Yield every part with its set of words."""
    yield TEXT_KIND, words_of(decoded(held.lines()))
    for kind in held.kinds():
        yield kind, words_of(decoded(held.said(kind)))
