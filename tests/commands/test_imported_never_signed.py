"""A recording of another tool is never one's own: no review, no signature, no upload takes it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.seal_sessions import signoff
from tests.support.sign_off import call_signoff, put_episode, sealed_episode, small_episode

from signoff_collector.consent import signing_off
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.imported import imported_of
from signoff_collector.own_files.home import resolve_home
from signoff_collector.review.applying.previews import Previews
from signoff_collector.review.desk import storing
from signoff_collector.review.desk.base_file import open_base_file
from signoff_collector.review.final import remaking
from signoff_schemas.errors import RefusedError
from signoff_schemas.header import Imported
from signoff_schemas.plan import Plan, RangeKeep

REFUSED = 13
SAID = "imported"
CAST = Imported(format="asciicast", said=("the source knows no files",))


def imported(content: bytes, mark: Imported | None = CAST, origin: str = "imported") -> bytes:
    """Return an episode's bytes as if they came from another tool."""
    episode = read_episode(content)
    header = episode.header.model_copy(update={"imported": mark, "origin": origin})
    return write_episode(replace(episode, header=header))


def kept(content: bytes) -> bytes:
    """Return what `apply` makes of all of an episode."""
    last = read_episode(content).step_count - 1
    plan = Plan(
        base_sha256=hashlib.sha256(content).hexdigest(),
        seed="5e" * 32,
        keeps=(RangeKeep(from_seq=0, to_seq=last),),
    )
    return Previews(read_episode(content)).of(plan, 0).data


def test_what_a_plan_makes_of_it_still_says_so(home: Path) -> None:
    del home
    header = read_episode(kept(imported(sealed_episode()))).header
    assert header.origin == "shared"
    assert header.imported == CAST
    assert imported_of(read_episode(kept(sealed_episode())).header) is None


def test_one_of_an_earlier_release_names_no_format_and_is_known_all_the_same(home: Path) -> None:
    del home
    older = imported(sealed_episode(), mark=None)
    assert imported_of(read_episode(older).header) == Imported(format="unknown")
    assert read_episode(kept(older)).header.imported == Imported(format="unknown")


def test_it_is_not_reviewed_by_any_way(home: Path, tmp_path: Path) -> None:
    content = imported(sealed_episode())
    path = tmp_path / "x.episode"
    path.write_bytes(content)
    plan = tmp_path / "plan.json"
    digest = hashlib.sha256(content).hexdigest()
    plan.write_text(json.dumps({"base_sha256": digest, "keeps": [{"from_seq": 0, "to_seq": 3}]}))
    said = signoff("review", str(path), "--plan", str(plan), cwd=tmp_path)
    assert said.returncode == REFUSED, said.stderr
    assert SAID in said.stderr
    for enters in (open_base_file, storing.read_base):
        with pytest.raises(RefusedError, match=SAID):
            enters(path)
    del home


def test_it_is_not_the_last_episode_even_where_it_lies_among_them(home: Path) -> None:
    del home
    place = resolve_home().ensure().episodes / "0123456789abcdef.episode"
    place.write_bytes(imported(sealed_episode()))
    with pytest.raises(RefusedError, match=SAID):
        storing.find_base(resolve_home(), "last")


@pytest.mark.parametrize("is_reviewed", [True, False], ids=["with a record", "without"])
@pytest.mark.parametrize("origin", ["imported", "shared"])
def test_it_is_not_signed_and_not_sent(
    home: Path, tmp_path: Path, origin: str, *, is_reviewed: bool
) -> None:
    del home
    content = imported(small_episode(), origin=origin)
    path = put_episode(resolve_home().ensure(), content, is_reviewed=is_reviewed)
    store = tmp_path / "store"
    for said in (
        call_signoff("sign", path, "--to", store.as_uri(), "--owner", "mine", "--yes"),
        call_signoff("upload", path, "--to", store.as_uri()),
    ):
        assert said.code == REFUSED, said
        assert SAID in said.err


def test_what_an_older_release_signed_is_not_sent(home: Path, tmp_path: Path) -> None:
    del home
    store = tmp_path / "store"
    store.mkdir()
    path = put_episode(resolve_home().ensure(), imported(small_episode(), origin="shared"))
    with pytest.MonkeyPatch.context() as older:
        older.setattr(signing_off, "refuse_imported", lambda _header: None)
        older.setattr(remaking, "refuse_not_made", lambda *_: None)
        said = call_signoff("sign", path, "--to", store.as_uri(), "--owner", "mine", "--yes")
        assert said.code == 0, said.err
    said = call_signoff("upload", path, "--to", store.as_uri())
    assert said.code == REFUSED, said
    assert SAID in said.err
    assert not [one for one in store.rglob("*") if one.is_file()]
