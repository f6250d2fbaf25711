"""Whose code it is and who may sign: only a person lifts a lock or signs (decision 26).

A plain model says who the owner is and whether signing may succeed; the real verbs do the rest.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.support.deadline import deadline
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session
from tests.support.sign_off import call_signoff

from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import end_session
from signoff_collector.consent.review_records import ReviewRecord
from signoff_collector.consent.sign_off_files import read_sign_off, statement_path
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.programs.children import find_program
from signoff_collector.review.desk.storing import find_base, read_shared
from signoff_collector.review.final.recording import record_review
from signoff_collector.review.tasks.file_moments import Looked
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock
from signoff_schemas.plan import parse_plan
from signoff_schemas.statement import parse_statement

pytestmark = pytest.mark.slow

FREE = ("mine", "open-source")
OWNERS = ("mine", "open-source", "employer", "unknown")
REVIEWS = st.sampled_from(("none", "plan", "terminal", "terminal"))
FIRST_ANSWER = st.sampled_from(
    (("mine", True), ("open-source", True), ("employer", True), ("employer", False), (None, False))
)
SAID = st.sampled_from((*OWNERS, None))
FOLDERS = ("work", "work/src", "clone", "clone/src", "copy", "copy/src", "other")
COPIES = ({"work", "clone"}, {"work", "copy"})
"""Which of two repositories can be told to be one: a copy of a clone's source names neither."""


@dataclass(kw_only=True)
class Recording:
    """A sealed session, what was kept of it, and what the model knows of both."""

    folder: str
    session: str
    base: Path
    shared: Path | None = None
    owner: str | None = None
    review: str = "none"


@dataclass(kw_only=True)
class Model:
    """Who the owner is, in plain words; knows nothing of files."""

    entries: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Enabled folder to owner, and whether a person confirmed it."""
    words: dict[str, str] = field(default_factory=dict)
    """Folder to what a person said of it last."""
    said: list[str] = field(default_factory=list)
    """Folders of which somebody said that the code is an employer's."""
    locks: dict[str, set[str]] = field(default_factory=lambda: {one: set() for one in FOLDERS})
    """Folder to the folders whose lock holds over it."""

    def enable(self, folder: str, owner: str | None, *, is_person: bool) -> None:
        before = "employer" if self.locks[folder] else self.entries.get(folder, ("unknown",))[0]
        owner = owner or before
        if not is_person and self.locks[folder]:
            owner = "employer"
        elif owner == "employer":
            self.said.append(folder)
            for one in FOLDERS:
                if reaches(folder, one):
                    self.locks[one].add(folder)
        elif is_person:
            lifted = set(self.locks[folder])
            for one in FOLDERS:
                if is_below(one, folder):
                    self.locks[one] -= lifted
        if is_person:
            self.words[folder] = owner
        self.entries[folder] = (owner, is_person)

    def enabled_over(self, folder: str) -> str | None:
        own = [one for one in self.entries if is_below(folder, one)]
        return max(own, key=len, default=None)

    def sharing(self, folder: str, *, deep: bool = False) -> str | None:
        over = self.enabled_over(folder)
        if self.locks[folder] or (deep and self.locks.get(f"{folder}/src")):
            return "employer"
        if over is None:
            return None
        owner, is_confirmed = self.entries[over]
        if owner == "employer":
            return owner
        is_proven = is_confirmed and owner in FREE and self.words.get(over) == owner
        return owner if is_proven else None

    def basis(
        self, recording: Recording, said: str | None, *, is_person: bool, has_permission: bool
    ) -> str | None:
        """Return the owner that a signature would name; None: nothing may be signed."""
        now = self.sharing(recording.folder)
        known = "employer" if "employer" in (recording.owner, now) else recording.owner or now
        if recording.review not in ("terminal", "plan"):
            return None
        if not is_person and recording.review == "plan":
            return None
        if known == "employer":
            owner = known
        elif known is not None:
            owner = known if said in (None, *FREE) else said
        elif is_person or said not in FREE:
            owner = said or "unknown"
        else:
            return None
        return owner if owner in FREE or (is_person and has_permission) else None


