"""Lines a file had: whatever the edits were, their events give the same text."""

from __future__ import annotations

import random
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msgpack  # type: ignore[import-untyped]  # ships no types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import (
    ASTRAL,
    edit,
    jumping_episode,
    open_episode,
    sample_episode,
    typing,
)

from signoff_collector.episode.content import Edit
from signoff_collector.episode.file.reader import EpisodeFile
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.frames import compress, decompress
from signoff_collector.history.search.line_log import LineEvent
from signoff_collector.history.search.matcher import Matcher
from signoff_collector.history.search.packed_words import PackedWords, packed
from signoff_collector.history.search.searchable import Searchable
from signoff_collector.history.search.searchable_text import SessionText, decoded, session_text
from signoff_collector.history.search.searching import Hit, search_session
from signoff_collector.history.search.step_text import StepText
from signoff_collector.history.search.word_index import index_bytes, search_index
from signoff_schemas.errors import DamagedError

pytestmark = pytest.mark.slow

_PAUSE_MS = 2000


def held_of(opened: str, edits: list[Edit]) -> SessionText:
    episode = open_episode(opened, edits)
    return session_text(Searchable(EpisodeFile(write_episode(episode))))


def key_by_key(opened: str, *changes: tuple[int, int, str], pauses: bool = True) -> SessionText:
    """Return the lines of a text that is typed in: each change key by key, then a pause."""
    edits: list[Edit] = []
    t_ms = 0
    for start, deleted, put in changes:
        for place in reversed(range(deleted)):
            edits.append(edit(len(edits) + 1, start + place, 1, "", t_ms=t_ms))
            t_ms += 100
        for place, key in enumerate(put):
            edits.append(edit(len(edits) + 1, start + place, 0, key, t_ms=t_ms))
            t_ms += 100
        t_ms += _PAUSE_MS * pauses
    return held_of(opened, edits)


def found(held: SessionText, text: str) -> list[Hit]:
    return search_session(held, Matcher(text))


@given(typing(), st.integers(0, 3))
def test_events_played_in_order_give_the_text_after_each_of_them(
    typed: tuple[str, list[Edit], list[str]], slow: int
) -> None:
    opened, edits, states = typed
    apart = [
        edit(e.seq, e.start, e.deleted, e.text, t_ms=n * 700 * slow) for n, e in enumerate(edits)
    ]
    track = held_of(opened, apart).tracks[0]
    lines: list[str] = []
    for event in track.events:
        lines[event.at : event.at + event.removed] = event.inserted
        text = opened if event.seq == 0 else states[event.seq - 1]
        assert "\n".join(lines) == text
    assert track.is_main
    assert "\n".join(lines) == (states[-1] if states else opened)


@given(typing())
def test_what_stood_before_a_pause_is_found(typed: tuple[str, list[Edit], list[str]]) -> None:
    opened, edits, states = typed
    apart = [
        edit(e.seq, e.start, e.deleted, e.text, t_ms=n * _PAUSE_MS) for n, e in enumerate(edits)
    ]
    held = held_of(opened, apart)
    at_end = (states[-1] if states else opened).split("\n")
    for text in {line for state in (opened, *states) for line in state.split("\n") if line.strip()}:
        hits = found(held, text)
        assert any(not hit.is_deleted for hit in hits) == any(
            text.lower() in line.lower() for line in at_end
        )
        for hit in hits:
            state = opened if hit.seq == 0 else states[hit.seq - 1]
            assert text.lower() in state.lower()
            assert not hit.is_deleted or hit.text in state.split("\n")


@given(typing(), st.booleans())
def test_an_index_says_what_the_session_says(
    typed: tuple[str, list[Edit], list[str]], is_regex: bool
) -> None:
    opened, edits, states = typed
    apart = [
        edit(e.seq, e.start, e.deleted, e.text, t_ms=n * _PAUSE_MS) for n, e in enumerate(edits)
    ]
    held = held_of(opened, apart)
    texts = {line for state in (opened, *states) for line in state.split("\n") if line.strip()}
    with TemporaryDirectory() as folder:
        index = Path(folder, "index")
        index.write_bytes(index_bytes(held))
        for text in sorted(texts | {line[1:4] for line in texts if line[1:4].strip()}):
            if is_regex and not text.isprintable():
                continue  # half a character is no pattern
            matcher = Matcher(re.escape(text) if is_regex else text, is_regex=is_regex)
            assert search_index(index, matcher) == search_session(held, matcher)


def test_a_line_typed_on_was_not_deleted() -> None:
    held = key_by_key("", (0, 0, "import os"), (9, 0, f", sys {ASTRAL}"))
    (hit,) = found(held, "import os")
    assert (hit.is_deleted, hit.text, hit.line) == (False, f"import os, sys {ASTRAL}", 1)
    assert hit.seq == 9, "it was there before the line grew"


