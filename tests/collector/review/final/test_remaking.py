"""What no review made is not signed, whatever its record says (threat 12)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.sign_off import call_signoff, put_episode, sealed_episode, small_episode

from signoff_collector.consent.review_records import find_review, review_path, write_review
from signoff_collector.consent.sign_off_files import statement_path, take_snapshot
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.own_files.home import Home, resolve_home


@pytest.fixture
def place(home: Path) -> Home:
    del home
    return resolve_home().ensure()


def sign(path: Path, store: Path) -> str:
    """Try to sign; return why it was refused."""
    said = call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes")
    assert said.code == 13, said
    assert not statement_path(path).exists()
    return said.err


def adopt(place: Home, path: Path, content: bytes) -> Path:
    """Put other bytes in a reviewed episode's place, with its plan and a record of their own."""
    record = find_review(place, take_snapshot(path).sha256)
    assert record is not None
    sha256 = hashlib.sha256(content).hexdigest()
    other = path.with_name(f"{sha256[:16]}.episode")
    other.write_bytes(content)
    other.with_suffix(".plan.json").write_bytes(path.with_suffix(".plan.json").read_bytes())
    write_review(place, replace(record, sha256=sha256))
    return other


def test_a_sealed_episode_with_a_record_of_its_own_is_no_result_of_a_review(
    place: Home, tmp_path: Path
) -> None:
    path = put_episode(place, small_episode())
    assert "as it was sealed" in sign(adopt(place, path, sealed_episode()), tmp_path / "store")


def test_a_sealed_episode_that_calls_itself_shared_is_not_what_its_plan_gives(
    place: Home, tmp_path: Path
) -> None:
    path = put_episode(place, small_episode())
    sealed = read_episode(sealed_episode())
    header = sealed.header.model_copy(update={"origin": "shared"})
    renamed = write_episode(replace(sealed, header=header))
    assert "plan does not give" in sign(adopt(place, path, renamed), tmp_path / "store")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"files_total": 9}, "the review record is of 9"),
        ({"plan_sha256": "ab" * 32}, "not the one that was reviewed"),
        ({"base_sha256": "ab" * 32}, "is gone"),
    ],
)
def test_a_record_with_other_facts_is_refused(
    place: Home, tmp_path: Path, change: dict[str, object], why: str
) -> None:
    path = put_episode(place, small_episode())
    record = find_review(place, take_snapshot(path).sha256)
    assert record is not None
    write_review(place, replace(record, **change))  # type: ignore[arg-type]  # by name
    assert why in sign(path, tmp_path / "store")


def test_without_its_plan_or_with_another_it_is_not_signed(place: Home, tmp_path: Path) -> None:
    path = put_episode(place, small_episode())
    plan = path.with_suffix(".plan.json")
    content = plan.read_bytes()
    plan.write_bytes(content.replace(b"5e" * 32, b"6e" * 32))
    assert "not the one that was reviewed" in sign(path, tmp_path / "store")
    plan.unlink()
    assert "its plan is gone" in sign(path, tmp_path / "store")
    plan.write_bytes(content)
    said = call_signoff("sign", path, "--to", tmp_path / "store", "--yes")
    assert said.code == 0, said


@pytest.mark.parametrize("field", ["mode", "files_seen", "seal", None])
def test_a_record_that_was_changed_or_written_by_hand_is_none(
    place: Home, tmp_path: Path, field: str | None
) -> None:
    path = put_episode(place, small_episode())
    file = review_path(place, take_snapshot(path).sha256)
    body = json.loads(file.read_text())
    others = {"mode": "page", "files_seen": 0, "seal": "ab" * 32}
    if field is None:
        del body["seal"]
    else:
        body[field] = others[field]
    file.write_text(json.dumps(body))
    assert "no review on this machine" in sign(path, tmp_path / "store")


def test_a_record_of_another_home_is_none_here(place: Home, tmp_path: Path) -> None:
    path = put_episode(place, small_episode())
    (place.keys / "records.key").unlink()
    assert "no review on this machine" in sign(path, tmp_path / "store")
