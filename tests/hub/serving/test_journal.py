"""What a node writes about itself: where a fault came up, and nothing that was sent."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.support.hub_requests import served
from tests.support.hubs import DATABASE, made_node

from signoff_hub.serving.journal import Line


@pytest.mark.skipif(DATABASE is not None, reason="the trigger is written as SQLite has it")
def test_a_fault_is_told_by_its_kind_and_place_without_any_value(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with made_node(tmp_path / "hub") as node, served(node) as client:
        with node.database.write() as connection:
            connection.execute(
                text(
                    "CREATE TRIGGER t BEFORE INSERT ON challenge"
                    " BEGIN SELECT RAISE(ABORT, 'planted-7531'); END"
                )
            )
        assert client.post("/v1/challenges").status_code == 500
    (line,) = capfd.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["error"]) == ("fault", "IntegrityError")
    assert told["where"][-1].startswith("signoff_hub.signing_in.challenges:")
    assert "planted-7531" not in line
    assert "/" not in line


def test_no_message_of_a_library_is_repeated() -> None:
    record = logging.LogRecord(
        "uvicorn.error", logging.ERROR, "/secret/path.py", 1, "got %s", ("planted-7531",), None
    )
    told = Line().format(record)
    assert json.loads(told)["event"] == "other"
    assert "planted" not in told
    assert "secret" not in told
