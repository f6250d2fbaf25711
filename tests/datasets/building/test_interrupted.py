"""A build that is killed, or has no room, leaves nothing half-written, and the next one goes on."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.datasets import Person, content_of, put
from tests.support.datasets_built import built, files_of, plan_of
from tests.support.deadline import deadline
from tests.support.small_disk import fill, mounted_small_disk

from signoff_datasets.building.workplace import Workplace
from signoff_schemas.dataset import canonical, digest_of
from signoff_schemas.errors import DiskFullError, RefusedError

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
ANNA = Person(number=1)
_KILLED_EVERYWHERE = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{root!r}, *({root!r} + "/" + one for one in ("collector", "schemas", "datasets"))]
from tests.support.datasets import Person
from tests.support.datasets_built import built
from signoff_schemas.dataset import parse_plan
EVENTS = {{"os.link", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "open"}}
plan = parse_plan(Path({plan!r}).read_bytes())
left = -1

def count(event, arguments):
    global left
    if left >= 0 and event in EVENTS and {out!r} in str(arguments):
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

sys.addaudithook(count)
number = 0
while True:
    child = os.fork()
    if child == 0:
        left = number
        built(plan, Path({source!r}), [Person(number=1)], Path({out!r}, str(number)), is_own=True)
        left = -1
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
    number += 1
print(number)
"""


@pytest.fixture
def source(home: Path, tmp_path: Path) -> Path:
    """Return a folder of three episodes, which make two shards."""
    folder = tmp_path / "source"
    folder.mkdir()
    for number in range(3):
        content = content_of(number)
        put(folder, f"e{number}", content, ANNA.sign(content))
    return folder


def test_killed_at_any_point_the_next_build_gives_the_same_data_set(
    source: Path, tmp_path: Path
) -> None:
    plan = plan_of(source, [ANNA], is_own=True, shard_bytes=1000)
    assert len(plan.shards) > 1
    whole = files_of(built(plan, source, [ANNA], tmp_path / "whole", is_own=True))
    (tmp_path / "plan.json").write_bytes(canonical(plan))
    out = tmp_path / "killed"
    out.mkdir()
    script = _KILLED_EVERYWHERE.format(
        root=str(ROOT), plan=str(tmp_path / "plan.json"), source=str(source), out=str(out)
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True, text=True, check=False, timeout=deadline() * 4,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    points = int(done.stdout)
    assert points > 50
    for number in range(points):
        place = out / str(number)
        if not place.exists():
            built(plan, source, [ANNA], place, is_own=True)
        assert files_of(place) == whole, number
    assert sorted(path.name for path in out.iterdir()) == sorted(map(str, range(points + 1)))


def test_without_room_nothing_is_there_and_with_room_it_goes_on(
    source: Path, tmp_path: Path
) -> None:
    plan = plan_of(source, [ANNA], is_own=True, shard_bytes=1000)
    whole = files_of(built(plan, source, [ANNA], tmp_path / "whole", is_own=True))
    with mounted_small_disk(tmp_path / "disk", kib=400) as disk:
        for room_kib in (0, 8, 16, 24):
            filler = fill(disk)
            os.truncate(filler, filler.stat().st_size - room_kib * 1024)
            with pytest.raises(DiskFullError):
                built(plan, source, [ANNA], disk / "out", is_own=True)
            assert not (disk / "out").exists()
            _holds_whole_files_only(disk, whole)
            filler.unlink()
        assert files_of(built(plan, source, [ANNA], disk / "out", is_own=True)) == whole
        assert sorted(path.name for path in disk.iterdir()) == ["out"]


def _holds_whole_files_only(disk: Path, whole: dict[str, bytes]) -> None:
    for folder in disk.glob(".out.building-*"):
        for path, content in files_of(folder).items():
            assert path.startswith("notes/") or path == ".lock" or whole[path] == content, path


def test_two_processes_do_not_build_one_data_set_at_once(source: Path, tmp_path: Path) -> None:
    plan = plan_of(source, [ANNA], is_own=True)
    first = Workplace(tmp_path / "out", digest_of(plan))
    with pytest.raises(RefusedError, match="another process"):
        built(plan, source, [ANNA], tmp_path / "out", is_own=True)
    first.close()
    assert built(plan, source, [ANNA], tmp_path / "out", is_own=True).is_dir()


def test_a_file_that_somebody_changed_meanwhile_is_built_again(
    source: Path, tmp_path: Path
) -> None:
    plan = plan_of(source, [ANNA], is_own=True, shard_bytes=1000)
    whole = files_of(built(plan, source, [ANNA], tmp_path / "whole", is_own=True))
    place = Workplace(tmp_path / "out", digest_of(plan))
    for path, content in whole.items():
        if path.startswith("steps/"):
            place.put(path, hashlib.sha256(content).digest())
    place.close()
    assert files_of(built(plan, source, [ANNA], tmp_path / "out", is_own=True)) == whole
