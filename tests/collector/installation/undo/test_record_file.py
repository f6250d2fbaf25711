from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.sessions import current_home

from signoff_collector.installation.undo.undo_record import UNDO_FORM, Entry, UndoRecord
from signoff_collector.installation.vscode.extension_record import (
    EXTENSIONS_FORM,
    ExtensionEntry,
    ExtensionRecord,
)
from signoff_schemas.errors import DamagedError, NewerVersionError

FORMS = (UNDO_FORM, EXTENSIONS_FORM)
CHANGED = Entry(
    target="helix",
    path=Path("/home/a/.config/\U0001f388\U0001d4b3/languages.toml"),
    before=b"\x00\xff",
    mode=0o640,
    mtime_ns=1,
    after_sha256="00",
    made_folders=(Path("/home/a/.config"),),
)
EXTENDED = ExtensionEntry(
    program=Path("/opt/\U0001f388\U0001d4b3/code"),
    extension="signoff.signoff-vscode",
    before=None,
    sha256="00",
)


def test_an_entry_comes_back_as_it_was_and_the_last_takes_the_file_along(home: Path) -> None:
    record = UndoRecord(current_home())
    record.put(CHANGED)
    assert record.entries() == (CHANGED,)
    record.drop(CHANGED.path)
    assert not record.exists


def test_an_entry_takes_the_place_of_the_older_one_of_its_path(home: Path) -> None:
    record = ExtensionRecord(current_home())
    record.put(EXTENDED)
    record.put(EXTENDED)
    assert record.entries() == (EXTENDED,)
    assert record.of(EXTENDED.program) == EXTENDED
    assert record.of(Path("/opt/other")) is None


def test_a_newer_record_is_not_touched() -> None:
    for form in FORMS:
        with pytest.raises(NewerVersionError):
            form.parse(b'{"version": 2, "entries": []}')


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
def test_an_extension_that_we_did_not_write_is_called_damaged(change: dict[str, object]) -> None:
    row: dict[str, object] = {
        "program": "/opt/code",
        "extension": "signoff.signoff-vscode",
        "before": None,
        "sha256": "00",
    }
    EXTENSIONS_FORM.parse(json.dumps({"version": 1, "entries": [row]}).encode())
    with pytest.raises(DamagedError):
        EXTENSIONS_FORM.parse(json.dumps({"version": 1, "entries": [row | change]}).encode())


FIELDS = (
    *("version", "entries", "path", "before", "mode", "made_folders"),
    *("program", "extension", "sha256"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=len(FIELDS))
    ),
    max_leaves=12,
)


@given(value=JSON, cut=st.integers(0, 60))
def test_a_record_of_any_bytes_is_read_or_called_damaged(value: object, cut: int) -> None:
    rows = {"version": 1, "entries": [value]}
    for data in (json.dumps(value).encode(), json.dumps(rows).encode()[: cut or None], b"\xff"):
        for form in FORMS:
            with contextlib.suppress(DamagedError):
                form.parse(data)
