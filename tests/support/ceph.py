"""A real Ceph object gateway on the loopback: one monitor, one store in memory, one gateway.

Every process is a child of the tests in a folder of its own and ends with them. Ports are
free ones; nothing of a Ceph that is installed on the machine is read.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until

PROGRAMS = (
    "ceph",
    "ceph-authtool",
    "ceph-mon",
    "ceph-osd",
    "monmaptool",
    "radosgw",
    "curl",
    "setpriv",
)
CONFIGURATION = """
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{mon_port}
auth allow insecure global id reclaim = true
ms bind msgr1 = false
run dir = {folder}
admin socket =
log file = {folder}/$name.log
pid file =
keyring = {folder}/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 1000
osd crush chooseleaf type = 0
[mon.a]
mon data = {folder}/mon
mon data avail crit = 1
mon data avail warn = 2
[osd.0]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 1073741824
osd class load list = *
osd class default list = *
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw data = {folder}/rgw
rgw enable usage log = false
rgw run sync thread = false
rgw thread pool size = 16
rgw init timeout = 120
"""


def need_programs() -> None:
    """Skip where Ceph is not installed; with CI=true that fails."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"{', '.join(missing)} missing, and CI must have it (.ci/store.sh)")
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed here (.ci/store.sh installs it)")


