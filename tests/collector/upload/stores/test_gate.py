"""The gate: TLS and plain connections to one place only, cut when asked."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.deadline import deadline, wait_until
from tests.support.sign_off import signed_episode
from tests.support.tls import made_certificates

from signoff_collector.consent.terms.audience import Audience
from signoff_collector.own_files.home import resolve_home
from signoff_collector.upload.outbox.outbox import waiting
from signoff_collector.upload.stores.gate import Gate
from signoff_collector.upload.stores.s3_store import S3Store
from signoff_schemas.errors import NetworkError, ReceiverRefusedError

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "PLANTED-secret"}
CONTENT = "x = '\U0001f600\U00010348'\n".encode() * 1000


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file with a key, a certificate for 127.0.0.1 and the one it is signed with."""
    folder = tmp_path_factory.mktemp("tls")
    made = made_certificates(folder)
    path = folder / "all.pem"
    parts = (made.key, made.certificate, made.authority)
    path.write_bytes(b"".join(one.read_bytes() for one in parts))
    return path


def trusted(certificate: Path) -> bytes:
    """Return the authority's certificate alone."""
    text = certificate.read_bytes()
    return text[text.rindex(b"-----BEGIN CERTIFICATE") :]


@contextmanager
def serving(certificate: Path, redirect: str = "") -> Iterator[tuple[int, dict[str, bytes]]]:
    """Run a store over TLS that keeps what it is given, or redirects everything."""
    kept: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            kept.setdefault(self.path, body)
            found = kept[self.path] if self.command == "GET" else b""
            self.send_response(307 if redirect else 200)
            self.send_header("location", redirect or "-")
            self.send_header("etag", '"x"')
            self.send_header("last-modified", "Wed, 21 Oct 2015 07:28:00 GMT")
            self.send_header("content-length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

        do_GET = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = QuietServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_port, kept
    finally:
        server.shutdown()
        thread.join(deadline())
        server.server_close()


class QuietServer(ThreadingHTTPServer):
    """Says nothing about clients that go away."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        return


def test_an_object_goes_through_tls_and_comes_back(certificate: Path) -> None:
    with serving(certificate) as (port, kept):
        audience, pieces = Audience(f"s3://127.0.0.1:{port}/bucket"), list[int]()
        with closing(S3Store(audience, KEYS, root_certificate=trusted(certificate))) as store:
            store.watch(pieces.append)
            assert store.create("blobs/a", CONTENT, token="")
            assert store.read("blobs/a", max_bytes=len(CONTENT)) == CONTENT
        assert kept == {"/bucket/blobs/a": CONTENT}
        assert sum(pieces) > len(CONTENT), "what TLS adds is counted too"


def test_a_certificate_that_the_system_does_not_know_is_refused(certificate: Path) -> None:
    with serving(certificate) as (port, kept):
        with (
            closing(S3Store(Audience(f"s3://127.0.0.1:{port}/bucket"), KEYS)) as store,
            pytest.raises((ReceiverRefusedError, NetworkError)),
        ):
            store.create("blobs/a", CONTENT, token="")
        assert kept == {}


def test_a_certificate_of_the_environment_is_not_trusted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "AWS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(certificate))
    with serving(certificate) as (port, kept):
        with (
            closing(S3Store(Audience(f"s3://127.0.0.1:{port}/bucket"), KEYS)) as store,
            pytest.raises((ReceiverRefusedError, NetworkError)),
        ):
            store.create("blobs/a", CONTENT, token="")
        assert kept == {}


def test_a_redirect_through_tls_reaches_nobody_else(certificate: Path) -> None:
    with (
        serving(certificate) as (elsewhere, asked),
        serving(certificate, f"https://127.0.0.1:{elsewhere}/x") as (port, _),
    ):
        audience = Audience(f"s3://127.0.0.1:{port}/bucket")
        with closing(S3Store(audience, KEYS, root_certificate=trusted(certificate))) as store:
            for ask in (
                lambda: store.create("a", CONTENT, token=""),
                lambda: store.read("a", max_bytes=9),
                lambda: store.names("a"),
                lambda: store.remove("a"),
            ):
                with pytest.raises(ReceiverRefusedError, match="redirect"):
                    ask()
        assert asked == {}


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"CONNECT 127.0.0.1:443 HTTP/1.1\r\n\r\n", b"407"),
        (b"CONNECT 127.0.0.1:443 HTTP/1.1\r\nproxy-authorization: Basic eA==\r\n\r\n", b"407"),
        (b"CONNECT 127.0.0.1:444 HTTP/1.1\r\n\r\n", b"403"),
        (b"CONNECT example.org:443 HTTP/1.1\r\n\r\n", b"403"),
        (b"GET http://127.0.0.1:443/ HTTP/1.1\r\n\r\n", b"403"),
        (b"GET / HTTP/1.1\r\n\r\n", b"403"),
    ],
)
def test_a_stranger_on_this_machine_gets_nowhere(head: bytes, status: bytes) -> None:
    with closing(Gate("127.0.0.1", 443, is_tls=True)) as gate:
        assert ask(gate, head)[9:12] == status


@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_any_bytes_at_the_gate_are_answered_with_no_or_nothing(content: bytes) -> None:
    with closing(Gate("127.0.0.1", 9, is_tls=False)) as gate:
        assert ask(gate, content + b"\r\n\r\n")[9:12] in (b"", b"403", b"407")


def ask(gate: Gate, content: bytes) -> bytes:
    place = gate.url.rpartition("@")[2].split(":")
    with socket.create_connection((place[0], int(place[1])), timeout=deadline()) as asking:
        asking.sendall(content)
        asking.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: asking.recv(4096), b""))


def test_closing_lets_go_of_every_thread() -> None:
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        store = S3Store(Audience(f"s3+http://127.0.0.1:{port}/bucket"), KEYS)
        asking = threading.Thread(target=put_in_vain, args=(store,))
        asking.start()
        silent.settimeout(deadline())
        connection, _ = silent.accept()  # and never answers
        store.close()
        asking.join(deadline())
        connection.close()
    wait_until(lambda: set(threading.enumerate()) <= before, "the gate's threads end")


def put_in_vain(store: S3Store) -> None:
    with pytest.raises(NetworkError):
        store.create("a", CONTENT, token="")


def test_ctrl_c_ends_an_upload_that_hangs_and_it_keeps_waiting(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(deadline())
        address = f"s3+http://127.0.0.1:{silent.getsockname()[1]}/bucket"
        path = signed_episode(home, address)  # type: ignore[arg-type]  # an address
        argv = [sys.executable, "-I", "-m", "signoff_collector", "upload", path, "--to", address]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            connection, _ = silent.accept()  # and never answers
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=deadline())
            connection.close()
        assert process.returncode == 130, (out, err)
        assert b"Traceback" not in err
    assert [item.state for item in waiting(resolve_home())] == ["queued"]


def test_every_connection_to_a_store_is_seen_by_audit_hooks(certificate: Path) -> None:
    with serving(certificate) as (port, _):
        code = (
            "import sys\n"
            "seen = []\n"
            "sys.addaudithook(lambda name, args: name == 'socket.connect' and "
            "seen.append(args[1]))\n"
            "from signoff_collector.upload.stores.s3_store import S3Store\n"
            "store = S3Store(sys.argv[1], {'AWS_ACCESS_KEY_ID': 'k',"
            " 'AWS_SECRET_ACCESS_KEY': 's'})\n"
            "try:\n"
            "    store.create('a', b'', token='')\n"
            "except Exception:\n"
            "    pass\n"
            "store.close()\n"
            "print({place[1] for place in seen})\n"
        )
        done = subprocess.run(
            [sys.executable, "-I", "-c", code, f"s3://127.0.0.1:{port}/bucket"],
            capture_output=True,
            text=True,
            timeout=deadline(),
            check=False,
        )
    assert done.stdout == f"{{{port}}}\n", done.stderr
