"""What a hub may answer, and what it learns by being asked."""

from __future__ import annotations

import gzip
import socket
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.spoken_hub import said, spoken_hub

from signoff_collector.consent.terms.audience import Audience
from signoff_collector.upload.hub.connection import HubConnection
from signoff_schemas.errors import NetworkError, ReceiverRefusedError

BEASTS = "\U0001f98a\U0001f600"


def test_a_question_says_nothing_of_this_machine() -> None:
    with spoken_hub(lambda _: said(200, {})) as hub:
        connection = HubConnection(hub.audience)
        connection.ask("GET", "/v1/terms", max_bytes=100)
        connection.ask("PUT", "/v1/blobs/00", max_bytes=100, body=b"x", token="t" * 20)
    first, second = hub.asked
    place = hub.audience.removeprefix("http://")
    kinds = "application/json, application/problem+json"
    assert first.headers == {"host": place, "accept": kinds, "connection": "close"}
    assert second.headers == {
        **first.headers,
        "content-type": "application/json",
        "content-length": "1",
        "authorization": f"Bearer {'t' * 20}",
    }


def test_neither_proxy_nor_trust_nor_key_file_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with spoken_hub(lambda _: said(200, {})) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.audience)
        keys = tmp_path / "keys"
        monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
        with spoken_hub(lambda _: said(200, {})) as hub:
            assert HubConnection(hub.audience).ask("GET", "/v1/terms", max_bytes=9).body == b"{}"
            secure = Audience(hub.audience.replace("http:", "https:"))
            with pytest.raises(NetworkError):
                HubConnection(secure).ask("GET", "/v1/terms", max_bytes=9)
    assert proxy.asked == []
    assert not keys.exists()
    assert ssl.get_default_verify_paths().cafile is None, "the environment has a say elsewhere"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with spoken_hub(lambda _: said(200, {})) as other:
        elsewhere = said(status, Location=f"{other.audience}/v1/terms")
        with (
            spoken_hub(lambda _: elsewhere) as hub,
            pytest.raises(ReceiverRefusedError, match="redirect"),
        ):
            HubConnection(hub.audience).ask("GET", "/v1/terms", max_bytes=100, token="t" * 20)
        assert other.asked == []


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    with spoken_hub(lambda _: said(200, b"[" * (1 << 20))) as hub:
        with pytest.raises(ReceiverRefusedError, match="larger answer than the 1000 bytes"):
            HubConnection(hub.audience).ask("GET", "/v1/mine", max_bytes=1000)
        assert len(hub.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 999999 OK\r\n\r\n",
    ],
    ids=("nothing", "ssh", "cut", "short", "chunks", "headers", "header", "status"),
)
def test_what_is_no_whole_answer_is_a_hub_that_broke_off(answer: bytes) -> None:
    with spoken_hub(lambda _: answer) as hub:
        with pytest.raises(NetworkError) as caught:
            HubConnection(hub.audience).ask("GET", "/v1/terms", max_bytes=1000)
        assert "OpenSSH" not in str(caught.value)


def test_nobody_listening_is_a_hub_that_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NetworkError, match="cannot be reached") as caught:
        HubConnection(Audience(f"http://127.0.0.1:{port}")).ask("GET", "/", max_bytes=9)
    assert caught.value.hint is not None


def test_a_team_stands_before_every_path() -> None:
    with spoken_hub(lambda _: said(200, {})) as hub:
        HubConnection(Audience(f"{hub.audience}/team")).ask("GET", "/v1/terms", max_bytes=9)
    assert hub.asked[0].path == "/team/v1/terms"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7), ("0", 0), ("-1", 0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0), ("1" * 9, 86_400),
     ("9" * 5000, 0), ("²", 0), ("1.5", 0), ("", 0)],
)  # fmt: skip
def test_a_time_to_come_again_is_whole_seconds_of_at_most_a_day(text: str, seconds: int) -> None:
    line = f"HTTP/1.1 503 X\r\nRetry-After: {text}\r\nContent-Length: 0\r\n\r\n"
    with spoken_hub(lambda _: line.encode("utf-8")) as hub:
        answer = HubConnection(hub.audience).ask("GET", "/v1/terms", max_bytes=100)
    assert answer.retry_after_s == seconds


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from((b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 ")))
def test_any_bytes_are_an_answer_or_one_of_our_errors(content: bytes, start: bytes) -> None:
    with spoken_hub(lambda _: start + content) as hub:
        found = b""
        with suppress(NetworkError, ReceiverRefusedError):
            found = HubConnection(hub.audience).ask("GET", "/v1/terms", max_bytes=200).body
    assert len(found) <= 200


def test_a_compressed_answer_is_taken_as_the_bytes_it_is() -> None:
    packed = gzip.compress(b"{" * 10_000_000)
    with spoken_hub(lambda _: said(200, packed, Content_Encoding="gzip")) as hub:
        answer = HubConnection(hub.audience).ask("GET", "/v1/terms", max_bytes=100_000)
    assert answer.body == packed