def is_below(folder: str, above: str) -> bool:
    return folder == above or folder.startswith(f"{above}/")


def reaches(said_of: str, folder: str) -> bool:
    """Whether a lock holds over another folder: below it, or the same place of a copy."""
    (one, _, inside), (other, _, place) = said_of.partition("/"), folder.partition("/")
    is_same = one == other or {one, other} in COPIES
    return is_same and (not inside or inside == place)


@contextmanager
def fresh_home() -> Iterator[Path]:
    """Give a folder with a home and the repositories; the home is in the environment."""
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        top = Path(name).resolve()
        patch.setenv("SIGNOFF_HOME", str(top / "home"))
        work = top / "work"
        (work / "src").mkdir(parents=True)
        (work / "src" / "b.py").write_text("b = 1\n")
        (top / "other" / "src").mkdir(parents=True)
        git(work, "init", "-q")
        git(work, "add", ".")
        git(work, "commit", "-qm", "first")
        git(top, "clone", "-q", str(work), str(top / "clone"))
        shutil.copytree(work, top / "copy")
        yield top


def git(folder: Path, *words: str) -> None:
    subprocess.run([find_program("git"), *words], cwd=folder, check=True, timeout=deadline())


def record(home: Home, root: Path, name: str, number: int = 0) -> tuple[str, Path]:
    """Record and seal a session in which one file was typed; return its id and episode."""
    session = make_session(root)
    journal = Journal(root=session.root)
    journal.open(name, "")
    journal.change(name, (0, 0), (0, 0), f"x = {number} # \U0001f600\U00010348\n")
    journal.save(name, f"x = {number} # \U0001f600\U00010348\n")
    journal.write(session.folder)
    end_session(home, session)
    lock = session.try_own()
    assert lock is not None
    with lock:
        sealed = seal_session(session, home, SystemClock())
    return session.id, sealed.path


def review_by_plan(home: Home, base: Path, folder: Path) -> Path:
    """Let a program keep all of an episode; return what it kept."""
    found = find_base(home, str(base))
    last = found.episode.header.steps - 1
    plan = folder / "plan.json"
    keep = {"from_seq": 0, "to_seq": last}
    body = {"base_sha256": found.sha256, "seed": "5e" * 32, "keeps": [keep]}
    plan.write_text(json.dumps(body))
    said = call_signoff("review", base, "--plan", plan, "--leave-open", "99", "--json")
    assert said.code == 0, said
    return Path(str(said.rows()[-1]["episode"]))


def look_at(home: Home, base: Path, shared: Path) -> ReviewRecord:
    """Record what the terminal's review records once a person has seen all of it."""
    plan = parse_plan(shared.with_suffix(".plan.json").read_bytes())
    file, found = read_shared(shared), find_base(home, str(base))
    looked = Looked(file.episode)
    looked.see(files=looked.unseen_files, outputs=looked.unseen_outputs)
    return record_review(home, found, plan, file, mode="terminal", looked=looked)


