"""What data sets cost: an episode by parts, a refresh beside a build, sizes, memory, pool and Ray.

    .venv/bin/python benchmarks/datasets.py [--episodes N]
    sh .ci/ray.sh .venv/bin/python benchmarks/datasets.py --ray    (a pool beside a Ray cluster)

Episodes are parts of made days of many sizes, each signed by one of 48 people.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
import zstandard  # noqa: E402
from benchmarks.made_days.day import make_day  # noqa: E402
from tests.support.datasets import Person, authority_of, request, snapshot, words  # noqa: E402
from tests.support.ray_cluster import RayCluster  # noqa: E402

from signoff_collector.episode.content import Episode  # noqa: E402
from signoff_collector.episode.file.reader import read_episode  # noqa: E402
from signoff_collector.episode.file.writer import write_episode  # noqa: E402
from signoff_collector.levels.levels import levels_of  # noqa: E402
from signoff_datasets.building.shards import BuiltShard, Order, build_shard  # noqa: E402
from signoff_datasets.building.versions import versions_here  # noqa: E402
from signoff_datasets.engines.interface import Done, Engine  # noqa: E402
from signoff_datasets.engines.pool import PoolEngine  # noqa: E402
from signoff_datasets.engines.ray import RayEngine  # noqa: E402
from signoff_datasets.planning.choosing import planned  # noqa: E402
from signoff_datasets.refreshing.remains import Remains, remake  # noqa: E402
from signoff_datasets.screening.terms import Agreed, agreed  # noqa: E402
from signoff_datasets.sources.interface import Offered  # noqa: E402
from signoff_datasets.tables.arrow import tables_of  # noqa: E402
from signoff_datasets.tables.facts import Facts  # noqa: E402
from signoff_schemas.dataset import (  # noqa: E402
    BuiltFile,
    DatasetPlan,
    PlannedEpisode,
    PlannedShard,
    canonical,
    parse_plan,
)

PEOPLE: Final = [Person(number=number) for number in range(48)]
SALT: Final = words("salt")
REFRESH_TARGET: Final = 0.15
RAY_TARGET: Final = 0.9
TASK_S: Final = 10.0


def main() -> int:
    """Print the figures; 1 when one misses its target."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--episodes", type=int, default=40)
    parser.add_argument("--ray", action="store_true")
    parser.add_argument("--memory-of", type=int)
    arguments = parser.parse_args()
    if arguments.memory_of:
        _plan_of_many(arguments.memory_of)
        return 0
    print(f"datasets: Python {platform.python_version()}, pyarrow {pa.__version__}")
    if arguments.ray:
        return _beside_ray()
    contents = [write_episode(_episode(seed)) for seed in range(arguments.episodes)]
    signed = [_agreed(number, content) for number, content in enumerate(contents)]
    _parts(contents)
    is_well = _refresh(signed)
    _memory()
    return 0 if is_well else 1


def _episode(seed: int) -> Episode:
    """Return a part of a made day: lognormal sizes, as those of the design's own measurements."""
    scale = min(0.2, random.Random(seed).lognormvariate(-3.9, 0.9))  # noqa: S311
    day = make_day(seed, scale=scale)
    header = day.header.model_copy(update={"origin": "shared", "session": words(seed)})
    return replace(day, header=header)


def _agreed(number: int, content: bytes) -> Agreed:
    person = PEOPLE[number % len(PEOPLE)]
    episode = read_episode(content)
    shared = person.predicate(content).episode.model_copy(
        update={"time_resolution": episode.header.time_resolution}
    )
    offered = Offered(snapshot=snapshot(content), sign_offs=(person.sign(content, episode=shared),))
    found = agreed(offered, request(), authority_of(PEOPLE), lambda _: False)
    if isinstance(found, str):
        raise SystemExit(f"an episode of the benchmark may not be used: {found}")
    return found


def _cpu(what: Callable[[], object]) -> float:
    began = time.process_time()
    what()
    return time.process_time() - began


