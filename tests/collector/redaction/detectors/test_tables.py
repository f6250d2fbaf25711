"""A table that is not there is a failure, never a pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from signoff_collector.redaction.detectors import tables
from signoff_collector.redaction.detectors.tables import read_table
from signoff_schemas.errors import RefusedError

TABLES = ["common_words.txt", "letter_costs.txt", "sign_costs.txt", "published_packages.txt"]


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_read(name: str) -> None:
    assert len("".join(read_table(name))) > 7_000


@pytest.mark.parametrize("content", [None, b"\xff\xfe not text"])
def test_without_a_table_nothing_is_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "common_words.txt").write_bytes(content)
    monkeypatch.setattr(tables, "__file__", str(tmp_path / "tables.py"))
    with pytest.raises(RefusedError, match="cannot be read") as raised:
        read_table("common_words.txt")
    assert raised.value.exit_code == 13
