"""Cards follow from a data set, are proven with it, and what is changed in them is named."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from tests.support.cards import header_of
from tests.support.datasets import Person, content_of, put
from tests.support.datasets_built import built, plan_of

from signoff_datasets.cards.cards import card_findings, cards_of, write_cards
from signoff_datasets.verifying.files import CARDS, file_findings
from signoff_datasets.verifying.verifying import read_manifest
from signoff_schemas.errors import DamagedError, NotFoundError, NotSignedError

FOX = "\U0001f98a\U00010348"
PEOPLE = [Person(number=number) for number in range(12)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data set of twelve people."""
    folder = tmp_path_factory.mktemp("episodes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGNOFF_HOME", str(tmp_path_factory.mktemp("home") / "s"))
        for person in PEOPLE:
            content = content_of(person.number, text=FOX)
            put(folder, f"e{person.number}", content, person.sign(content))
        plan = plan_of(folder, PEOPLE, k=10)
        return built(plan, folder, PEOPLE, tmp_path_factory.mktemp("out") / "set")


def test_cards_are_made_again_byte_for_byte_and_found_whole(made: Path) -> None:
    paths = write_cards(made)
    assert [path.name for path in paths] == list(CARDS)
    assert {path.name: path.read_bytes() for path in paths} == cards_of(made)
    assert not [*card_findings(made)]
    assert not [*file_findings(made, read_manifest(made)[0], lambda: None)]
    card = (made / CARDS[0]).read_bytes()
    assert header_of(card)["license"] == ["apache-2.0", "mit"]
    assert b"* contributors: 10 or more" in card
    assert b"12" not in card.split(b"## How much there is")[1].split(b"## Tables")[0]


@pytest.mark.parametrize("name", CARDS)
def test_a_changed_card_is_named(made: Path, name: str) -> None:
    write_cards(made)
    path = made / name
    path.write_bytes(path.read_bytes() + b" ")
    (finding,) = card_findings(made)
    assert (finding.weight, finding.where) == ("damaged", name)
    path.unlink()
    path.symlink_to(made / "manifest.json")
    (finding,) = card_findings(made)
    assert finding.what == "it is no regular file"
    path.unlink()
    assert not [*card_findings(made)]


def test_no_contributor_repository_or_episode_is_named_in_a_card(made: Path) -> None:
    names = duckdb.sql(
        "select contributor, repository, episode, statement"  # noqa: S608
        f" from '{made}/episodes/*.parquet'"
    ).fetchall()
    cards = b"".join(cards_of(made).values()).decode()
    assert len(names) == len(PEOPLE)
    assert not any(name in cards for row in names for name in row)


def test_without_a_data_set_or_a_signature_there_is_no_card(made: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        cards_of(tmp_path)
    for name in ("manifest.json", "manifest.json.sig"):
        (tmp_path / name).write_bytes((made / name).read_bytes())
    with pytest.raises(DamagedError):
        cards_of(tmp_path)
    (tmp_path / "manifest.json.sig").write_bytes(b"")
    with pytest.raises((NotSignedError, DamagedError)):
        cards_of(tmp_path)
