"""The store in a bucket, against a real S3 server and against servers that misbehave."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.deadline import deadline
from tests.support.local_bucket import KEYS, local_bucket
from tests.support.sign_off import call_signoff, run_signoff, signed_episode

from signoff_collector.consent.terms.audience import Audience, canonical_audience
from signoff_collector.own_files.home import resolve_home
from signoff_collector.upload.outbox.outbox import Outbox, waiting
from signoff_collector.upload.outbox.past_probes import HOLDS_NS, PastProbes
from signoff_collector.upload.stores.interface import Probed, Removed
from signoff_collector.upload.stores.s3_client import find_credentials
from signoff_collector.upload.stores.s3_store import S3Store
from signoff_schemas.errors import NetworkError, ReceiverRefusedError, RefusedError

KEY = "blobs/ab/abcd"


@pytest.fixture
def buckets(tmp_path: Path) -> Path:
    return tmp_path / "buckets"


@pytest.fixture
def address(buckets: Path) -> Iterator[str]:
    """Run a real S3 server and give the address of a part of a bucket."""
    with local_bucket(buckets) as address:
        yield address


@pytest.fixture
def store(address: str) -> Iterator[S3Store]:
    with closing(S3Store(canonical_audience(address), KEYS)) as store:
        yield store


def test_credentials_are_never_printed(store: S3Store) -> None:
    assert "PLANTED" not in repr(find_credentials(KEYS))
    assert "PLANTED" not in repr(store)


def test_an_object_is_written_once_and_read_back(store: S3Store, buckets: Path) -> None:
    assert not store.probe().keeps_versions
    assert store.create(KEY, b"one \xf0\x9f\x98\x80", token="")
    assert not store.create(KEY, b"two", token="")
    assert store.read(KEY, max_bytes=10) == b"one \xf0\x9f\x98\x80"
    assert store.names("blobs/ab") == ("abcd",)
    assert store.folders("blobs") == ("ab",)
    assert store.folders("blobs/ab") == store.folders("nothing") == ()
    assert (buckets / "bucket/some/prefix" / KEY).is_file()
    with pytest.raises(ReceiverRefusedError):
        store.read(KEY, max_bytes=3)
    assert store.remove(KEY).was_there
    assert not store.remove(KEY).was_there
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
    assert call_signoff("withdraw", "--yes", path).code == 0
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
def replying(reply: object, *, is_given_body: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Run a server that says what `reply` returns; give its address and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body_of_request = self.rfile.read(int(self.headers.get("content-length", 0)))
            asked.append(f"{self.command} {self.path}")
            assert callable(reply)
            status, headers, body = reply(self, body_of_request) if is_given_body else reply(self)
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                with suppress(OSError):
                    self.wfile.write(body)

        do_GET = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"s3+http://127.0.0.1:{server.server_port}/bucket", asked
    finally:
        server.shutdown()
        thread.join(deadline())
        server.server_close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with replying(lambda _: (200, {}, b"")) as (elsewhere, elsewhere_asked):
        there = elsewhere.replace("s3+http", "http")
        with (
            replying(lambda _: (status, {"location": there}, b"")) as (address, _asked),
            closing(S3Store(Audience(address), KEYS)) as store,
        ):
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
        overwriting() as (address, objects),
        closing(S3Store(Audience(address), KEYS)) as store,
    ):
        with pytest.raises(ReceiverRefusedError, match="overwrites"):
            store.probe()
        assert objects == {}, "the probe is taken away again"


def test_nothing_is_sent_to_a_store_that_overwrites(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with overwriting() as (address, objects):
        path = signed_episode(home, address)  # type: ignore[arg-type]  # an address
        done = run_signoff("upload", path, "--to", address)
        assert done.code == 14
        assert "overwrites" in done.err
        assert objects == {}


@contextmanager
def overwriting() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Run a server that keeps objects but ignores If-None-Match, as some real ones do."""
    objects: dict[str, bytes] = {}

    def reply(handler: BaseHTTPRequestHandler, body: bytes) -> Reply:
        match handler.command:
            case "PUT":
                objects[handler.path] = body
                return 200, {"etag": '"x"'}, b""
            case "DELETE":
                objects.pop(handler.path, None)
                return 204, {}, b""
            case _ if handler.path in objects:
                return 200, _HEAD, objects[handler.path]
            case _:
                return 404, {}, b""

    with replying(reply, is_given_body=True) as (address, _):
        yield address, objects


_HEAD = {"etag": '"x"', "last-modified": "Wed, 21 Oct 2015 07:28:00 GMT"}


