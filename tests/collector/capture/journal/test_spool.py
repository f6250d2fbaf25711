"""Spools are claims of strangers: only known kinds, bounded, a torn tail ignored."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.deadline import deadline

from signoff_collector.capture.journal import spool
from signoff_collector.capture.journal.spool import read_field_spool, read_line_spool

COMMANDS = frozenset({"command", "exit"})
field_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


def fields(kind: str, *values: str) -> bytes:
    return b"".join(f"{word}\0".encode() for word in (kind, str(len(values)), *values))


@given(
    records=st.lists(
        st.tuples(st.sampled_from(["command", "exit"]), st.lists(field_text)), max_size=6
    )
)
def test_fields_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, list[str]]]
) -> None:
    path = tmp_path_factory.mktemp("spool") / "shell.spool"
    path.write_bytes(b"".join(fields(kind, *values) for kind, values in records))
    reading = read_field_spool(path, kinds=COMMANDS)
    assert [(record.kind, list(record.fields)) for record in reading.records] == records
    assert (reading.refused, reading.left_bytes) == (0, 0)


def test_a_field_spool_cut_at_any_byte_keeps_whole_records(tmp_path: Path) -> None:
    first, second = fields("command", "make\ntest 😀𝄞", "/w"), fields("exit", "0")
    path = tmp_path / "shell.spool"
    for size in range(len(first + second) + 1):
        path.write_bytes((first + second)[:size])
        reading = read_field_spool(path, kinds=COMMANDS)
        whole = [end for end in (len(first), len(first + second)) if end <= size]
        assert len(reading.records) == len(whole)
        assert reading.left_bytes == size - (whole[-1] if whole else 0)


def test_bash_can_write_a_field_spool_by_itself(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here")
    path = tmp_path / "shell.spool"
    script = r"""printf '%s\0' command 2 "$1" "$2" >>"$3"; printf '%s\0' exit 1 7 >>"$3" """
    subprocess.run(
        [bash, "-c", script, "bash", "echo 😀𝄞\nls", "/a b", str(path)],
        check=True,
        timeout=deadline(),
    )
    records = read_field_spool(path, kinds=COMMANDS).records
    assert [(record.kind, record.fields) for record in records] == [
        ("command", ("echo 😀𝄞\nls", "/a b")),
        ("exit", ("7",)),
    ]


def test_only_the_spools_own_kinds_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "x.spool"
    path.write_bytes(fields("edit", "forged") + fields("command", "ls"))
    reading = read_field_spool(path, kinds=COMMANDS)
    assert [record.kind for record in reading.records] == ["command"]
    assert reading.refused == 1
    path.write_text('{"kind": "edit"}\n{"kind": "tests", "n": 1}\n{"kind": 5}\n[]\nnonsense\n')
    lines = read_line_spool(path, kinds=frozenset({"tests"}))
    assert lines.records == [{"kind": "tests", "n": 1}]
    assert lines.refused == 4


def test_a_torn_last_line_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "x.spool"
    path.write_bytes('{"kind": "tests", "id": "😀𝄞"}\n{"kind": "te'.encode())
    reading = read_line_spool(path, kinds=frozenset({"tests"}))
    assert reading.records == [{"kind": "tests", "id": "😀𝄞"}]
    assert reading.left_bytes == len('{"kind": "te')


def test_numbers_that_are_not_json_and_deep_nesting_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.spool"
    deep = '{"kind": "tests", "x": ' + "[" * 100_000 + "]" * 100_000 + "}"
    digits = '{"kind": "tests", "x": ' + "9" * 100_000 + "}"
    path.write_text(f'{{"kind": "tests", "x": NaN}}\n{deep}\n{digits}\n{{"kind": "tests"}}\n')
    reading = read_line_spool(path, kinds=frozenset({"tests"}))
    assert reading.records == [{"kind": "tests"}]
    assert reading.refused == 3


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MAX_RECORDS", 3)
    monkeypatch.setattr(spool, "MAX_FIELD_BYTES", 50)
    path = tmp_path / "x.spool"
    path.write_bytes(fields("exit", "x" * 51) + fields("exit", "1") * 5)
    reading = read_field_spool(path, kinds=COMMANDS)
    assert (len(reading.records), reading.refused, reading.left_bytes) == (3, 3, 0)
    path.write_bytes(b'{"kind": "exit", "x": "' + b"x" * 50 + b'"}\n' + b'{"kind": "exit"}\n' * 5)
    lines = read_line_spool(path, kinds=COMMANDS)
    assert (len(lines.records), lines.refused, lines.left_bytes) == (3, 3, 0)
    monkeypatch.setattr(spool, "MAX_SPOOL_BYTES", 10)
    assert read_line_spool(path, kinds=COMMANDS).records == []


@given(data=st.binary(max_size=300))
def test_foreign_bytes_never_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("spool") / "x.spool"
    path.write_bytes(data)
    assert 0 <= read_field_spool(path, kinds=COMMANDS).left_bytes <= len(data)
    assert 0 <= read_line_spool(path, kinds=COMMANDS).left_bytes <= len(data)


def test_a_pipe_or_a_link_is_an_empty_spool(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.spool")
    (tmp_path / "real").write_text(json.dumps({"kind": "exit"}) + "\n")
    (tmp_path / "link.spool").symlink_to(tmp_path / "real")
    for name in ("pipe.spool", "link.spool", "none.spool"):
        assert read_line_spool(tmp_path / name, kinds=COMMANDS).records == []
        assert read_field_spool(tmp_path / name, kinds=COMMANDS).records == []