def test_a_word_replaced_was_deleted_and_the_rest_of_its_line_was_not() -> None:
    held = key_by_key("", (0, 0, "import os\n"), (7, 2, "sys"))
    (gone,) = found(held, "import os")
    assert (gone.is_deleted, gone.text, gone.line) == (True, "import os", 1)
    assert not found(held, "import s")[0].is_deleted
    assert [hit.is_deleted for hit in found(held, "import")] == [False]


def test_what_was_typed_and_erased_at_once_is_found() -> None:
    held = key_by_key("a = 1\n", (6, 0, f"secret plan {ASTRAL}"), (6, 14, "b"), pauses=False)
    (gone,) = found(held, "secret plan")
    assert (gone.is_deleted, gone.line) == (True, 2)


def test_a_slip_is_no_line_of_its_own() -> None:
    held = key_by_key("", (0, 0, "prnt"), (2, 2, "int()"), pauses=False)
    assert found(held, "prnt") == []
    assert found(held, "print()")


def test_lines_of_any_length_are_counted() -> None:
    long = "x" * 9_000
    held = key_by_key(f"{long}\nsecond\n", (4_500, 0, "needle"), (9_014, 0, "third"))
    (hit,) = found(held, "needle")
    assert hit.line == 1
    assert found(held, "third")[0].line == 3


def same(data: bytes, held: SessionText) -> bool:
    """Say whether everything comes out of bytes as it is held."""
    words = PackedWords(data)
    tracks = tuple(words.tracks_with(frozenset(decoded(words.lines()).split("\n")), bool))
    return (
        SessionText(tracks=tracks, step_texts=held.step_texts, end=words.end) == held
        and words.lines() == held.lines()
        and list(words.kinds()) == list(held.kinds())
        and all(list(words.step_texts_at(one, None)) == held.of_kind(one) for one in held.kinds())
        and all(words.said(one) == held.said(one) for one in held.kinds())
    )


def test_packed_words_are_the_same_words() -> None:
    for episode in (sample_episode(), jumping_episode()):
        held = session_text(Searchable(EpisodeFile(write_episode(episode))))
        assert same(packed(held), held)
    nothing = SessionText(tracks=(), step_texts=())
    assert same(packed(nothing), nothing)


@given(st.lists(st.lists(st.sampled_from(("", "a", f"b{ASTRAL}", "one\ntwo")), max_size=3)))
def test_a_place_leads_to_what_is_said_there(said: list[list[str]]) -> None:
    step_texts = [
        StepText(number, number, "note" if number % 3 else "task", None, tuple(texts))
        for number, texts in enumerate(said)
    ]
    held = SessionText(tracks=(), step_texts=tuple(replace(one, t_ns=0) for one in step_texts))
    words = PackedWords(packed(held))
    for kind in held.kinds():
        whole = decoded(held.said(kind))
        for text in ("a", ASTRAL, "two"):
            places = [place for place in range(len(whole)) if whole.startswith(text, place)]
            expected = [
                one for one in held.of_kind(kind) if any(text in part for part in one.texts)
            ]
            assert list(words.step_texts_at(kind, places)) == expected
            assert list(held.step_texts_at(kind, places)) == expected


def test_other_bytes_are_refused() -> None:
    held = session_text(Searchable(EpisodeFile(write_episode(jumping_episode()))))
    data = packed(held)
    chance = random.Random(7)  # noqa: S311
    for place in range(0, len(data), 3):
        changed = bytearray(data)
        changed[place] ^= chance.randrange(1, 256)
        for bad in (bytes(changed), data[:place], chance.randbytes(place)):
            try:
                assert same(bad, held), "only a change of no consequence may pass"
            except DamagedError:
                continue


ODD = st.none() | st.integers(-(2**63), 2**64 - 1) | st.binary(max_size=9) | st.text(max_size=3)


@given(way=st.lists(st.integers(0, 9), min_size=1, max_size=6), value=ODD)
def test_an_index_whose_numbers_fit_no_text_says_nothing(way: list[int], value: object) -> None:
    held = session_text(Searchable(EpisodeFile(write_episode(jumping_episode()))))
    body = msgpack.unpackb(decompress(packed(held)), unicode_errors="surrogatepass")
    inner = body
    for place in way[:-1]:
        following = inner[place % len(inner)]
        if not isinstance(following, list) or not following:
            break
        inner = following
    inner[way[-1] % len(inner)] = value
    changed = compress(msgpack.packb(body, unicode_errors="surrogatepass"))
    with TemporaryDirectory() as folder:
        index = Path(folder, "index")
        index.write_bytes(index_bytes(held))
        with closing(sqlite3.connect(index)) as base:
            base.execute("UPDATE held SET data = ?", (changed,))
            base.commit()
        for matcher in (Matcher(ASTRAL), Matcher(".", is_regex=True)):
            hits = search_index(index, matcher)
            assert hits is None or all(isinstance(hit, Hit) for hit in hits)


def test_an_event_is_small() -> None:
    assert not hasattr(LineEvent(1, 1, 1, 0, 0, (), False), "__dict__")
