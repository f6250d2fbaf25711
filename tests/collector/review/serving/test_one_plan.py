"""One plan gives the same bytes, whether the page, the terminal or a plan file makes them."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest
from tests.collector.review.serving.conftest import Served

from signoff_collector.private_files import replace_private
from signoff_collector.review.desk import Desk
from signoff_collector.review.final_files import FinalFolder, final_bytes
from signoff_collector.review.final_look import FinalLook
from signoff_collector.review.plan_store import PlanStore
from signoff_collector.review.serving.base_file import open_base_file
from signoff_collector.review.serving.finals import Finals
from signoff_collector.review.serving.reviewing import Reviewing
from signoff_schemas.plan import plan_bytes
from support_leaks import leaks_in_bytes
from support_review_page import CLIENT, PageClient
from support_sign_off import call_signoff

SEEDS = range(8)


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
        "whole_files": source.choice([[], [0]]),
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
    done = call_signoff("review", "--plan", path, "--json")
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
