from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.installation.extension_record import (
    ExtensionEntry,
    ExtensionRecord,
    parse_extensions,
)
from signoff_schemas.errors import DamagedError, NewerVersionError
from support_sessions import current_home

ENTRY = ExtensionEntry(
    program=Path("/opt/\U0001f388\U0001d4b3/code"),
    extension="signoff.signoff-vscode",
    before=None,
    sha256="00",
)


def test_an_entry_comes_back_as_it_was(home: Path) -> None:
    record = ExtensionRecord(current_home())
    record.put(ENTRY)
    assert record.entries() == (ENTRY,)
    assert record.of(ENTRY.program) == ENTRY
    record.drop(ENTRY.program)
    assert not record.exists


def test_a_newer_record_is_not_touched() -> None:
    with pytest.raises(NewerVersionError):
        parse_extensions(b'{"version": 2, "entries": []}')


@pytest.mark.parametrize(
    "change",
    [
        {"program": "code"},
        {"program": "/opt/\0code"},
        {"extension": "--user-data-dir=/tmp"},
        {"extension": ""},
        {"before": 1},
        {"sha256": None},
    ],
)
def test_an_entry_that_we_did_not_write_is_called_damaged(change: dict[str, object]) -> None:
    row: dict[str, object] = {
        "program": "/opt/code",
        "extension": "signoff.signoff-vscode",
        "before": None,
        "sha256": "00",
    }
    parse_extensions(json.dumps({"version": 1, "entries": [row]}).encode())
    with pytest.raises(DamagedError):
        parse_extensions(json.dumps({"version": 1, "entries": [row | change]}).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["version", "entries", "program", "extension", "before", "sha256"]),
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
            parse_extensions(data)
