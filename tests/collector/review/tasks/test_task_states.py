"""What became of each task, whatever was included, changed, signed, sent and withdrawn before.

Real keys, signatures and a real store; the model knows sets of tasks and words, and no file.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.support.clock import FakeClock
from tests.support.review import CLIENT, put_base
from tests.support.sign_off import call_signoff, small_episode
from tests.support.sign_off import put_episode as put_reviewed

from signoff_collector.consent.offered_terms import ChosenTerms, parse_chosen
from signoff_collector.consent.terms.notices import current_notice, notice_sha256
from signoff_collector.own_files.home import resolve_home
from signoff_collector.review.desk.base_file import open_base_file
from signoff_collector.review.desk.desk import Desk
from signoff_collector.review.desk.reviewing import Reviewing
from signoff_collector.review.final.final_files import FinalFolder
from signoff_collector.review.final.finals import Finals
from signoff_collector.review.plan.plan_edits import name_keep
from signoff_collector.review.serving.bodies import Seen
from signoff_collector.review.tasks.contents import files_of, outputs_of
from signoff_collector.review.tasks.task_states import TaskState, signed_for
from signoff_schemas.errors import RefusedError

pytestmark = pytest.mark.slow

Tasks = frozenset[int]
STORES = ("one", "two")
RANKS = ("nothing", "included", "withdrawn", "expired", "signed", "sent")


def chosen_for(store: Path) -> ChosenTerms:
    """Return what a person agrees to, for one store."""
    fields = {
        "audience": store.as_uri(), "owner": "mine", "confirmed_unseen": True,
        "notice_sha256": notice_sha256(current_notice().text),
    }  # fmt: skip
    return parse_chosen(json.dumps(fields).encode())


@contextmanager
def fresh_home() -> Generator[Path]:
    """Have a home of its own for one run of the machine."""
    with TemporaryDirectory() as top, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGNOFF_HOME", str(Path(top, "home").resolve()))
        yield Path(top).resolve()


class TaskStates(RuleBasedStateMachine):
    """A person reviews a day of two tasks, in one review after the other."""

    @initialize(data=st.data(), is_signed=st.booleans())
    def begin(self, data: st.DataObject, is_signed: bool) -> None:
        self.around = fresh_home()
        self.top = self.around.__enter__()
        self.base = put_base()
        self.home = resolve_home()
        self.included: list[Tasks] = []
        self.became: dict[tuple[Tasks, str, str], str] = {}
        """By tasks, digest and store."""
        self.folder: FinalFolder | None = None
        self.open_review()
        if is_signed:
            self.include_or_leave_out(data)
            self.sign(data, "one")

    def teardown(self) -> None:
        self.leave()
        self.around.__exit__(None, None, None)

    def open_review(self) -> None:
        self.reviewing = Reviewing(self.home, open_base_file(self.base))
        self.folder = FinalFolder(self.home)
        self.finals = Finals(self.reviewing, self.folder.__enter__(), mode="terminal")
        self.desk = Desk(self.reviewing)
        self.firsts = [one.from_seq for one in self.desk.proposals]

    def leave(self) -> None:
        if self.folder is not None:
            self.finals.close()
            self.folder.__exit__(None, None, None)

    @rule()
    def reopen(self) -> None:
        self.leave()
        self.open_review()

    def tasks_of(self, place: int) -> Tasks:
        row = self.desk.rows()[place]
        steps = [(span.from_seq, span.to_seq) for span in row.spans]
        inside = (any(low <= at <= high for low, high in steps) for at in self.firsts)
        return frozenset(task for task, is_in in enumerate(inside) if is_in)

    @rule(data=st.data())
    def include_or_leave_out(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.desk.rows()) - 1))
        row, tasks = self.desk.rows()[place], self.tasks_of(place)
        self.desk.keep(row)
        if row.place is None:
            self.included.append(tasks)
        else:
            self.included.remove(tasks)

    @rule()
    def join(self) -> None:
        rows = self.desk.rows()
        if len(rows) != 2 or not self.included:
            return
        self.desk.join(*rows)
        self.included = [frozenset({0, 1})]

    @rule(
        words=st.sampled_from(["Mend it", "Name \U0001f600\U00010348", ""]), place=st.integers(0, 1)
    )
    def name(self, words: str, place: int) -> None:
        if place < len(self.desk.plan.keeps):
            self.desk.change(name_keep(self.desk.plan, place, words))

    @rule()
    def mask(self) -> None:
        if self.desk.plan.keeps:
            self.desk.mask_value(CLIENT)

    @rule()
    def undo_nothing_signed(self) -> None:
        """What is undone in the plan takes back no signature."""
        before = self.desk.plan
        if before.keeps and before.keeps[0].title is None:
            self.desk.change(name_keep(before, 0, "for a moment"))
            assert self.desk.undo()
            assert self.desk.plan == before

    @rule(data=st.data(), store=st.sampled_from(STORES))
    def sign(self, data: st.DataObject, store: str) -> None:
        kept = [row for row in self.desk.rows() if row.place is not None]
        if not kept:
            return
        row = data.draw(st.sampled_from(kept))
        tasks = self.tasks_of(self.desk.rows().index(row))
        place = row.place or 0
        sha256 = str(self.finals.make(place)["sha256"])
        self.desk.reload()
        shown = self.finals.shared(sha256).episode
        self.finals.content(sha256)
        seen = Seen(
            sha256=sha256,
            files=tuple(one.file for one in files_of(shown)),
            outputs=tuple(one.seq for one in outputs_of(shown)),
        )
        self.finals.see(sha256, seen)
        was = self.became.get((tasks, sha256, store))
        chosen = chosen_for(self.top / store)
        if was == "withdrawn":  # the store would refuse these bytes
            with pytest.raises(RefusedError, match="refuses these bytes"):
                self.finals.sign(sha256, chosen, left_open=99)
            event("refused")
            return
        self.finals.sign(sha256, chosen, left_open=99)
        self.became[tasks, sha256, store] = "sent" if was == "sent" else "signed"

    def one_of(self, data: st.DataObject, *words: str) -> tuple[Tasks, str, str] | None:
        found = [key for key, word in self.became.items() if word in words]
        return data.draw(st.sampled_from(found)) if found else None

    def path(self, sha256: str) -> Path:
        return self.home.episodes / f"{sha256[:16]}.episode"

    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        key = self.one_of(data, "signed")
        if key is None:
            return
        _, sha256, store = key
        beside = json.loads(self.path(sha256).with_suffix(".signoff.json").read_bytes())
        if beside["predicate"]["audience"] != (self.top / store).as_uri():
            return  # signed for the other store since: that sign-off lies beside it
        said = call_signoff("upload", self.path(sha256), "--to", self.top / store)
        assert said.code == 0, said
        event("sent")
        self.became[key] = "sent"

    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        key = self.one_of(data, "signed", "sent")
        if key is None:
            return
        _, sha256, store = key
        where = ("--from", (self.top / store).as_uri())
        said = call_signoff("withdraw", "--yes", self.path(sha256), *where)
        # Nothing was ever sent to a store that is not there: it waits, and counts no more at once.
        is_there = (self.top / store).exists()
        assert said.code == (0 if is_there else 1), said
        event("withdrawn")
        self.became[key] = "withdrawn"

    @invariant()
    def each_task_says_what_became_of_it(self) -> None:
        rows, found = self.desk.rows(), self.desk.standings()
        told = self.reviewing.told()["tasks"]
        assert isinstance(told, list)
        assert [one["state"] for one in told] == [one.state.word for one in found]
        for place, one in enumerate(found):
            tasks = self.tasks_of(place)
            own = [word for (made, _, _), word in self.became.items() if made == tasks]
            begun = "included" if tasks in self.included else "nothing"
            state = max([begun, *own], key=RANKS.index)
            assert one.state.word == state, (place, rows[place])
            stores = {
                (self.top / store).as_uri()
                for (made, _, store), word in self.became.items()
                if made == tasks and word == state
            }
            assert set(one.audiences) == stores
            parts = [word for (made, _, _), word in self.became.items() if made & tasks]
            best = max([state, *parts], key=RANKS.index)
            assert one.partly.word == ("nothing" if best == state else best)

    @invariant()
    def list_says_the_same_of_each_file(self) -> None:
        by_file: dict[str, list[str]] = {}
        for (_, sha256, _), word in self.became.items():
            by_file.setdefault(sha256[:16], []).append(word)
        rows = map(json.loads, call_signoff("list", "--json").out.splitlines())
        listed = {row["id"]: row for row in rows if row["kind"] == "episode"}
        for name, words in by_file.items():
            assert listed[name]["state"] == max(words, key=RANKS.index)


TestTaskStates = TaskStates.TestCase
TestTaskStates.settings = settings(
    max_examples=8,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def test_a_permission_that_ended_is_said_to_be_expired(home: Path, tmp_path: Path) -> None:
    path = put_reviewed(resolve_home().ensure(), small_episode())
    said = call_signoff(
        "sign", path, "--to", tmp_path / "store", "--expires-days", "1", answers={"\0": ""}
    )
    assert said.code == 0, said
    sha256 = json.loads(path.with_suffix(".signoff.json").read_bytes())["subject"][0]["digest"]
    for late_ns, state in ((0, TaskState.SIGNED), (3 * 86_400 * 10**9, TaskState.EXPIRED)):
        clock = FakeClock(wall_ns=path.stat().st_mtime_ns + late_ns)
        (one,) = signed_for(resolve_home(), sha256["sha256"], clock)
        assert one.state == state


def test_what_was_sent_and_then_replaced_expires_too(home: Path, tmp_path: Path) -> None:
    path, store = put_reviewed(resolve_home().ensure(), small_episode()), tmp_path / "store"
    store.mkdir()
    days = ("--expires-days", "1")
    for verb in ("sign", "upload", "sign"):
        more = days if verb == "sign" else ()
        said = call_signoff(verb, path, "--to", store, *more, answers={"\0": ""})
        assert said.code == 0, said
    digest = json.loads(path.with_suffix(".signoff.json").read_bytes())["subject"][0]["digest"]
    late = FakeClock(wall_ns=path.stat().st_mtime_ns + 3 * 86_400 * 10**9)
    made = signed_for(resolve_home(), digest["sha256"], late)
    assert [one.state for one in made] == [TaskState.EXPIRED] * len(made)
    assert len(made) == 2