def test_a_store_is_probed_once_and_again_when_something_changes(address: str, home: Path) -> None:
    place = resolve_home().ensure()
    clock = FakeClock()
    probed: list[str] = []

    class Watched(S3Store):
        def probe(self) -> Probed:
            probed.append(self.fingerprint)
            return super().probe()

    def ensure(keys: dict[str, str], audience: str = address) -> None:
        with Outbox.open(place) as outbox, closing(Watched(Audience(audience), keys)) as store:
            PastProbes(outbox.connection).ensure(store, clock)

    ensure(KEYS)
    ensure(KEYS)
    assert len(probed) == 1
    ensure({**KEYS, "AWS_ACCESS_KEY_ID": "other"})
    assert len(probed) == 2, "other credentials may be led to another store"
    ensure(KEYS, f"{address}/deeper")
    assert len(probed) == 3, "another audience"
    clock.advance(HOLDS_NS / 10**9 + 1)
    ensure(KEYS)
    assert len(probed) == 4, "a long time passed"


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, ReceiverRefusedError), (404, ReceiverRefusedError), (429, NetworkError),
     (500, NetworkError)],
)  # fmt: skip
def test_what_a_store_says_becomes_one_of_two_errors(status: int, error: type) -> None:
    said = b"<Error><Code>PLANTED</Code><AWSAccessKeyId>PLANTED</AWSAccessKeyId></Error>"
    with (
        replying(lambda _: (status, {}, said)) as (address, _),
        closing(S3Store(Audience(address), KEYS)) as store,
        pytest.raises(error) as raised,
    ):
        store.create(KEY, b"x", token="")
    assert "PLANTED" not in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__cause__ is None


@pytest.mark.parametrize("status", [204, 206, 304, 400, 409, 412, 416, 600, 999])
@pytest.mark.parametrize("headers", [{}, {"etag": "", "last-modified": "\xff"}, _HEAD])
def test_whatever_a_store_answers_is_a_value_or_an_error_of_ours(
    status: int, headers: dict[str, str]
) -> None:
    with (
        replying(lambda _: (status, headers, b"")) as (address, _),
        closing(S3Store(Audience(address), KEYS)) as store,
    ):
        for ask in (
            lambda: store.create(KEY, "\U0001f600\U00010348".encode(), token=""),
            lambda: store.read(KEY, max_bytes=10),
            lambda: store.names("blobs"),
            lambda: store.remove(KEY),
            store.probe,
        ):
            with suppress(NetworkError, ReceiverRefusedError):
                ask()


def test_an_old_version_that_stays_behind_is_named() -> None:
    version = {**_HEAD, "x-amz-version-id": "v1"}
    with (
        replying(lambda _: (200, version, b"")) as (address, _),
        closing(S3Store(Audience(address), KEYS)) as store,
    ):
        assert store.remove(KEY) == Removed(was_there=True, kept_version="v1")


@pytest.mark.parametrize("body", [b"no xml", b"", b"<a>" * 200_000])
def test_a_listing_that_is_none_is_an_error_of_ours(body: bytes) -> None:
    with (
        replying(lambda _: (200, {}, body)) as (address, _),
        closing(S3Store(Audience(address), KEYS)) as store,
        pytest.raises((NetworkError, ReceiverRefusedError)),
    ):
        store.names("blobs")


def test_an_answer_that_is_no_http_counts_as_down() -> None:
    with (
        replying(lambda _: (200, {"content-length": "x"}, b"")) as (address, _),
        closing(S3Store(Audience(address), KEYS)) as store,
        pytest.raises((NetworkError, ReceiverRefusedError)),
    ):
        store.names("blobs")


def test_a_store_that_sends_too_much_is_cut_off() -> None:
    with (
        replying(lambda _: (200, _HEAD, bytes(9_000_000))) as (address, _),
        closing(S3Store(Audience(address), KEYS)) as store,
        pytest.raises(ReceiverRefusedError, match="larger answer than"),
    ):
        store.read(KEY, max_bytes=100)


def test_without_credentials_nothing_is_asked() -> None:
    with pytest.raises(RefusedError):
        S3Store(Audience("s3://h.example/bucket"), {})


@pytest.mark.parametrize("name", [*KEYS, "AWS_SESSION_TOKEN"])
@pytest.mark.parametrize("odd", ["\r", "\n", " ", "\x00", "\U0001f600\U00010348"])
def test_credentials_that_can_be_none_are_refused_and_not_repeated(name: str, odd: str) -> None:
    # the native client panicked on some, with a trace on standard error
    with pytest.raises(RefusedError) as raised:
        find_credentials({**KEYS, name: f"PLANTED{odd}"})
    assert "PLANTED" not in str(raised.value)


def test_a_native_client_that_dies_is_an_error_of_ours(store: S3Store) -> None:
    class PanicException(BaseException):
        pass

    def die() -> None:
        raise PanicException("PLANTED \U0001f600\U00010348")

    with pytest.raises(NetworkError) as raised:
        store._ask(die, KEY)  # pyright: ignore[reportPrivateUsage]
    assert "PLANTED" not in str(raised.value)


def test_the_environment_comes_back_as_it_was(address: str) -> None:
    before = dict(os.environ)
    S3Store(Audience(address), KEYS).close()
    assert dict(os.environ) == before


def test_every_piece_that_leaves_is_counted(store: S3Store) -> None:
    pieces: list[int] = []
    store.watch(pieces.append)
    store.create(KEY, bytes(1_000_000), token="")
    assert sum(pieces) == 1_000_000
    assert len(pieces) > 1
