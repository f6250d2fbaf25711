"""Services that listen are told by name from the kernel's table; nothing else of it is."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.capture.runs import services
from signoff_collector.capture.runs.services import listening_services
from signoff_schemas.services import NAMED_BY, SERVICES

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue\n"


def table(*rows: str) -> str:
    return HEAD + "".join(f"   {n}: {row} 00000000:00000000\n" for n, row in enumerate(rows))


def process(tmp_path: Path, tcp: bytes, tcp6: bytes | None = None) -> Path:
    (tmp_path / "net").mkdir()
    (tmp_path / "net/tcp").write_bytes(tcp)
    if tcp6 is not None:
        (tmp_path / "net/tcp6").write_bytes(tcp6)
    return tmp_path


def test_only_well_known_ports_that_listen_are_told(tmp_path: Path) -> None:
    four = table(
        "0100007F:1538 00000000:0000 0A",  # 5432 listens
        "0100007F:1F90 00000000:0000 0A",  # 8080 is of nobody
        "0100007F:A1B2 0200000A:0CEA 01",  # connected to 3306 of another machine
        "0100007F:0CEA 0200000A:A1B2 01",  # 3306 here is connected, and does not listen
    )
    six = table("0" * 32 + ":18EB " + "0" * 32 + ":0000 0A")
    found = listening_services(process(tmp_path, four.encode(), six.encode()))
    assert found == ["postgresql", "redis"]


def test_where_the_kernel_has_no_table_nothing_is_said(tmp_path: Path) -> None:
    assert listening_services(tmp_path) is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is of Linux")
def test_a_socket_that_listens_here_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(services, "SERVICE_PORTS", {port: "redis"})
        assert listening_services() == ["redis"]
    assert listening_services() == []


@given(st.binary(max_size=200), st.lists(st.text(max_size=20), max_size=8))
def test_any_table_is_read(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes, fields: list[str]
) -> None:
    odd = table("0100007F:18EB 0:0 0A", " ".join(fields), "🎉𝄞 x:y z 0A").encode() + tail
    found = listening_services(process(tmp_path_factory.mktemp("proc"), odd))
    assert found is not None
    assert "redis" in found


def test_words_for_clients_are_of_services_that_can_be_told() -> None:
    assert NAMED_BY.keys() <= SERVICES
