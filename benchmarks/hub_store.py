"""Episodes into a hub beside the bare folder store, and what each check costs a processor.

    .venv/bin/python benchmarks/hub_store.py [--episodes N] [--senders N]

In turns, on the same disk: the three objects of an episode (bytes, signature, statement) into a
synced folder by this process; the same over HTTP to a node that only receives; and to a whole node,
which reads each episode strictly in processes of its own until all are admitted. An episode is
small (some 34 kB of a made day) or one day. Episodes are made and signed before the clock runs. The
node's CPU is read from `/proc`; its readers' is counted apart. Senders share the cores with it.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from benchmarks.made_days.day import make_day  # noqa: E402
from tests.support.datasets import Person  # noqa: E402
from tests.support.hub_requests import answer_to  # noqa: E402
from tests.support.hubs import Sent, masked, sign  # noqa: E402

from signoff_collector.episode.file.writer import write_episode  # noqa: E402
from signoff_collector.upload.stores.layout import (  # noqa: E402
    blob_key,
    signature_key,
    statement_key,
)
from signoff_hub.api.app import make_app  # noqa: E402
from signoff_hub.node.node import open_node  # noqa: E402
from signoff_hub.objects.folder import FolderObjects  # noqa: E402
from signoff_hub.place.hub_folder import open_hub_folder  # noqa: E402

SETTINGS: Final = "requests_per_minute = 100000000\n"
ROUNDS: Final = 3
TICKS: Final = os.sysconf("SC_CLK_TCK")
RATE_TARGET, RECEIVED_MS, SMALL_MS = 0.6, 3.0, 60.0
ADDRESS: Final = "https://hub.example.org/team"
SENDER: Final = Person(number=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One way of one round."""

    rate: float
    """Episodes a second, until the last answer."""
    p99_ms: float
    """Of one episode, as its sender waits for it."""
    cpu_ms: float
    """Of who keeps it, for each episode."""
    reading_ms: float = 0.0
    """CPU of the readers for each episode."""
    resident_mib: float = 0.0
    """The most memory that the node has had."""


