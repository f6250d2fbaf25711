"""A data set of a hub is refreshed: what was taken back is nowhere in what a person then has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.support.datasets_built import files_of
from tests.support.deadline import wait_until
from tests.support.hubs_asked import CANARY, AskedHub, asked_hub, share_canaries
from tests.support.hubs_built import PEOPLE
from tests.support.hubs_ended import by_key

from signoff_hub.building.versions import find_version
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.dataset import parse_manifest

pytestmark = pytest.mark.slow
GONE = 3


@pytest.fixture
def hub(home: Path, tmp_path: Path) -> Iterator[AskedHub]:
    del home
    with asked_hub(tmp_path / "hub") as made:
        yield made


def singing(folder: Path, number: int) -> list[str]:
    """Return the files that hold somebody's text, also in a column of a table."""
    text = f"{CANARY}{number:03d} ".encode()
    found: list[str] = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += repr(pq.read_table(path).to_pylist()).encode("utf-8", "replace")
        if text in content:
            found.append(path.relative_to(folder).as_posix())
    return found


def is_ready(hub: AskedHub, version: int) -> bool:
    with hub.node.database.read() as connection:
        found = find_version(connection, "made", version)
    return found is not None and found.state == "ready"


def test_what_was_taken_back_is_nowhere_after_a_refresh(hub: AskedHub, tmp_path: Path) -> None:
    people = share_canaries(hub.node, range(PEOPLE))
    plan, old, new = tmp_path / "plan.json", tmp_path / "old", tmp_path / "new"
    hub.built(plan, old)
    refresh = ("refresh", old, "--from", hub.address, "-o", new)
    nothing = hub.ask(*refresh)
    assert nothing.code == 0, nothing
    assert "nothing is gone" in nothing.out
    assert not new.exists()
    assert singing(old, GONE)

    hub.clock.advance(60)
    withdraw(hub.node, by_key(people[GONE]))
    wait_until(lambda: is_ready(hub, 2), "the version without it is ready")
    replaced = hub.ask("build", plan, "-o", tmp_path / "again")
    assert replaced.code == 14, replaced
    assert list(tmp_path.glob("*again*")) == []
    stranger = hub.ask(*refresh, SIGNOFF_HUB_TOKEN="x" * 43)
    assert stranger.code == 14, stranger
    assert singing(old, GONE)
    said = hub.ask(*refresh)
    assert said.code == 0, said
    assert sorted(one.name for one in old.iterdir()) == ["NOTICE.json", "NOTICE.json.sig"]
    manifest = parse_manifest((new / "manifest.json").read_bytes())
    assert manifest.version == 2
    assert len(manifest.episodes) == PEOPLE - 1
    assert singing(new, GONE) == []
    assert singing(new, GONE + 1)
    names = [people[GONE].sha256.encode(), people[GONE].statement_sha256.encode()]
    assert not any(one in content for content in files_of(new).values() for one in names)
    proven = hub.ask("verify", new)
    assert proven.code == 0, proven
    again = hub.ask(*refresh)
    assert again.code == 0, again


def test_a_refresh_that_was_killed_goes_on_and_asks_for_touched_files_alone(
    hub: AskedHub, tmp_path: Path
) -> None:
    people = share_canaries(hub.node, range(PEOPLE))
    plan, old, new = tmp_path / "plan.json", tmp_path / "old", tmp_path / "new"
    hub.built(plan, old)
    whole = files_of(old)
    hub.clock.advance(60)
    withdraw(hub.node, by_key(people[GONE]))
    wait_until(lambda: is_ready(hub, 2), "the version without it is ready")
    refresh = ("refresh", old, "--from", hub.address, "-o", new)
    assert hub.ask(*refresh).code == 0
    made = files_of(new)
    untouched = {path for path, content in whole.items() if made.get(path) == content}
    assert untouched
    # as if it had been killed before the old one went: the store may lose what is not asked for
    notice = files_of(old)
    for path in old.iterdir():
        path.unlink()
    for path, content in whole.items():
        (old / path).parent.mkdir(parents=True, exist_ok=True)
        (old / path).write_bytes(content)
    assert hub.ask(*refresh).code == 0
    assert (files_of(old), files_of(new)) == (notice, made)
    (old / "manifest.json").write_bytes(whole["manifest.json"])
    (old / "manifest.json.sig").write_bytes(whole["manifest.json.sig"])
    ended = hub.ask(*refresh, SIGNOFF_HUB_TOKEN="")
    assert ended.code == 0, ended
    assert files_of(old) == notice


def test_a_data_set_of_another_builder_is_left_alone(hub: AskedHub, tmp_path: Path) -> None:
    share_canaries(hub.node, range(PEOPLE))
    plan, old = tmp_path / "plan.json", tmp_path / "old"
    hub.built(plan, old)
    (old / "README.md").write_text("mine\n", "utf-8")
    before = files_of(old)
    said = hub.ask("refresh", old, "--from", hub.address, "-o", tmp_path / "new")
    assert said.code == 11, said
    with asked_hub(tmp_path / "other") as other:
        (old / "README.md").unlink()
        said = other.ask("refresh", old, "--from", other.address, "-o", tmp_path / "new")
        assert said.code == 13, said
        assert "which is not the key of" in said.err
    assert files_of(old) == {one: what for one, what in before.items() if one != "README.md"}
