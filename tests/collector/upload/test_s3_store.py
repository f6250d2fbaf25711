"""The store in a bucket, against a real S3 server and against servers that misbehave."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.consent.audience import Audience, canonical_audience
from signoff_collector.home import resolve_home
from signoff_collector.upload.outbox import waiting
from signoff_collector.upload.s3_store import S3Store, _parse
from signoff_collector.upload.signature_v4 import Credentials, Request, sign_request
from signoff_schemas.errors import NetworkError, ReceiverRefusedError, RefusedError
from support_deadline import deadline
from support_sign_off import call_signoff, run_signoff, signed_episode

KEY = "blobs/ab/abcd"
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "PLANTED-secret"}
SERVER = """
import sys
from http.server import ThreadingHTTPServer
from pathlib import Path
from localbucket import S3Handler
S3Handler.data_root = Path(sys.argv[1])
server = ThreadingHTTPServer(("127.0.0.1", 0), S3Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture
def buckets(tmp_path: Path) -> Path:
    folder = tmp_path / "buckets"
    (folder / "bucket").mkdir(parents=True)
    return folder


@pytest.fixture
def address(buckets: Path) -> Iterator[str]:
    """Run a real S3 server and give the address of a part of a bucket."""
    with subprocess.Popen(
        [sys.executable, "-I", "-c", SERVER, str(buckets)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            yield f"s3+http://127.0.0.1:{port}/bucket/some/prefix"
        finally:
            server.kill()
            server.wait(timeout=deadline())


@pytest.fixture
def store(address: str) -> S3Store:
    return S3Store(canonical_audience(address), KEYS)


def test_the_signature_is_the_one_of_the_published_example() -> None:
    request = Request(
        method="GET",
        path="/test.txt",
        query={},
        headers={"host": "examplebucket.s3.amazonaws.com", "range": "bytes=0-9"},
    )
    example = Credentials(
        access_key="AKIAIOSFODNN7EXAMPLE",
        secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",  # noqa: S106
    )
    headers = sign_request(request, example, region="us-east-1", amz_date="20130524T000000Z")
    assert headers["authorization"].endswith(
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


def test_credentials_are_never_printed(store: S3Store) -> None:
    assert "PLANTED" not in repr(Credentials(access_key="a", secret_key="PLANTED"))  # noqa: S106
    assert "PLANTED" not in repr(store)


def test_an_object_is_written_once_and_read_back(store: S3Store, buckets: Path) -> None:
    store.prepare()
    assert store.create(KEY, b"one \xf0\x9f\x98\x80", token="")
    assert not store.create(KEY, b"two", token="")
    assert store.read(KEY, max_bytes=10) == b"one \xf0\x9f\x98\x80"
    assert store.names("blobs/ab") == ("abcd",)
    assert (buckets / "bucket/some/prefix" / KEY).is_file()
    with pytest.raises(ReceiverRefusedError):
        store.read(KEY, max_bytes=3)
    assert store.remove(KEY)
    assert not store.remove(KEY)
    assert store.read(KEY, max_bytes=10) is None
    assert store.names("blobs/ab") == ()


def test_of_many_writers_one_wins(store: S3Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: store.create(KEY, b"%d" % n, token=""), range(16)))
    assert won.count(True) == 1
    assert store.read(KEY, max_bytes=10) == b"%d" % won.index(True)


def test_a_long_listing_comes_in_pages(store: S3Store, buckets: Path) -> None:
    store.create("a/b/0000", b"", token="")
    for number in range(1, 1005):
        (buckets / f"bucket/some/prefix/a/b/{number:04}").write_bytes(b"")
    assert store.names("a/b") == tuple(f"{n:04}" for n in range(1005))


def test_an_episode_goes_there_and_back(
    home: Path, address: str, buckets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    for name in (
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
    ):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    path = signed_episode(home, address)  # type: ignore[arg-type]  # an address, not a folder
    done = run_signoff("upload", path, "--to", address)
    assert done.code == 0, done.err
    files = [p for p in buckets.rglob("*") if p.is_file()]
    assert len(files) == 3
    blob = next(p for p in files if "blobs" in p.parts)
    assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name
    assert call_signoff("withdraw", path).code == 0
    (left,) = [p for p in buckets.rglob("*") if p.is_file()]
    assert "tombstones" in left.parts
    assert call_signoff("upload", path, "--to", address).code == 14


def test_a_server_that_is_down_keeps_it_waiting(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with replying(lambda _: (503, {}, b"")) as (address, _):
        path = signed_episode(home, address)  # type: ignore[arg-type]  # an address
        assert call_signoff("upload", path, "--to", address).code == 1
    assert len(waiting(resolve_home())) == 1
    assert call_signoff("upload", "--resume").code == 1
    assert len(waiting(resolve_home())) == 1


Reply = tuple[int, dict[str, str], bytes]


@contextmanager
def replying(reply: object) -> Iterator[tuple[str, list[str]]]:
    """Run a server that says what `reply` returns; give its address and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            asked.append(f"{self.command} {self.path}")
            assert callable(reply)
            status, headers, body = reply(self)
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"s3+http://127.0.0.1:{server.server_port}/bucket", asked
    finally:
        server.shutdown()
        thread.join(deadline())
        server.server_close()


def test_no_redirect_is_followed() -> None:
    with replying(lambda _: (200, {}, b"")) as (elsewhere, elsewhere_asked):
        there = elsewhere.replace("s3+http", "http")
        with replying(lambda _: (307, {"location": there}, b"")) as (address, _asked):
            store = S3Store(Audience(address), KEYS)
            for ask in (
                lambda: store.create(KEY, b"x", token=""),
                lambda: store.read(KEY, max_bytes=10),
                lambda: store.names("blobs"),
                lambda: store.remove(KEY),
            ):
                with pytest.raises(ReceiverRefusedError, match="redirect"):
                    ask()
    assert elsewhere_asked == []


def test_a_store_that_overwrites_silently_is_refused() -> None:
    with (
        replying(lambda _: (200, {}, b"")) as (address, _),
        pytest.raises(ReceiverRefusedError, match="overwrites"),
    ):
        S3Store(Audience(address), KEYS).prepare()


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, ReceiverRefusedError), (404, ReceiverRefusedError), (409, NetworkError),
     (429, NetworkError), (500, NetworkError)],
)  # fmt: skip
def test_what_a_store_says_becomes_one_of_two_errors(status: int, error: type) -> None:
    with (
        replying(lambda _: (status, {}, b"")) as (address, _),
        pytest.raises(error),
    ):
        S3Store(Audience(address), KEYS).create(KEY, b"x", token="")


def test_old_versions_are_erased_too() -> None:
    listing = (
        b"<R><Version><Key>blobs/ab/abcd</Key><VersionId>v1</VersionId></Version>"
        b"<Version><Key>blobs/ab/abcd.other</Key><VersionId>v2</VersionId></Version>"
        b"<DeleteMarker><Key>blobs/ab/abcd</Key><VersionId>v3</VersionId></DeleteMarker></R>"
    )

    def reply(handler: BaseHTTPRequestHandler) -> Reply:
        if "versions" in handler.path:
            return 200, {}, listing
        return 200, {"x-amz-delete-marker": "true"}, b""

    with replying(reply) as (address, asked):
        assert S3Store(Audience(address), KEYS).remove(KEY)
    erased = [line for line in asked if "versionId=" in line]
    assert erased == [
        "DELETE /bucket/blobs/ab/abcd?versionId=v1",
        "DELETE /bucket/blobs/ab/abcd?versionId=v3",
    ]


def test_an_answer_that_is_no_http_counts_as_down() -> None:
    with (
        replying(lambda _: (200, {"content-length": "x"}, b"")) as (address, _),
        pytest.raises((NetworkError, ReceiverRefusedError)),
    ):
        S3Store(Audience(address), KEYS).names("blobs")


def test_without_credentials_nothing_is_asked() -> None:
    with pytest.raises(RefusedError):
        S3Store(Audience("s3://h.example/bucket"), {})


@given(st.binary(max_size=200))
def test_any_listing_is_read_or_refused(body: bytes) -> None:
    try:
        _parse(body)
    except ReceiverRefusedError:
        return


def test_a_listing_that_would_grow_is_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'
    with pytest.raises(ReceiverRefusedError, match="document type"):
        _parse(bomb)