class Lock(RuleBasedStateMachine):
    """Persons and programs enable, disable, erase, copy, edit, review and sign at random."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.recordings: list[Recording] = []
        self.number = 0

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.around = fresh_home()
        self.top = self.around.__enter__()
        self.home = resolve_home().ensure()
        for folder in ("work", data.draw(st.sampled_from(FOLDERS))):
            self.enable(folder, *data.draw(FIRST_ANSWER))
            self.record(data, data.draw(st.booleans()), data.draw(REVIEWS))

    def teardown(self) -> None:
        self.around.__exit__(None, None, None)

    @rule(folder=st.sampled_from(FOLDERS), owner=SAID, is_person=st.booleans())
    def enable(self, folder: str, owner: str | None, is_person: bool) -> None:
        words = () if owner is None else ("--owner", owner)
        said = call_signoff(
            "enable",
            self.top / folder,
            *words,
            *(() if is_person else ("--yes",)),
            answers={"Whose code": ""} if is_person else None,
        )
        assert said.code == 0, said
        self.model.enable(folder, owner, is_person=is_person)
        stored = Workspaces(self.home).look_up(self.top / folder).workspace
        assert stored is not None
        assert stored.owner.value == self.model.entries[folder][0]

    @rule(folder=st.sampled_from(FOLDERS))
    def ask_whose_it_is(self, folder: str) -> None:
        row = json.loads(call_signoff("status", self.top / folder, "--json").out)["workspace"]
        over = self.model.enabled_over(folder)
        said = None if over is None else self.model.entries[over][0]
        is_locked = self.model.sharing(folder) == "employer"
        assert (row and row["enabled_as"]) == said
        assert (row and row["owner"]) == (said and ("employer" if is_locked else said))

    @rule(folder=st.sampled_from(FOLDERS))
    def disable(self, folder: str) -> None:
        over = self.model.enabled_over(folder)
        said = call_signoff("disable", self.top / folder)
        assert said.code == (10 if over is None else 0), said
        if over is not None:
            del self.model.entries[over]

    @rule(owner=st.sampled_from(FREE))
    def edit_the_opt_ins(self, owner: str) -> None:
        path = self.home.config / "workspaces.json"
        if not self.model.entries:
            return
        document = json.loads(path.read_text())
        for row in document["workspaces"]:
            row |= {"owner": owner, "is_confirmed": True}
        path.write_text(json.dumps(document))
        self.model.entries = dict.fromkeys(self.model.entries, (owner, True))

    @rule(folder=st.sampled_from(FOLDERS))
    def claim_to_be_a_person_in_the_answers(self, folder: str) -> None:
        root = str(self.top / folder)
        body = {"said": "mine", "by": "person", "root": root, "wall_ns": 1, "inside": ""}
        path = self.home.config / "owners.jsonl"
        with path.open("a") as file:
            file.write(json.dumps({"line": json.dumps(body), "seal": "0" * 64}) + "\n")
        path.chmod(0o600)
        self.model.words.clear()
        for one in FOLDERS:
            self.model.locks[one] = {said for said in self.model.said if reaches(said, one)}
        for recording in self.recordings:
            recording.owner = "employer" if recording.owner == "employer" else None
        assert "changed by another program" in call_signoff("status", self.top).out

    @rule(data=st.data(), is_deep=st.booleans(), review=REVIEWS)
    def record(self, data: st.DataObject, is_deep: bool, review: str) -> None:
        if not self.model.entries or len(self.recordings) == 5:
            return
        folder = data.draw(st.sampled_from(sorted(self.model.entries)))
        deep = is_deep and not folder.endswith("/src")
        self.number += 1
        name = "src/b.py" if deep else "a.py"
        session, base = record(self.home, self.top / folder, name, self.number)
        owner = self.model.sharing(folder, deep=deep)
        one = Recording(folder=folder, session=session, base=base, owner=owner)
        self.recordings.append(one)
        self.review(one, review)

    def review(self, one: Recording, review: str) -> None:
        one.review = review
        if review != "none":
            one.shared = review_by_plan(self.home, one.base, self.top)
        if one.shared is not None and review == "terminal":
            look_at(self.home, one.base, one.shared)

    @rule(data=st.data(), review=REVIEWS)
    def review_again(self, data: st.DataObject, review: str) -> None:
        if self.recordings and review != "none":
            self.review(data.draw(st.sampled_from(self.recordings)), review)

    @rule(data=st.data())
    def write_a_review_by_hand(self, data: st.DataObject) -> None:
        reviewed = [one for one in self.recordings if one.shared]
        one = data.draw(st.sampled_from(reviewed)) if reviewed else None
        if one is None or one.shared is None:
            return
        (path,) = [
            path
            for path in (self.home.state / "reviews").glob("*.json")
            if path.name.startswith(one.shared.stem)
        ]
        body = json.loads(path.read_text())
        is_new = body["mode"] != "page"
        path.write_text(json.dumps(body | {"mode": "page", "files_seen": body["files_total"]}))
        one.review = "by hand" if is_new else one.review

    @rule(data=st.data())
    def discard_the_session(self, data: st.DataObject) -> None:
        if not self.recordings:
            return
        one = data.draw(st.sampled_from(self.recordings))
        said = call_signoff("discard", one.session, "--yes")
        assert said.code in (0, 10), said

    @rule(data=st.data())
    def forget_the_episode(self, data: st.DataObject) -> None:
        if len(self.recordings) < 3:
            return
        one = data.draw(st.sampled_from(self.recordings))
        assert call_signoff("forget", one.base.stem, "--yes").code == 0
        self.recordings.remove(one)
        if one.shared is not None:
            assert call_signoff("sign", one.shared, "--to", self.top / "store", "--yes").code == 10

    @rule(data=st.data(), said=SAID, has_permission=st.booleans(), is_copied=st.booleans())
    def sign(
        self, data: st.DataObject, said: str | None, has_permission: bool, is_copied: bool
    ) -> None:
        if not self.recordings:
            return
        one = data.draw(st.sampled_from(self.recordings))
        path = one.shared or one.base
        if is_copied:
            for file in (path, path.with_suffix(".plan.json")):
                if file.exists():
                    shutil.copy(file, self.top)
            path = self.top / path.name
        words = [*(() if said is None else ("--owner", said))]
        words += ["--permission", "new"] if has_permission else []
        for is_person in (False, True):
            self.try_to_sign(one, path, said, words, is_person=is_person)

    def try_to_sign(
        self, one: Recording, path: Path, said: str | None, words: list[str], *, is_person: bool
    ) -> None:
        words = words if is_person else [*words, "--yes"]
        done = call_signoff(
            "sign",
            path,
            "--to",
            self.top / "store",
            *words,
            answers={"Whose code": ""} if is_person else None,
        )
        has_permission = "new" in words
        basis = self.model.basis(one, said, is_person=is_person, has_permission=has_permission)
        who = "a person" if is_person else "a program"
        event(f"{who}: {basis or 'refused'} ({one.review}; recorded as {one.owner})")
        assert (done.code == 0) == (basis is not None), (done, one, self.model)
        if basis is not None:
            rights = parse_statement(read_sign_off(path).statement).predicate.rights
            assert rights.basis == basis
            statement_path(path).unlink()
        else:
            assert done.code == 13, done
            assert not statement_path(path).exists()

    @invariant()
    def the_owner_is_whom_the_model_says(self) -> None:
        workspaces = Workspaces(self.home)
        for folder in FOLDERS:
            owner = workspaces.sharing_owner(self.top / folder)
            assert (None if owner is None else owner.value) == self.model.sharing(folder), folder


TestLock = Lock.TestCase
TestLock.settings = settings(
    max_examples=int(os.environ.get("SIGNOFF_LOCK_EXAMPLES", "12")),
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("way", ["disable", "discard", "enable inside", "all of it"])
@pytest.mark.parametrize("is_person", [True, False])
def test_no_verb_frees_what_was_recorded_as_an_employers(way: str, is_person: bool) -> None:
    with fresh_home() as top:
        home, work = resolve_home().ensure(), top / "work"
        words = () if is_person else ("--yes",)
        answers = {} if is_person else None
        call_signoff("enable", work, "--owner", "employer", *words, answers=answers)
        session, base = record(home, work, "src/b.py")
        shared = review_by_plan(home, base, top)
        look_at(home, base, shared)
        store = top / "store"
        freeing = {
            "disable": [("disable", work)],
            "discard": [("discard", session, "--yes")],
            "enable inside": [("enable", work / "src", "--yes", "--owner", "mine")],
        }
        for verb in freeing.get(way, [one for verbs in freeing.values() for one in verbs]):
            assert call_signoff(*verb).code == 0
        if way == "all of it":
            call_signoff("enable", work, "--yes", "--owner", "mine")
            call_signoff("enable", work, "--owner", "mine", answers={})
        said = call_signoff("sign", shared, "--to", store, "--owner", "mine", "--yes")
        assert (said.code, "an employer's" in said.err) == (13, True), said
        said = call_signoff("sign", shared, "--to", store, "--owner", "mine", answers={})
        assert (said.code, "an employer's" in said.err) == (13, True), said
        assert not statement_path(shared).exists()
