"""One plan gives the same bytes, whether the page, the terminal or a plan file makes them."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.collector.review.serving.conftest import Served
from tests.support.base_tree import record
from tests.support.leaks import leaks_in_bytes
from tests.support.review_page import CLIENT, PageClient
from tests.support.sign_off import call_signoff

from signoff_collector.episode.file.strict import strict_check
from signoff_collector.own_files.private_files import replace_private
from signoff_collector.review.base_tree.step import tree_row
from signoff_collector.review.desk.base_file import open_base_file
from signoff_collector.review.desk.desk import Desk
from signoff_collector.review.desk.reviewing import Reviewing
from signoff_collector.review.final.final_files import FinalFolder, final_bytes
from signoff_collector.review.final.final_look import FinalLook
from signoff_collector.review.final.finals import Finals
from signoff_collector.review.plan.plan_store import PlanStore
from signoff_schemas.plan import plan_bytes

SEEDS = range(8)
TREE_SEEDS = range(3)


def drawn_fields(seed: int, last: int) -> dict[str, object]:
    """Return the choices of one review; every keep overlaps with something that was typed."""
    source = random.Random(f"choices {seed}")  # noqa: S311 - the same choices every time
    middle = source.randrange(last // 3, last - 2)
    keeps: list[dict[str, object]] = [
        {"task": source.randrange(2)},
        {"from_seq": source.randrange(middle), "to_seq": last},
        {"ranges": [{"from_seq": 0, "to_seq": middle}, {"from_seq": middle + 2, "to_seq": last}]},
    ]
    named = {"title": f"Mend \U0001f600\U00010348 for {CLIENT}", "outcome": "partly"}
    cut = source.randrange(2, last - 6)
    return {
        "keeps": [keep | source.choice([{}, named]) for keep in source.sample(keeps, 2)],
        "cut_ranges": source.choice([[], [{"from_seq": cut, "to_seq": cut + 3}]]),
        "cut_kinds": source.choice([[], ["select"], ["task"]]),
        "notes": source.choice(
            [[], [{"after_seq": last, "text": f"for {CLIENT} \U0001f600\U00010348"}]]
        ),
        "whole_files": source.choice([[], [0]]),
        "wall_clock": source.choice([False, True]),
        "time_resolution": source.choice(["1s", "100ms", "exact"]),
    }


def by_the_page(client: PageClient, place: int) -> bytes:
    """Return what the page would sign, and see that its preview was of the same bytes."""
    preview = client.get(f"/api/keeps/{place}/preview").body
    made = client.post(f"/api/keeps/{place}/final", {}).json()
    assert made["changed_since_preview"] is False
    data = client.get(f"/api/final/{made['sha256']}").body
    assert data == preview
    return data


def by_the_terminal(served: Served) -> list[bytes]:
    """Return what another process at a terminal would sign, for every keep."""
    reviewing = Reviewing(served.home, open_base_file(served.base))
    desk = Desk(reviewing)
    made: list[bytes] = []
    with FinalFolder(served.home) as folder:
        look = FinalLook(served.home, Finals(reviewing, folder, mode="terminal"))
        for place in range(len(desk.plan.keeps)):
            desk.place = place
            made.append(final_bytes(look.make(desk).shared))
    return made


def by_a_file(served: Served, path: Path) -> list[bytes]:
    """Return what following a plan file leaves, for every keep."""
    stored = PlanStore(served.home, served.reviewing.file.sha256).load()
    replace_private(path, plan_bytes(stored.plan))
    done = call_signoff("review", "--plan", path, "--leave-open", "99", "--json")
    assert done.code == 0, done.err
    rows = [json.loads(line) for line in done.out.splitlines()]
    made = [Path(row["episode"]).read_bytes() for row in rows]
    assert [hashlib.sha256(data).hexdigest() for data in made] == [row["sha256"] for row in rows]
    return made


@pytest.mark.parametrize("seed", SEEDS)
def test_page_terminal_and_plan_file_give_the_same_bytes(
    served: Served, tmp_path: Path, seed: int
) -> None:
    client = served.open()
    last = served.reviewing.file.base.episode.step_count - 1
    done = client.put_plan(**drawn_fields(seed, last))
    assert done.status == 200, done.raw
    assert client.post("/api/mask", {"value": CLIENT}).status == 200
    shown = [by_the_page(client, place) for place in range(2)]
    assert by_the_terminal(served) == shown
    assert by_a_file(served, tmp_path / "plan.json") == shown
    for data in shown:
        assert leaks_in_bytes(data, [CLIENT]) == []


def test_so_does_a_plan_that_takes_the_base_tree_along(
    compiled_engine: None, serve: Callable[..., Served], tmp_path: Path
) -> None:
    recorded = record(tmp_path / "project")
    served = serve(recorded.base.path)
    client = served.open()
    last = recorded.base.episode.step_count - 1
    made: set[bytes] = set()
    for seed in TREE_SEEDS:
        source = random.Random(f"tree {seed}")  # noqa: S311 - the same choices every time
        from_seq = source.randrange(last // 2)
        keep = {"from_seq": from_seq, "to_seq": last}
        assert client.put_plan(keeps=[keep]).status == 200
        told = client.get("/api/keeps/0/base-tree").json()
        files = told["files"]
        assert isinstance(files, list)
        places = [one["place"] for one in files if one["place"] is not None]
        chosen = {
            "list_sha256": told["list_sha256"],
            "leave_out": sorted(source.sample(places, 2)),
        }
        done = client.put_plan(keeps=[keep], with_base=chosen)
        assert done.status == 200, done.raw
        client.accept_all()
        data = by_the_page(client, 0)
        assert by_the_terminal(served) == [data]
        assert by_a_file(served, tmp_path / f"{seed}.json") == [data]
        row = tree_row(strict_check(data))
        assert row is not None
        assert row["files"] == len(places) - 2
        assert leaks_in_bytes(data, [recorded.secret]) == []
        made.add(data)
    assert len(made) == len(TREE_SEEDS)


def test_the_page_is_refused_another_list_and_a_repository_that_nobody_has(
    compiled_engine: None, serve: Callable[..., Served], tmp_path: Path
) -> None:
    recorded = record(tmp_path / "project")
    client = serve(recorded.base.path).open()
    keep = {"from_seq": 0, "to_seq": recorded.base.episode.step_count - 1}
    for chosen in (
        {"list_sha256": "0" * 64},
        {"list_sha256": recorded.tree().sha256, "leave_out": [10_000]},
    ):
        refused = client.put_plan(keeps=[keep], with_base=chosen)
        assert refused.json().get("exit_code") == 2, refused.json()
    told = client.get("/api/repository").json()
    assert (told["possible"], told["commits"], told["named"]) == (False, [], None)
    revision = client.get("/api/review").json()["revision"]
    body = {"revision": revision, "url": "https://example.org/a/b", "spdx": "MIT"}
    assert client.post("/api/repository", body).json()["exit_code"] == 10
    assert client.get("/api/keeps/7/base-tree").json()["exit_code"] == 2
