from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.installation.undo_record import Entry, UndoRecord, parse_record
from signoff_schemas.errors import DamagedError, NewerVersionError
from support_sessions import current_home

ENTRY = Entry(
    target="helix",
    path=Path("/home/a/.config/helix/languages.toml"),
    before=b"\x00\xff",
    mode=0o640,
    mtime_ns=1,
    after_sha256="00",
    made_folders=(Path("/home/a/.config"),),
)


def test_an_entry_comes_back_as_it_was(home: Path) -> None:
    record = UndoRecord(current_home())
    record.put(ENTRY)
    assert record.entries() == (ENTRY,)
    record.drop(ENTRY.path)
    assert not record.exists


def test_a_newer_record_is_not_touched() -> None:
    with pytest.raises(NewerVersionError):
        parse_record(b'{"version": 2, "entries": []}')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["version", "entries", "path", "before", "mode", "made_folders"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(value=JSON, cut=st.integers(0, 60))
def test_a_record_of_any_bytes_is_read_or_called_damaged(value: object, cut: int) -> None:
    rows = {"version": 1, "entries": [value]}
    for data in (json.dumps(value).encode(), json.dumps(rows).encode()[: cut or None], b"\xff"):
        with contextlib.suppress(DamagedError):
            parse_record(data)
