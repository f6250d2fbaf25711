"""A refresh erases what its manifest names and nothing else, and writes over nothing."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.datasets_built import files_of
from tests.support.datasets_refreshed import OwnSet, own_set

from signoff_datasets.building.signing import HomeBuilder
from signoff_datasets.building.workplace import Workplace
from signoff_datasets.cards.cards import write_cards
from signoff_datasets.engines.serial import SerialEngine
from signoff_datasets.refreshing.refreshes import Refresh, Refreshed
from signoff_datasets.sources.opening import address_of, open_source
from signoff_schemas.dataset import canonical, digest_of, parse_plan
from signoff_schemas.errors import DamagedError, RefusedError, SignoffError, UsageError

pytestmark = pytest.mark.slow

NOTES = "my notes \U0001f98a\U00010348\n"


@pytest.fixture
def made(tmp_path: Path) -> OwnSet:
    """Return a data set, `first`, of which one episode was withdrawn."""
    made = own_set(tmp_path, episodes=4, shards=2)
    made.withdraw(min(made.contents))
    return made


def refresh(
    made: OwnSet,
    *,
    out: str = "second",
    new_plan: str = "second.plan.json",
    plan: str = "first.plan.json",
    source: str = "store",
) -> Refreshed:
    plan_file = made.root / plan
    with closing(open_source(address_of(str(made.root / source)))) as opened:
        return Refresh(
            folder=made.root / "first",
            plan=parse_plan((made.root / "first.plan.json").read_bytes()),
            source=opened,
            authority=made.authority(),
            engine=SerialEngine(),
            day=made.day,
            builder=HomeBuilder(made.home()),
            plan_file=plan_file,
        ).into(made.root / out, made.root / new_plan, lambda _done, _all: None)


def refused(made: OwnSet, kind: type[SignoffError], match: str, **places: str) -> None:
    before = files_of(made.root)
    with pytest.raises(kind, match=match) as found:
        refresh(made, **places)
    assert found.value.hint
    assert files_of(made.root) == before
    assert not [one.name for one in made.root.iterdir() if "building" in one.name]


@pytest.mark.parametrize(
    ("places", "match"),
    [
        ({"out": "first/sub"}, "one in the other"),
        ({"out": "link/sub"}, "one in the other"),
        ({"out": "first"}, "one in the other"),
        ({"out": "."}, "one in the other"),
        ({"new_plan": "first/new.json"}, "the plan .* lies in"),
        ({"new_plan": "link/new.json"}, "the plan .* lies in"),
        ({"plan": "first/plan.json"}, "the plan .* lies in"),
        ({"new_plan": "second/new.json"}, "the plan .* lies in"),
        ({"new_plan": "first.plan.json"}, "is the old plan"),
    ],
)
def test_what_would_be_erased_or_written_over_is_refused(
    made: OwnSet, places: dict[str, str], match: str
) -> None:
    (made.root / "link").symlink_to("first")
    refused(made, RefusedError, match, **places)


def test_a_plan_in_a_folder_that_is_not_there_is_refused(made: OwnSet) -> None:
    refused(made, UsageError, "there is no folder", new_plan="nowhere/new.json")


def test_a_file_where_the_new_plan_would_go_is_refused(made: OwnSet) -> None:
    (made.root / "second.plan.json").write_text(NOTES)
    refused(made, RefusedError, "there is something at .*second.plan.json already")


def test_a_foreign_file_in_the_data_set_is_named_and_nothing_is_erased(made: OwnSet) -> None:
    for place in ("my-notes.txt", "steps/my-notes.txt"):
        (made.root / "first" / place).write_text(NOTES)
    refused(made, DamagedError, "does not name: my-notes.txt, steps/my-notes.txt")


def test_a_card_that_was_edited_is_named_and_stays(made: OwnSet) -> None:
    write_cards(made.root / "first")
    (made.root / "first" / "README.md").write_text(NOTES)
    refused(made, DamagedError, "does not name: README.md")


def test_a_card_as_it_was_written_goes_with_the_data_set(made: OwnSet) -> None:
    write_cards(made.root / "first")
    refresh(made)
    assert sorted(files_of(made.root / "first")) == ["NOTICE.json", "NOTICE.json.sig"]


def test_a_source_that_knows_none_of_the_episodes_is_refused(made: OwnSet) -> None:
    (made.root / "empty").mkdir()
    refused(made, RefusedError, "holds none of the 4 episodes", source="empty")


@pytest.mark.parametrize("damage", ["longer", "missing", "changed"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_damaged_data_set_is_called_that(made: OwnSet, damage: str, number: int) -> None:
    file = sorted((made.root / "first" / "steps").iterdir())[number]
    content = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(content + b"\0" if damage == "longer" else content[:-1] + b"\0")
    refused(made, DamagedError, file.name)


def test_a_plan_that_a_killed_refresh_wrote_makes_way_for_that_of_the_next(made: OwnSet) -> None:
    old = parse_plan((made.root / "first.plan.json").read_bytes())
    request = old.request.model_copy(update={"as_of": "2027-01-05T00:00:00Z"})
    killed = old.model_copy(update={"request": request})
    (made.root / "second.plan.json").write_bytes(canonical(killed))
    Workplace(made.root / "second", digest_of(killed)).close()
    assert refresh(made).manifest is not None
    assert (made.root / "second.plan.json").read_bytes() != canonical(killed)


def test_a_second_version_that_is_not_whole_erases_nothing(made: OwnSet) -> None:
    kept = made.root / "kept"
    shutil.copytree(made.root / "first", kept)
    refresh(made)
    shutil.rmtree(made.root / "first")
    shutil.move(kept, made.root / "first")
    next((made.root / "second" / "steps").iterdir()).write_text(NOTES)
    refused(made, DamagedError, "second is not whole: steps/")