class CephGateway:
    """A running gateway with one user; it can go down and come back on the same port."""

    def __init__(self, folder: Path, port: int, keys: Mapping[str, str]) -> None:
        self.folder = folder
        self.port = port
        self.keys = keys
        """Environment with the user's credentials."""
        self._gateway: subprocess.Popen[bytes] | None = None

    def audience(self, bucket: str) -> str:
        """Return a bucket's address."""
        return f"s3+http://127.0.0.1:{self.port}/{bucket}"

    def start(self) -> None:
        """Start the gateway and wait until it answers."""
        self._gateway = start(self.folder, "radosgw", "-f", "-n", "client.rgw")
        wait_until(self._answers, "the gateway answers", limit_s=4 * deadline())

    def stop(self) -> None:
        """Stop the gateway; what is stored stays.

        It is asked to end: one that is killed leaves watches behind, for which the next one
        waits half a minute when a bucket is made.
        """
        if self._gateway is not None:
            self._gateway.terminate()
            self._gateway.wait(timeout=deadline())
            self._gateway = None

    def make_bucket(self, *, keeps_versions: bool = False) -> str:
        """Make a bucket of a new name and return the name."""
        name = f"bucket-{uuid.uuid4().hex[:12]}"
        self.ask("PUT", f"/{name}")
        if keeps_versions:
            self.ask(
                "PUT",
                f"/{name}?versioning=",
                "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
            )
        return name

    def ask(self, method: str, path: str, body: str = "") -> str:
        """Ask the gateway something with curl, which is none of our code."""
        keys = f"{self.keys['AWS_ACCESS_KEY_ID']}:{self.keys['AWS_SECRET_ACCESS_KEY']}"
        argv = ["curl", "--silent", "--show-error", "--fail-with-body", "--noproxy", "*"]
        argv += ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", keys, "-X", method]
        argv += ["-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]
        argv += ["--data-binary", body] if body else []
        done = subprocess.run(
            [*argv, f"http://127.0.0.1:{self.port}{path}"],
            capture_output=True,
            text=True,
            timeout=deadline(),
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def keys_in(self, bucket: str) -> list[str]:
        """Return what a bucket holds, sorted."""
        return sorted(_elements(self.ask("GET", f"/{bucket}"), "Key"))

    def versions_in(self, bucket: str) -> list[tuple[str, str]]:
        """Return key and version of everything that a bucket keeps, old ones too."""
        listing = self.ask("GET", f"/{bucket}?versions=")
        return sorted(zip(_elements(listing, "Key"), _elements(listing, "VersionId"), strict=True))

    def _answers(self) -> bool:
        assert self._gateway is not None
        assert self._gateway.poll() is None, "the gateway ended"
        with socket.socket() as asking:
            asking.settimeout(1)
            return asking.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def ceph_gateway() -> Iterator[CephGateway]:
    """Start a whole Ceph for the time of the block."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="ceph-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        mon_port, port = stack.enter_context(_own_ports(2))
        _make_cluster(folder, mon_port, port)
        stack.callback(end, start(folder, "ceph-mon", "-f", "-i", "a"))
        osd_id = str(uuid.uuid4())
        call(folder, "ceph", "--connect-timeout", "60", "osd", "new", osd_id, "0")
        call(folder, "ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd_id)
        where = ("root=default", f"host={socket.gethostname().partition('.')[0]}")
        call(folder, "ceph", "osd", "crush", "add", "osd.0", "1.0", *where)
        stack.callback(end, start(folder, "ceph-osd", "-f", "-i", "0"))
        access, secret = uuid.uuid4().hex[:20], uuid.uuid4().hex
        user = ("--uid=tester", "--display-name=Tester")
        keys = (f"--access-key={access}", f"--secret={secret}")
        call(folder, "radosgw-admin", "-n", "client.rgw", "user", "create", *user, *keys)
        environ = {"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret}
        gateway = CephGateway(folder, port, environ)
        stack.callback(gateway.stop)
        gateway.start()
        yield gateway


def _make_cluster(folder: Path, mon_port: int, port: int) -> None:
    """Write configuration, keys and the monitor's data."""
    fsid = str(uuid.uuid4())
    for name in ("mon", "osd", "rgw"):
        (folder / name).mkdir()
    (folder / "ceph.conf").write_text(
        CONFIGURATION.format(fsid=fsid, mon_port=mon_port, port=port, folder=folder)
    )
    keyring = str(folder / "keyring")
    everything = "allow *"
    may: dict[str, dict[str, str]] = {
        "mon.": {"mon": everything},
        "client.admin": dict.fromkeys(("mon", "osd", "mgr", "mds"), everything),
        "osd.0": {"mon": "allow profile osd", "mgr": "allow profile osd", "osd": everything},
        "client.rgw": {"mon": "allow rw", "osd": "allow rwx", "mgr": "allow rw"},
    }
    call(folder, "ceph-authtool", "--create-keyring", keyring)
    for name, rights in may.items():
        caps = [word for each in rights.items() for word in ("--cap", *each)]
        call(folder, "ceph-authtool", keyring, "--gen-key", "-n", name, *caps)
    monmap = str(folder / "monmap")
    place = f"[v2:127.0.0.1:{mon_port}]"
    call(folder, "monmaptool", "--create", "--fsid", fsid, "--addv", "a", place, monmap)
    call(folder, "ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring)


def call(folder: Path, *argv: str) -> str:
    """Run one of Ceph's programs to its end."""
    done = subprocess.run(
        argv,
        env=_environment(folder),
        capture_output=True,
        text=True,
        timeout=4 * deadline(),
        check=False,
    )
    assert done.returncode == 0, f"{argv[0]}: {done.stderr[-2000:]}"
    return done.stdout


def start(folder: Path, *argv: str) -> subprocess.Popen[bytes]:
    """Start one of Ceph's daemons as a child of the tests, which dies with them."""
    with (folder / f"{argv[0]}.out").open("ab") as output:
        return subprocess.Popen(
            ("setpriv", "--pdeathsig", "KILL", *argv),
            env=_environment(folder),
            stdout=output,
            stderr=output,
            cwd=folder,
        )


def end(daemon: subprocess.Popen[bytes]) -> None:
    """Kill a daemon: it keeps nothing that anybody needs."""
    daemon.kill()
    daemon.wait(timeout=deadline())


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "CEPH_CONF": str(folder / "ceph.conf"), "LC_ALL": "C"}


@contextmanager
def _own_ports(count: int) -> Iterator[list[int]]:
    """Give ports that nothing else takes for the time of the block.

    They lie below those that the system gives out by itself (`ip_local_port_range`), so no
    connection of another program gets one between here and the daemon that listens on it;
    and another Ceph of these tests keeps off by a name that the system frees when we end.
    """
    low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports: list[int] = []
    with ExitStack() as stack:
        for port in random.SystemRandom().sample(range(low // 2, low), low - low // 2):
            name = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            try:
                name.bind(f"\0signoff-tests-port-{port}")
                socket.create_server(("", port)).close()
            except OSError:
                continue
            ports.append(port)
            if len(ports) == count:
                break
        assert len(ports) == count, f"only {len(ports)} free ports below {low}"
        yield ports


def _elements(xml: str, name: str) -> list[str]:
    start_tag, end_tag = f"<{name}>", f"</{name}>"
    return [part.partition(end_tag)[0] for part in xml.split(start_tag)[1:]]