def main() -> int:
    """Print a line for each way; 1 when a target is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--episodes", type=int, default=300)
    parser.add_argument("--senders", type=int, default=8)
    parser.add_argument("--node", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.node is not None:
        return serve_alone(arguments.node)
    print(
        f"hub_store: {platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, load {os.getloadavg()[0]:.1f}, {arguments.senders} senders"
    )
    with TemporaryDirectory(prefix="signoff-hub-store-") as made:
        folder = Path(made)
        contents = [
            write_episode(masked(make_day(seed, scale=0.055))) for seed in range(arguments.episodes)
        ]
        print(f"{len(contents)} episodes, {statistics.median(map(len, contents)):,.0f} B each")
        rounds: dict[str, list[Round]] = {}
        for number in range(ROUNDS):
            for name, is_whole in (("receives alone", False), ("whole node", True)):
                place = folder / f"{number}{is_whole:d}"
                with node_at(place, is_whole=is_whole) as (process, address):
                    sent = signed_for(place, contents)
                    if not is_whole:
                        bare = into_folder(folder / f"bare{number}", sent)
                        rounds.setdefault("bare folder", []).append(bare)
                    done = over_http(process, address, sent, arguments.senders, is_whole=is_whole)
                    rounds.setdefault(name, []).append(done)
    for name, all_of in rounds.items():
        print(told(name, all_of))
    return judged(rounds)


def judged(rounds: dict[str, list[Round]]) -> int:
    """Print how the targets are met."""
    pairs = zip(rounds["receives alone"], rounds["bare folder"], strict=True)
    ratio = statistics.median(ours.rate / bare.rate for ours, bare in pairs)
    received = statistics.median(one.cpu_ms for one in rounds["receives alone"])
    reading = statistics.median(one.reading_ms for one in rounds["whole node"])
    for what, figure, is_met, target in (
        ("episodes a second, of the bare folder", ratio, ratio >= RATE_TARGET, RATE_TARGET),
        ("received: CPU ms", received, received <= RECEIVED_MS, RECEIVED_MS),
        ("admitted, small episode: CPU ms of a reader", reading, reading <= SMALL_MS, SMALL_MS),
    ):
        print(f"{what}: {figure:.2f}, target {target:g}: {'met' if is_met else 'MISSED'}")
    is_good = ratio >= RATE_TARGET and received <= RECEIVED_MS and reading <= SMALL_MS
    return 0 if is_good else 1


def told(name: str, rounds: Sequence[Round]) -> str:
    """Return medians of a way."""
    rate, p99, cpu, reading, resident = (
        statistics.median(getattr(one, field) for one in rounds)
        for field in ("rate", "p99_ms", "cpu_ms", "reading_ms", "resident_mib")
    )
    more = f", readers {reading:.1f} ms" if reading else ""
    memory = f", {resident:.0f} MiB at most" if resident else ""
    return f"{name}: {rate:,.0f} episodes/s, p99 {p99:.0f} ms, CPU {cpu:.2f} ms each{more}{memory}"


def signed_for(place: Path, contents: Sequence[bytes]) -> list[Sent]:
    """Sign the episodes for the hub of a folder."""
    with closing(open_node(open_hub_folder(place), address=ADDRESS)) as node:
        return [sign(node, SENDER, content) for content in contents]


def into_folder(root: Path, sent: Sequence[Sent]) -> Round:
    """Write the objects of every episode into a bare synced folder."""
    root.mkdir()
    objects = FolderObjects(root)
    waited: list[float] = []
    began, used = time.perf_counter(), time.process_time()
    for one in sent:
        before = time.perf_counter()
        objects.create(blob_key(one.sha256), one.content)
        where = (one.sha256, one.statement_sha256)
        objects.create(signature_key(*where), one.sign_off.signature)
        objects.create(statement_key(*where), one.sign_off.statement)
        waited.append(time.perf_counter() - before)
    took, used = time.perf_counter() - began, time.process_time() - used
    return Round(rate=len(sent) / took, p99_ms=p99(waited), cpu_ms=used * 1000 / len(sent))


def over_http(
    process: subprocess.Popen[str],
    address: str,
    sent: Sequence[Sent],
    senders: int,
    *,
    is_whole: bool,
) -> Round:
    """Send every episode; to a whole node, wait until all are admitted."""
    token = sign_in(address)
    before, read_before = cpu_s(process.pid)
    began = time.perf_counter()
    with ThreadPoolExecutor(senders) as pool:
        parts = [sent[number::senders] for number in range(senders)]
        waited = [
            w for part in pool.map(lambda one: send_all(address, token, one), parts) for w in part
        ]
    took = time.perf_counter() - began
    own, _ = cpu_s(process.pid)
    if is_whole:
        wait_for_all(address, token, sent)
    _, reading = cpu_s(process.pid)
    return Round(
        rate=len(sent) / took,
        p99_ms=p99(waited),
        cpu_ms=(own - before) * 1000 / len(sent),
        reading_ms=(reading - read_before) * 1000 / len(sent) if is_whole else 0.0,
        resident_mib=peak_mib(process.pid),
    )


def send_all(address: str, token: str, sent: Sequence[Sent]) -> list[float]:
    """Send episodes over one connection; returns the seconds that each took."""
    waited: list[float] = []
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)) as connection:
        for one in sent:
            before = time.perf_counter()
            ask(connection, "PUT", f"/v1/blobs/{one.sha256}", token, one.content)
            body = {
                "statement": one.sign_off.statement.decode("ascii"),
                "signature": one.sign_off.signature.decode("ascii"),
            }
            path = f"/v1/sign-offs/{one.statement_sha256}"
            ask(connection, "PUT", path, token, json.dumps(body).encode())
            waited.append(time.perf_counter() - before)
    return waited


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, token: str, body: bytes = b""
) -> dict[str, str]:
    """Ask a hub; returns what it says, and raises when it refuses."""
    heads = {"Content-Type": "application/octet-stream" if "blobs" in path else "application/json"}
    if token:
        heads["Authorization"] = f"Bearer {token}"
    connection.request(method, path, body, heads)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 400:
        raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
    told: dict[str, str] = json.loads(text) if text.startswith(b"{") else {}
    return told


def sign_in(address: str) -> str:
    """Return a token of the sender."""
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)) as connection:
        challenge = ask(connection, "POST", "/v1/challenges", "")
        answer = json.dumps(answer_to(challenge, SENDER)).encode()
        return ask(connection, "POST", "/v1/tokens", "", answer)["token"]


def wait_for_all(address: str, token: str, sent: Sequence[Sent]) -> None:
    """Wait until every episode is admitted."""
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)) as connection:
        for one in sent:
            path = f"/v1/sign-offs/{one.statement_sha256}"
            while (state := ask(connection, "GET", path, token)["state"]) == "received":
                time.sleep(0.2)
            if state != "admitted":
                raise RuntimeError(f"an episode is {state}")


@contextmanager
def node_at(place: Path, *, is_whole: bool) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve a hub in a process of its own; yields it and its address."""
    place.mkdir(mode=0o700)
    (place / "hub.toml").write_text(f'{SETTINGS}address = "{ADDRESS}"\n', "utf-8")
    verb = ["-I", "-m", "signoff_collector", "hub", "serve", "--listen", "127.0.0.1:0", "--json"]
    argv = [*verb, "--data", str(place)] if is_whole else [__file__, "--node", str(place)]
    with subprocess.Popen(
        [sys.executable, *argv], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        said = process.stdout
        try:
            yield process, json.loads(said.readline() if said else "")["listening"]
        finally:
            process.terminate()


def serve_alone(place: Path) -> int:
    """Serve a node that receives and never reads an episode."""
    import uvicorn

    from signoff_hub.serving.connections import PatientProtocol
    from signoff_hub.serving.listening import Listening

    listening = Listening(
        host="127.0.0.1", port=0, certificate=None, key=None, is_behind_proxy=False
    )
    with (
        closing(open_node(open_hub_folder(place), address=ADDRESS)) as node,
        closing(listening.bind()) as listener,
    ):
        print(json.dumps({"listening": listening.address(listener)}), flush=True)
        config = uvicorn.Config(
            make_app(node), access_log=False, log_level="warning", http=PatientProtocol
        )
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def cpu_s(pid: int) -> tuple[float, float]:
    """Return the CPU seconds of a process, and those of all below it, ended or not."""
    own, ended = times_of(pid)
    below, waiting = ended, [*children_of(pid)]
    while waiting:
        child = waiting.pop()
        below += sum(times_of(child))
        waiting.extend(children_of(child))
    return own, below


def times_of(pid: int) -> tuple[float, float]:
    """Return the CPU seconds of a process, and of its children that have ended (proc(5), stat)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except FileNotFoundError:
        return 0.0, 0.0
    fields = text.rpartition(")")[2].split()
    user, system, user_below, system_below = (
        int(field) / TICKS for field in islice(fields, 11, 15)
    )
    return user + system, user_below + system_below


def children_of(pid: int) -> Iterator[int]:
    """Yield the children of a process, whichever of its threads started them."""
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        yield from map(int, path.read_text("utf-8").split())


def peak_mib(pid: int) -> float:
    """Return the most memory a process has had (proc(5), VmHWM)."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def p99(seconds: Sequence[float]) -> float:
    """Return what 99 of 100 stay below, in ms."""
    return sorted(seconds)[min(len(seconds) - 1, len(seconds) * 99 // 100)] * 1000


if __name__ == "__main__":
    sys.exit(main())
