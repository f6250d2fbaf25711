"""What sealing masked can be shown again while the journals are there, one value at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session

from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.session_life import end_session
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.consent.review_records import find_review
from signoff_collector.consent.terms.ownership import ownership_of
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.forgetting.forgetting import forget, make_request
from signoff_collector.forgetting.session_removal import remove_raw
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.review.applying.previews import shared_preview
from signoff_collector.review.checking.unmasking import FILE_NAME, can_unmask, unmask
from signoff_collector.review.desk.storing import BaseEpisode, find_base, store_shared
from signoff_collector.review.final.recording import record_review
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import NotFoundError, RefusedError
from signoff_schemas.plan import FieldMask, Plan, RangeKeep, TextMask
from signoff_schemas.words import Owner

PATH = "src/a.py"
LAST_LINE = "marked = 'mask me, please'\n"


@dataclass(frozen=True)
class Sealed:
    """A session with two secrets, sealed."""

    home: Home
    session: Session
    base: BaseEpisode
    one: str
    other: str

    def placeholder(self, number: int) -> str:
        return sorted(self.base.episode.header.masks)[number]

    def plan(self) -> Plan:
        """Return a plan that keeps all and masks a word of the last line."""
        last = self.base.episode.step_count - 1
        text = BaseWalk(self.base.episode).states_after(last)
        (key, shown) = next((k, t) for k, t in text.texts.items() if k.buffer >= 0)
        start = shown.chars.index("mask me")
        mask = TextMask(after_seq=last, file=key.file, buffer=key.buffer, start=start, length=7)
        keep = RangeKeep(from_seq=0, to_seq=last)
        return Plan(base_sha256=self.base.sha256, keeps=(keep,), mask_texts=(mask,))


@pytest.fixture
def sealed(home: Path, tmp_path: Path) -> Sealed:
    assert home.is_relative_to(tmp_path)
    session = make_session(tmp_path / "project")
    one, other = random_secret(91, 32), random_secret(92, 32)
    journal = Journal(root=session.root)
    journal.open(PATH, "# 😀🦊\n\n\n")
    for line, (name, value) in enumerate((("api_token", one), ("db_password", other)), 1):
        for column, char in enumerate(f'{name} = "{value}"'):
            journal.change(PATH, (line, column), (line, column), char)
    journal.change(PATH, (3, 0), (3, 0), LAST_LINE)
    journal.save(PATH, f'# 😀🦊\napi_token = "{one}"\ndb_password = "{other}"\n{LAST_LINE}')
    journal.write(session.folder)
    base = find_base(resolve_home(), seal_session(session, resolve_home(), SystemClock()).sha256)
    assert leaks_in_episode(base.episode, [one, other]) == []
    return Sealed(resolve_home(), session, base, one, other)


def shown_in(base: BaseEpisode) -> str:
    states = BaseWalk(base.episode).states_after(base.episode.step_count - 1)
    return "\n".join(text.chars for text in states.texts.values())


def of(sealed: Sealed, value: str) -> str:
    """Return the placeholder that stands for a value."""
    line = next(row for row in shown_in(sealed.base).split("\n") if row.startswith(value))
    return line.split('"')[1]


def test_one_value_is_shown_again_and_the_other_is_not(sealed: Sealed) -> None:
    assert can_unmask(sealed.home, sealed.base)
    done = unmask(sealed.home, sealed.base, sealed.plan(), (of(sealed, "api_token"),))
    assert f'api_token = "{sealed.one}"' in shown_in(done.base)
    assert leaks_in_episode(done.base.episode, [sealed.other]) == []
    assert leaks_in_bytes(done.base.path.read_bytes(), [sealed.other]) == []
    assert strict_check(done.base.path.read_bytes()) == done.base.episode
    assert check_replay(done.base.episode).mismatches == ()
    assert sealed.base.path.is_file()
    assert done.base.sha256 != sealed.base.sha256
    assert can_unmask(sealed.home, done.base)
    assert not can_unmask(sealed.home, sealed.base)


def test_a_review_says_how_much_of_it_was_unmasked_and_whose_code_it_is(sealed: Sealed) -> None:
    named = Workspaces(sealed.home)
    workspace = named.enable(sealed.session.root, owner=Owner.MINE, is_confirmed=True)
    done = unmask(sealed.home, sealed.base, sealed.plan(), (of(sealed, "api_token"),))
    data = shared_preview(done.plan, BaseWalk(done.base.episode), 0).data
    shared = store_shared(sealed.home, done.plan, data)
    record = record_review(sealed.home, done.base, done.plan, shared, mode="terminal")
    assert record.unmasked == 1
    assert find_review(sealed.home, shared.sha256) == record
    of_before = replace(record, base_sha256=sealed.base.sha256)
    for review in (record, of_before):
        known = ownership_of(sealed.home, review)
        assert (known.workspace, known.owner) == (workspace.identifier, Owner.MINE)


def test_the_plan_goes_on_in_the_new_numbers(sealed: Sealed) -> None:
    plan = sealed.plan()
    before = shared_preview(plan, BaseWalk(sealed.base.episode), 0)
    assert leaks_in_bytes(before.data, ["mask me"]) == []
    done = unmask(sealed.home, sealed.base, plan, (of(sealed, "api_token"),))
    assert done.lost == ()
    assert done.plan.base_sha256 == done.base.sha256
    after = shared_preview(done.plan, BaseWalk(done.base.episode), 0)
    assert leaks_in_bytes(after.data, ["mask me", sealed.other]) == []
    assert after.episode.header.edits > before.episode.header.edits
    assert sealed.one in "".join(after.episode.edits.text)


def test_a_second_value_leaves_the_first_shown(sealed: Sealed) -> None:
    first = unmask(sealed.home, sealed.base, sealed.plan(), (of(sealed, "api_token"),))
    again = Sealed(sealed.home, sealed.session, first.base, sealed.one, sealed.other)
    second = unmask(sealed.home, first.base, first.plan, (of(again, "db_password"),))
    assert sealed.one in shown_in(second.base)
    assert sealed.other in shown_in(second.base)


def test_what_was_confirmed_is_kept_beside_the_journals_and_dies_with_them(
    sealed: Sealed,
) -> None:
    name = of(sealed, "api_token")
    done = unmask(sealed.home, sealed.base, sealed.plan(), (name,))
    note = sealed.session.folder / FILE_NAME
    assert note.stat().st_mode & 0o777 == 0o600
    (entry,) = json.loads(note.read_bytes())["confirmed"]
    assert (entry["placeholders"], entry["is_exact"]) == ([name], False)
    assert sealed.one not in json.dumps(done.plan.model_dump())
    remove_raw(sealed.session)
    assert not note.exists()
    assert not can_unmask(sealed.home, done.base)
    with pytest.raises(NotFoundError):
        unmask(sealed.home, done.base, done.plan, (name,))


def test_a_value_that_the_machine_knows_needs_its_own_confirmation(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = random_secret(93, 32)
    monkeypatch.setenv("SERVICE_TOKEN", value)
    assert home.is_relative_to(tmp_path)
    session = make_session(tmp_path / "project")
    journal = Journal(root=session.root)
    journal.open(PATH, "# 😀🦊\n")
    journal.change(PATH, (1, 0), (1, 0), f'key = "{value}"\n')
    journal.write(session.folder)
    made = resolve_home()
    base = find_base(made, seal_session(session, made, SystemClock()).sha256)
    (name,) = base.episode.header.masks
    plan = Plan(base_sha256=base.sha256)
    with pytest.raises(RefusedError) as raised:
        unmask(made, base, plan, (name,))
    assert value not in f"{raised.value} {raised.value.hint}"
    assert not (session.folder / FILE_NAME).exists()
    done = unmask(made, base, plan, (name,), confirmed_exact=True)
    assert value in shown_in(done.base)


def test_forgetting_takes_everything_that_the_session_was_sealed_as(sealed: Sealed) -> None:
    done = unmask(sealed.home, sealed.base, sealed.plan(), (of(sealed, "api_token"),))
    clock = SystemClock()
    end_session(sealed.home, sealed.session)
    forget(sealed.home, clock, make_request(clock, from_wall_ns=0), wait_s=0)
    assert not done.base.path.exists()
    assert not sealed.base.path.exists()
    assert not (sealed.session.folder / FILE_NAME).exists()


def test_what_is_not_masked_cannot_be_unmasked(sealed: Sealed) -> None:
    with pytest.raises(NotFoundError):
        unmask(sealed.home, sealed.base, sealed.plan(), ("REDACTED_TOKEN_99",))


def test_a_mask_that_has_no_place_any_more_is_said(sealed: Sealed) -> None:
    stale = FieldMask(seq=0, field="/nothing", start=0, length=3)
    plan = sealed.plan().model_copy(update={"mask_fields": (stale,)})
    done = unmask(sealed.home, sealed.base, plan, (of(sealed, "api_token"),))
    assert done.plan.mask_fields == ()
    assert done.lost == ("a mask in /nothing of step 0",)
