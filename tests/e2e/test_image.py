"""The image of the hub, run as its Containerfile and its compose file say, takes an episode.

`make image-check` builds it and starts these in a network of their own, with nothing but the
loopback: the containers share it, so the ports that the files name are free.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import pytest
import yaml
from sqlalchemy import create_engine, text
from tests.support.cli import signoff
from tests.support.deadline import deadline, wait_until
from tests.support.postgres import Postgres, postgres_programs
from tests.support.sign_off import put_episode, sign_at_terminal, small_episode

from signoff_collector.own_files.home import resolve_home

pytestmark = pytest.mark.image
SERVICE = yaml.safe_load(
    (Path(__file__).resolve().parents[2] / "hub" / "deploy" / "compose.yaml").read_text("utf-8")
)["services"]["hub"]
ADDRESS = "http://127.0.0.1:8443"
UID = 10001


@dataclass(frozen=True, slots=True, kw_only=True)
class Containers:
    """A podman with the built image, and the rights that compose gives a node."""

    store: Path

    def podman(self, *words: str, said: str = "") -> str:
        """Run podman, with a text to read; returns what it printed."""
        argv = ["podman", "--root", f"{self.store}/images", "--runroot", f"{self.store}/run"]
        argv += ["--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--runtime", "runc"]
        done = subprocess.run(
            [*argv, *words], input=said, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def volume(self) -> str:
        """Make the volume of a hub that contributors reach at ADDRESS; returns its name."""
        name = self.podman("volume", "create")
        rights = [*self.rights(), "--interactive", "--volume", f"{name}:/data"]
        write = ("--entrypoint", "sh", SERVICE["image"], "-c", "cat > /data/hub.toml")
        self.podman("run", "--rm", *rights, *write, said=f'address = "{ADDRESS}"\n')
        return name

    @staticmethod
    def rights() -> list[str]:
        """Return what compose gives, and no limit beyond this machine's own."""
        files = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 1 << 16)
        given = ["--network=host", "--read-only", f"--ulimit=nofile={files}:{files}"]
        given += ["--ulimit=nproc=4096:4096", *(f"--cap-drop={one}" for one in SERVICE["cap_drop"])]
        given += [f"--security-opt={one.split(':')[0]}" for one in SERVICE["security_opt"]]
        return [*given, *(f"--tmpfs={one}" for one in SERVICE["tmpfs"])]

    @contextmanager
    def node(self, volume: str, command: Sequence[str], *options: str) -> Iterator[str]:
        """Run a node until the block ends, and see it end in order; yields its container."""
        rights = [*self.rights(), "--volume", f"{volume}:/data", *options]
        name = self.podman("run", "--detach", *rights, SERVICE["image"], *command)
        try:
            wait_until(is_ready, "the node is ready")
            yield name
        finally:
            self.podman("stop", "--time", str(int(deadline())), name)
            ended = self.podman("inspect", "--format", "{{.State.ExitCode}}", name)
            said = self.podman("logs", name)
            self.podman("rm", name)
        assert ended == "0", said


def is_ready() -> bool:
    with closing(HTTPConnection("127.0.0.1", 8443, timeout=deadline())) as asked:
        try:
            asked.request("GET", "/readyz")
            return asked.getresponse().status == HTTPStatus.OK
        except OSError:
            return False


@pytest.fixture(scope="module")
def containers() -> Iterator[Containers]:
    named = os.environ.get("SIGNOFF_E2E_IMAGE")
    if named is None:
        pytest.skip("no image was built: run it with `make image-check`")
    made = Containers(store=Path(named))
    yield made
    made.podman("system", "prune", "--force", "--volumes")


@pytest.fixture
def password(tmp_path: Path) -> Iterator[Path]:
    """A PostgreSQL where compose has it, that asks for a password; yields libpq's file with it."""
    folder, secret = tmp_path / "pg", os.urandom(16).hex()
    folder.mkdir()
    for path in (folder, *(one for one in folder.parents if one != Path("/"))):
        path.chmod(path.stat().st_mode | 0o011)  # PostgreSQL is another user's
    shutil.chown(folder, "postgres", "postgres")
    server = Postgres(postgres_programs(), folder)
    server.port = 5432
    server.make()
    rules = folder / "data" / "pg_hba.conf"
    rules.write_text(f"host hub hub 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    server.start()
    engine = create_engine(server.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE hub LOGIN PASSWORD '{secret}'"))
        connection.execute(text("CREATE DATABASE hub OWNER hub"))
    engine.dispose()
    passes = tmp_path / "pgpass"
    passes.write_text(f"database:5432:hub:hub:{secret}\n", "utf-8")
    passes.chmod(0o600)
    os.chown(passes, UID, UID)
    try:
        yield passes
    finally:
        server.stop(is_killed=True)


def take_an_episode(home: Path, folder: Path) -> None:
    """Sign and send; the receipt that comes back is checked by the verbs."""
    path = put_episode(resolve_home({"SIGNOFF_HOME": str(home)}).ensure(), small_episode())
    said = sign_at_terminal(path, "--to", ADDRESS, "--owner", "mine", cwd=folder)
    assert said.code == 0, said.out
    sent = signoff("upload", path, "--to", ADDRESS)
    assert sent.code == 0, sent
    (receipt,) = [json.loads(line) for line in signoff("receipts", "--json").out.splitlines()]
    assert receipt["receiver"] == ADDRESS
    assert signoff("verify", path).code == 0


def test_the_image_as_it_is_takes_an_episode_and_keeps_it_in_its_volume(
    containers: Containers, home: Path, tmp_path: Path
) -> None:
    volume = containers.volume()
    with containers.node(volume, ()) as name:
        containers.podman("healthcheck", "run", name)
        take_an_episode(home, tmp_path)
    with containers.node(volume, ()):
        uses = signoff("uses", "--json")
        assert (uses.code, ADDRESS in uses.out) == (0, True), uses
    where = Path(containers.podman("volume", "inspect", "--format", "{{.Mountpoint}}", volume))
    sound = signoff("hub", "verify", "--data", where)
    assert sound.code == 0, sound


def test_the_service_of_compose_works_with_its_database_and_secrets(
    containers: Containers, password: Path, home: Path, tmp_path: Path
) -> None:
    options = [f"--env={name}={value}" for name, value in SERVICE["environment"].items()]
    options += ["--add-host=database:127.0.0.1", f"--volume={password}:/run/secrets/pgpass:ro"]
    with containers.node(containers.volume(), SERVICE["command"], *options) as name:
        take_an_episode(home, tmp_path)
        program, *words = SERVICE["healthcheck"]["test"][1:]
        containers.podman("exec", name, program, *words)