def _parts(contents: list[bytes]) -> None:
    """Print CPU of an episode by parts, and how many one core builds in a minute."""
    each = len(contents)
    screened = _cpu(lambda: [_agreed(at, one) for at, one in enumerate(contents)])
    read = _cpu(lambda: [read_episode(one) for one in contents])
    episodes = [read_episode(one) for one in contents]
    levels = _cpu(lambda: [levels_of(one) for one in episodes])
    signed = [_agreed(at, one) for at, one in enumerate(contents)]
    shard = _shard(signed)
    known = {one.sha256: planned(one, SALT) for one in signed}
    rows = _cpu(
        lambda: [
            tables_of(Facts(planned=known[one.sha256], shard=shard), one.episode) for one in signed
        ]
    )
    built = _cpu(lambda: _built(signed, shard))
    size = sum(map(len, contents)) / each
    print(f"{each} episodes, mean {size / 1000:.0f} kB")
    print("| part | ms of CPU an episode |\n|---|---|")
    for name, took in (
        ("screen (signature, terms, strict form)", screened),
        ("read", read),
        ("levels", levels),
        ("rows, without levels", rows - levels),
        ("Parquet", built - read - rows),
    ):
        print(f"| {name} | {took * 1000 / each:.1f} |")
    print(
        f"one core builds {60 * each / built:.0f} episodes a minute that were screened,"
        f" {60 * each / (built + screened):.0f} that were not"
    )


def _shard(signed: list[Agreed]) -> PlannedShard:
    digests = tuple(sorted(one.sha256 for one in signed))
    return PlannedShard(name="train-00000", split="train", episodes=digests)


def _built(signed: list[Agreed], shard: PlannedShard) -> BuiltShard:
    contents = {one.sha256: one.snapshot.content for one in signed}
    order = Order(
        shard=shard,
        planned={one.sha256: planned(one, SALT) for one in signed},
        places={one: one for one in contents},
        address="",
        k=1,
        versions=versions_here(),
    )
    return build_shard(order, contents.__getitem__)


def _refresh(signed: list[Agreed]) -> bool:
    """Print a refresh beside a build, and sizes beside JSONL."""
    shard = _shard(signed)
    built = _built(signed, shard)
    smaller = shard.model_copy(update={"episodes": shard.episodes[1:]})
    with TemporaryDirectory() as folder:
        files: list[BuiltFile] = []
        for table, made in built.tables.items():
            place = Path(folder) / table / "train-00000.parquet"
            place.parent.mkdir()
            place.write_bytes(made.content)
            files.append(
                BuiltFile(
                    path=f"{table}/train-00000.parquet",
                    sha256=snapshot(made.content).sha256,
                    size_bytes=len(made.content),
                    rows=made.rows,
                    shard=shard.name,
                    table=table,
                )
            )
        order = Remains(folder=folder, shard=smaller, files=tuple(files), versions=versions_here())
        if remake(order) != _built(signed, smaller):
            raise SystemExit("a refresh gives other bytes than a build")
        again = min(_cpu(lambda: remake(order)) for _ in range(3))
        anew = min(_cpu(lambda: _built(signed, smaller)) for _ in range(3))
        _sizes(Path(folder), sum(one.snapshot.size_bytes for one in signed))
    ratio = again / anew
    print(
        f"refresh of a shard: {again:.3f} s of CPU, its build {anew:.3f} s: {ratio:.3f} times"
        f" (target {REFRESH_TARGET}), the same bytes"
    )
    return ratio <= REFRESH_TARGET


def _sizes(folder: Path, signed_bytes: int) -> None:
    print("| table | rows | Parquet | JSONL | JSONL.zst (19) |\n|---|---|---|---|---|")
    total = [0, 0, 0]
    for path in sorted(folder.rglob("*.parquet")):
        table = pq.read_table(path)
        lines = "".join(json.dumps(row) + "\n" for row in table.to_pylist()).encode()
        sizes = [path.stat().st_size, len(lines), len(zstandard.compress(lines, 19))]
        total = [one + other for one, other in zip(total, sizes, strict=True)]
        told = " | ".join(f"{size / 1000:,.0f} kB" for size in sizes)
        print(f"| {path.parent.name} | {table.num_rows:,} | {told} |")
    told = " | ".join(f"{size / 1000:,.0f} kB" for size in total)
    print(f"| all | | {told} |\nthe signed episodes: {signed_bytes / 1000:,.0f} kB")


def _memory() -> None:
    """Print what a plan of many tiny episodes takes in the process that builds it."""
    print("| episodes of a plan | peak memory | plan |\n|---|---|---|")
    for count in (1, 5_000, 20_000, 100_000):
        words_ = [sys.executable, __file__, "--memory-of", str(count)]
        said = subprocess.run(words_, capture_output=True, text=True, check=True).stdout.split()
        print(f"| {count:,} | {int(said[0]) / 1024:.0f} MiB | {int(said[1]) / 1e6:.1f} MB |")


def _plan_of_many(count: int) -> None:
    """Draw a plan of so many episodes, write and read it; print peak KiB and bytes."""
    base = planned(_agreed(0, write_episode(_episode(0))), SALT)
    episodes: list[PlannedEpisode] = []
    for number in range(count):
        changes = {"sha256": words(number, 64), "statement_sha256": words((number,), 64)}
        episodes.append(base.model_copy(update=changes))
    episodes.sort(key=lambda one: one.sha256)
    digests = [one.sha256 for one in episodes]
    plan = DatasetPlan(
        name="made",
        request=request(),
        salt=SALT,
        episodes=tuple(episodes),
        shards=tuple(
            PlannedShard(
                name=f"train-{at // 1000:05}",
                split="train",
                episodes=tuple(digests[at : at + 1000]),
            )
            for at in range(0, count, 1000)
        ),
        left_out={},
        versions=versions_here(),
    )
    content = canonical(plan)
    if parse_plan(content) != plan:
        raise SystemExit("a plan is not read as it was written")
    status = Path("/proc/self/status").read_text("ascii")
    print(status.partition("VmHWM:")[2].split()[0], len(content))


def busy(given: tuple[int, int]) -> tuple[int, float]:
    """Build the shard of one seed so many times; return who did it and its CPU since its start."""
    seed, times = given
    signed = [_agreed(at, write_episode(_episode(seed + at))) for at in range(4)]
    shard = _shard(signed)
    for _ in range(times):
        _built(signed, shard)
    return os.getpid(), time.process_time()


def _beside_ray() -> int:
    """Print CPU of the same tasks in a pool and on a Ray cluster, both of two workers."""
    from benchmarks import datasets as own  # as a worker finds it

    once = _cpu(lambda: own.busy((0, 1)))
    twice = _cpu(lambda: own.busy((0, 3)))
    times = max(1, int((TASK_S - once) / max((twice - once) / 2, 0.001)) + 1)
    inputs = [(0, times)] * 2
    cluster = RayCluster()
    try:
        cluster.add_node()
        cluster.add_node()
        figures: dict[str, Any] = {}
        engines: dict[str, Engine] = {
            "pool": PoolEngine(workers=2),
            "ray": RayEngine(address=cluster.address),
        }
        for name, engine in engines.items():
            before, began = _spent(cluster), time.monotonic()
            workers: dict[int, float] = {}
            for one in engine.run(own.busy, inputs):
                if not isinstance(one, Done):
                    raise SystemExit(one.why)
                workers[one.made[0]] = max(workers.get(one.made[0], 0), one.made[1])
            figures[name] = _spent(cluster) - before + sum(workers.values())
            took = time.monotonic() - began
            print(f"{name}: {len(inputs)} tasks, {figures[name]:.1f} s of CPU, {took:.0f} s")
    finally:
        cluster.end()
    ratio = figures["pool"] / figures["ray"]
    print(f"Ray is {ratio:.2f} of the pool by CPU (target {RAY_TARGET}), its own processes counted")
    return 0 if ratio >= RAY_TARGET else 1


def _spent(cluster: RayCluster) -> float:
    """Return the CPU of this process and of the cluster, without its workers: they tell theirs."""
    spent = time.process_time()
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                fields = (process / "stat").read_text("utf-8").rpartition(") ")[2].split()
            except OSError:
                continue
            if int(fields[3]) in cluster.sessions:
                spent += sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    return spent


if __name__ == "__main__":
    sys.exit(main())
