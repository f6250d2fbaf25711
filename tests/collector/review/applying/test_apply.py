"""What a plan keeps replays as it did; what it takes out is gone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.episode.moments.tree_hash import tree_sha256
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.review.applying.apply import apply, apply_keep
from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.seal.steps.command_authors import (
    STARTED_AS_JOB,
    TYPED_LINE,
    take_author,
)
from signoff_schemas.errors import DamagedError, UsageError
from signoff_schemas.plan import FieldMask, Plan, RangeCut, RangeKeep, TaskKeep, TextMask
from signoff_schemas.steps import (
    CheckpointStep,
    CommandStep,
    EnvironmentStep,
    GapStep,
    GitStep,
    NoteStep,
    OpenStep,
    TestsStep,
    ViewStep,
)
from signoff_schemas.values import Actor
from signoff_schemas.words import Basis, GapReason

BASE = "0" * 64


def plan(**fields: object) -> Plan:
    return Plan.model_validate({"base_sha256": BASE} | fields)


def two_tasks() -> tuple[Typist, str, str]:
    """Two tasks in one file; returns what was typed in each."""
    one, two = random_secret(1), random_secret(2)
    typist = Typist(cursors=True)
    typist.open("src/a.py", "# 😀🚀\n")
    typist.open("lib/only_seen.py", "unseen = 1\nseen = 2\nunseen_too = 3\n")
    typist.begin_task("first task")
    typist.type_at_end("src/a.py", f"first {one}\n")
    typist.save("src/a.py")
    typist.wait(30_000)
    typist.begin_task("second task")
    typist.add(ViewStep, path="lib/only_seen.py", buffer=0, visible=({"first": 1, "last": 1},))
    typist.type_at_end("src/a.py", f"second {two}\n")
    typist.save("src/a.py")
    typist.command(["pytest", "-q"], "1 passed\n")
    return typist, one, two


def test_no_keep_gives_no_episode() -> None:
    typist, _, _ = two_tasks()
    assert apply(plan(), typist.episode()) == []


def test_each_kept_task_is_an_episode_of_its_own() -> None:
    typist, one, two = two_tasks()
    first, second = apply(plan(keeps=[TaskKeep(task=0), TaskKeep(task=1)]), typist.episode())
    assert leaks_in_episode(first, [two]) == []
    assert Moments(first).disk("src/a.py", first.step_count) == f"# 😀🚀\nfirst {one}\n"
    assert Moments(second).disk("src/a.py", second.step_count) == typist.disk["src/a.py"]
    assert first.header.session != second.header.session
    assert first.header.origin == "shared"
    for episode in (first, second):
        data = write_episode(episode)
        assert strict_check(data) == read_episode(data)
        assert check_replay(episode).mismatches == ()
        assert episode.steps[0].t_ns == 0
        assert {step.task for step in episode.steps} <= {0, None}


def test_text_from_before_a_keep_enters_once_and_is_listed() -> None:
    typist, one, _ = two_tasks()
    keep = TaskKeep(task=1)
    (second,) = apply(plan(keeps=[keep]), typist.episode())
    resyncs = [step for step in second.steps if getattr(step, "reason", "") == "cut"]
    assert {step.path for step in resyncs} == {"src/a.py", "lib/only_seen.py"}
    applied = apply_keep(plan(keeps=[keep]), BaseWalk(typist.episode()), 0)
    assert {one.path for one in applied.entered} == {"src/a.py", "lib/only_seen.py"}
    assert one in str(Moments(second).disk("src/a.py", 3))


def test_text_born_and_dead_inside_a_cut_is_gone() -> None:
    gone = random_secret(3)
    typist, _, _ = two_tasks()
    start = typist.seq
    typist.type("src/a.py", 0, gone)
    typist.backspace("src/a.py", len(gone), len(gone))
    typist.save("src/a.py")
    end = typist.seq - 1
    typist.type_at_end("src/a.py", "after\n")
    typist.save("src/a.py")
    keep = RangeKeep(from_seq=0, to_seq=typist.seq - 1)
    (shared,) = apply(
        plan(keeps=[keep], cut_ranges=[RangeCut(from_seq=start, to_seq=end)]), typist.episode()
    )
    assert leaks_in_episode(shared, [gone]) == []
    assert leaks_in_bytes(write_episode(shared), [gone]) == []
    gaps = [step for step in shared.steps if isinstance(step, GapStep)]
    assert [gap.reason for gap in gaps] == [GapReason.WITHHELD]
    assert Moments(shared).disk("src/a.py", shared.step_count) == typist.disk["src/a.py"]


def test_a_private_reason_cannot_be_told_from_another_by_what_stands_beside_it() -> None:
    typist, _, _ = two_tasks()
    minute = 60 * 10**9
    told: tuple[dict[str, object], ...] = (
        {"reason": GapReason.PRIVATE, "count": 3, "basis": Basis.OBSERVED},
        {"reason": GapReason.PAUSED, "basis": Basis.OBSERVED},
        {"reason": GapReason.FORGOTTEN},
    )
    for fields in told:
        typist.add(GapStep, duration_ns=minute, **fields)
    typist.add(
        GapStep, reason=GapReason.TOO_LARGE, path="big 😀🚀.bin", over_bytes=1 << 23,
        basis=Basis.OBSERVED, last_input_ns=5,
    )  # fmt: skip
    typist.add(GapStep, reason=GapReason.SUSPENDED, duration_ns=minute, basis=Basis.OBSERVED)
    keep = RangeKeep(from_seq=0, to_seq=typist.seq - 1)
    (shared,) = apply(plan(keeps=[keep]), typist.episode())
    gaps = [step for step in shared.steps if isinstance(step, GapStep)]
    withheld = [step for step in gaps if step.reason is GapReason.WITHHELD]
    assert len(withheld) == len(told)
    own = {"seq": 0, "t_ns": 0}
    assert len({step.model_copy(update=own).model_dump_json() for step in withheld}) == 1
    large = next(step for step in gaps if step.reason is GapReason.TOO_LARGE)
    assert (large.over_bytes, large.last_input_ns) == (1 << 23, None)
    assert any(step.reason is GapReason.SUSPENDED for step in gaps)


def test_a_cut_file_is_gone_with_its_name_and_later_tests_cannot_be_run() -> None:
    typist, one, two = two_tasks()
    typist.open("other.py", "x = '😀🚀'\n")
    typist.add(TestsStep, run_id="7", framework="pytest", unsaved_paths=("src/a.py",))
    keep = RangeKeep(from_seq=0, to_seq=typist.seq - 1)
    (shared,) = apply(plan(keeps=[keep], cut_files=[0]), typist.episode())
    assert leaks_in_episode(shared, [one, two, "src/a.py"]) == []
    (tests,) = [step for step in shared.steps if isinstance(step, TestsStep)]
    assert tests.runnable is False
    assert tests.run_id.startswith("run-id-")


def test_a_masked_span_is_gone_from_every_state() -> None:
    typist, one, two = two_tasks()
    text = typist.texts["src/a.py"]
    last = typist.seq - 1
    typist.add(NoteStep, text=f"note on {one}")
    masks = [
        TextMask(after_seq=last, file=0, buffer=0, start=text.index(one), length=len(one)),
        TextMask(after_seq=last, file=0, start=text.index(two), length=len(two)),
    ]
    field = FieldMask(seq=last + 1, field="/text", start=8, length=len(one))
    keep = RangeKeep(from_seq=0, to_seq=typist.seq - 1)
    (shared,) = apply(plan(keeps=[keep], mask_texts=masks, mask_fields=[field]), typist.episode())
    assert leaks_in_episode(shared, [one, two]) == []
    text = str(Moments(shared).disk("src/a.py", shared.step_count))
    assert text == "# 😀🚀\nfirst REDACTED_MASK_1\nsecond REDACTED_MASK_2\n"
    assert check_replay(shared).mismatches == ()
    assert shared.header.redaction["MASK"] == 2


def test_files_only_opened_carry_the_lines_that_were_seen() -> None:
    typist, _, _ = two_tasks()
    (second,) = apply(plan(keeps=[TaskKeep(task=1)]), typist.episode())
    assert Moments(second).disk("lib/only_seen.py", second.step_count) == (
        "REDACTED_UNVIEWED_1\nseen = 2\nREDACTED_UNVIEWED_1"
    )
    (whole,) = apply(plan(keeps=[TaskKeep(task=1)], whole_files=[1]), typist.episode())
    assert "unseen_too" in str(Moments(whole).disk("lib/only_seen.py", whole.step_count))


def test_text_typed_while_paused_is_masked_unless_the_plan_says_otherwise() -> None:
    hidden = random_secret(4)
    typist, _, _ = two_tasks()
    text = typist.texts["src/a.py"] + f"{hidden}\n"
    seq = typist.seq
    typist.open("src/a.py", text, reason="anchor", while_paused=True)
    typist.save("src/a.py")
    typist.type_at_end("src/a.py", "later\n")
    keep = RangeKeep(from_seq=0, to_seq=typist.seq - 1)
    (shared,) = apply(plan(keeps=[keep]), typist.episode())
    assert leaks_in_episode(shared, [hidden]) == []
    (ticked,) = apply(plan(keeps=[keep], paused_texts=[seq]), typist.episode())
    assert hidden in str(Moments(ticked).disk("src/a.py", ticked.step_count))


def test_placeholders_and_pseudonyms_are_other_ones_in_each_shared_episode() -> None:
    typist = Typist()
    typist.open("a.py", "# 😀🚀\n")
    typist.begin_task("one")
    typist.type_at_end("a.py", f'token = "{random_secret(5)}"\n')
    typist.begin_task("two")
    typist.type_at_end("a.py", f'token = "{random_secret(6)}"\n')
    typist.commit("by branch-0123456789ab")
    redacted = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    keep = RangeKeep(from_seq=redacted.step_count - 3, to_seq=redacted.step_count - 1)
    one, other = apply(plan(keeps=[keep, keep]), redacted)
    assert one.steps != other.steps
    assert one.edits == other.edits
    text = str(Moments(one).buffer("a.py", 0, one.step_count))
    assert "REDACTED_TOKEN_1" in text
    assert "REDACTED_TOKEN_2" in text


def test_the_id_of_a_session_which_tells_the_time_is_a_pseudonym_wherever_it_stands() -> None:
    own, other = "20261125T102958Z-e1d7e98c", "20261124T080001Z-00c0ffee"
    typist = Typist()
    typist.open("a.py", "# 😀🚀\n")
    typist.type_at_end("a.py", "x\n")
    typist.command(["signoff", "restore", ".", "--session", own], f"Session {other}, sealed\n")
    episode = typist.episode()
    header = episode.header.model_copy(update={"session": own})
    keep = RangeKeep(from_seq=0, to_seq=typist.seq - 1)
    (shared,) = apply(plan(keeps=[keep]), replace(episode, header=header))
    data = write_episode(shared)
    (command,) = (step for step in shared.steps if isinstance(step, CommandStep))
    assert command.argv[-1] == shared.header.session
    assert command.output is not None
    assert command.output.head.startswith("Session session-")
    for text in (own, other, "T102958", "T080001"):
        assert text not in str(shared.steps) + str(shared.header)
        assert text.encode() not in data


def test_an_environment_tells_only_what_the_kept_files_use() -> None:
    typist = Typist()
    typist.add(
        EnvironmentStep,
        env=0,
        os="Linux 6.1.0-13-corp",
        interpreters={"python": "3.11.7"},
        distributions={"numpy": "2.0", "my-company-tool": "1", "pytest": "9"},
        installed={"numpy": "2.0+corp7", "my_company_tool": "1", "Charset.Normalizer": "3"},
        installed_unnamed=2,
        lock_files={"uv.lock": "0" * 64},
        tools={"pytest-xdist": "3.8.0", "pytest_my_company": "1", "container": "docker"},
        variables=("COMPANY_VPN",),
        container_digest="sha256:1",
    )
    typist.open("a.py", "import numpy as np  # 😀🚀\n")
    typist.begin_task("t")
    typist.type_at_end("a.py", "x = 1\n")
    typist.add(TestsStep, run_id="1", framework="pytest", env=0)
    (shared,) = apply(plan(keeps=[TaskKeep(task=0)]), typist.episode())
    (environment,) = [step for step in shared.steps if isinstance(step, EnvironmentStep)]
    assert environment.distributions == {"numpy": "2.0", "pytest": "9"}
    assert environment.installed == {"numpy": "2.0", "Charset.Normalizer": "3"}
    assert environment.installed_unnamed == 3
    assert environment.lock_files == {"uv.lock": "withheld"}
    assert environment.tools == {"pytest-xdist": "3.8.0", "container": "docker"}
    assert environment.variables == ()
    assert environment.container_digest is None
    assert environment.os == "Linux"
    assert environment.interpreters == {"python": "3.11.7"}
    (tests,) = [step for step in shared.steps if isinstance(step, TestsStep)]
    assert tests.env == environment.env == 0
    whole = plan(keeps=[TaskKeep(task=0)], whole_environment=True)
    (told,) = apply(whole, typist.episode())
    assert "COMPANY_VPN" in str(told.steps)
    assert "my_company_tool" in str(told.steps)


def test_hashes_of_files_that_are_not_in_the_episode_are_withheld() -> None:
    typist, _, _ = two_tasks()
    unseen = {"path": "private/pin.txt", "sha256": "5" * 64, "size_bytes": 4, "mode": "100644"}
    typist.add(CheckpointStep, disk=(unseen,), tree_sha256="6" * 64)
    keep = RangeKeep(from_seq=0, to_seq=typist.seq - 1)
    (shared,) = apply(plan(keeps=[keep]), typist.episode())
    (checkpoint,) = [step for step in shared.steps if isinstance(step, CheckpointStep)]
    assert checkpoint.tree_sha256 == tree_sha256(Moments(shared), checkpoint.seq) != "6" * 64
    assert [(item.sha256, item.size_bytes) for item in checkpoint.disk] == [("withheld", None)]
    redacted = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    (checkpoint,) = [step for step in redacted.steps if isinstance(step, CheckpointStep)]
    assert [item.sha256 for item in checkpoint.disk] == ["withheld"]


def test_commits_are_named_only_where_the_plan_names_the_repository() -> None:
    typist, _, _ = two_tasks()
    first, second = "commit-aaaaaaaaaaaa", "commit-bbbbbbbbbbbb"
    typist.add(
        GitStep,
        operation="commit",
        head_before=first,
        head_after=second,
        parents=(first,),
        message=f"Mend {second}",
    )
    keep = RangeKeep(from_seq=0, to_seq=typist.seq - 1)
    episode = typist.episode()
    base = episode.header.base.model_copy(update={"commit": first})
    episode = replace(episode, header=episode.header.model_copy(update={"base": base}))
    named = {
        "url": "https://example.org/ada/tally",
        "spdx": "MIT",
        "commits": {first: "1" * 40},
    }
    (shared,) = apply(plan(keeps=[keep], name_repository=named), episode)
    (step,) = [step for step in shared.steps if isinstance(step, GitStep)]
    assert (step.head_before, step.parents) == ("1" * 40, ("1" * 40,))
    assert step.head_after not in (None, second, "1" * 40)
    assert step.message == f"Mend {step.head_after}"
    told = shared.header.base
    assert (told.commit, told.repository, told.spdx) == ("1" * 40, named["url"], "MIT")
    (unnamed,) = apply(plan(keeps=[keep]), episode)
    assert "1" * 40 not in str(unnamed.steps) + str(unnamed.header)
    assert unnamed.header.base.repository is None


def test_times_of_typing_are_whole_seconds_with_keys_spread_evenly() -> None:
    typist = Typist(key_ms=137)
    typist.open("a.py", "# 😀🚀\n")
    typist.wait(5_321)
    typist.type_at_end("a.py", "abcdefghij")
    typist.wait(4_000)
    typist.save("a.py")
    keep = RangeKeep(from_seq=0, to_seq=typist.seq - 1)
    (shared,) = apply(plan(keeps=[keep]), typist.episode())
    times = shared.edits.t_ns.tolist()
    assert times[0] == 5_000_000_000
    assert times[-1] == 6_000_000_000
    steps = {b - a for a, b in pairwise(times)}
    assert max(steps) - min(steps) <= 1_000_000
    (exact,) = apply(plan(keeps=[keep], time_resolution="exact"), typist.episode())
    assert exact.edits.t_ns.tolist() == typist.episode().edits.t_ns.tolist()
    assert shared.header.started_wall_ns is None


@pytest.mark.parametrize(
    ("code", "command", "told"),
    [
        ("import psycopg  # 😀🚀\n", "pytest", ("postgresql",)),
        ("x = 1\n", "REDIS_URL=redis://localhost pytest", ("redis",)),
        ("x = 1\n", "pytest", ()),
    ],
)
def test_a_service_is_told_only_where_the_episode_speaks_of_it(
    code: str, command: str, told: tuple[str, ...]
) -> None:
    typist = Typist()
    typist.open("a.py", code)
    typist.begin_task("t")
    typist.type_at_end("a.py", "y = 2\n")
    beside = ("mysql", "postgresql", "redis", "corp-ledger redis")
    typist.add(TestsStep, run_id="1", framework="pytest", services=beside)
    typist.add(CommandStep, line=command)
    (shared,) = apply(plan(keeps=[TaskKeep(task=0)]), typist.episode())
    (run,) = [step for step in shared.steps if isinstance(step, TestsStep)]
    assert run.services == told
    (whole,) = apply(plan(keeps=[TaskKeep(task=0)], whole_environment=True), typist.episode())
    assert "mysql" in str(whole.steps)


def test_who_ran_a_command_and_on_what_that_rests_is_shared() -> None:
    typist = Typist()
    typist.open("a.py", "# 😀🚀\n")
    typist.begin_task("t")
    said: dict[str, Actor] = {}
    for line, fields in {
        "typed 😀": {TYPED_LINE: True, STARTED_AS_JOB: True},
        "job 🚀": {STARTED_AS_JOB: True},
        "agent": {"agent_marker": "claude-code", STARTED_AS_JOB: True},
        "script": {},
    }.items():
        told: dict[str, object] = {"line": line, **fields}
        take_author(told)
        assert isinstance(told["actor"], Actor)
        said[line] = told["actor"]
        typist.add(CommandStep, **told)
        typist.add(TestsStep, run_id=line, framework="pytest", actor=told["actor"])
    redacted = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    (shared,) = apply(plan(keeps=[TaskKeep(task=0)]), redacted)
    read = read_episode(write_episode(shared))
    assert {s.line: s.actor for s in read.steps if isinstance(s, CommandStep)} == said
    assert [s.actor for s in read.steps if isinstance(s, TestsStep)] == list(said.values())
    assert len({actor.cls for actor in said.values()}) == 3


def test_the_day_is_told_only_where_the_plan_says_so_and_nothing_finer() -> None:
    typist, _, _ = two_tasks()
    late_ns = 1_795_564_799 * 1_000_000_000  # 2026-11-24, a second before midnight
    episode = typist.episode()
    header = episode.header.model_copy(
        update={"started_wall_ns": late_ns, "captured_on": "2026-11-24"}
    )
    dated = replace(episode, header=header)
    keeps = [TaskKeep(task=0), TaskKeep(task=1)]
    for one in apply(plan(keeps=keeps), dated):
        assert (one.header.captured_on, one.header.started_wall_ns) == (None, None)
    told = apply(plan(keeps=keeps, wall_clock=True), dated)
    assert [one.header.captured_on for one in told] == ["2026-11-24", "2026-11-25"]
    assert [one.header.started_wall_ns for one in told] == [None, None]
    finer = replace(told[0], header=told[0].header.model_copy(update={"started_wall_ns": late_ns}))
    with pytest.raises(DamagedError, match="time of day"):
        strict_check(write_episode(finer))
    odd = replace(episode, header=header.model_copy(update={"started_wall_ns": 1 << 80}))
    (shown,) = apply(plan(keeps=keeps[:1], wall_clock=True), odd)
    assert shown.header.captured_on == "2026-11-24"


@pytest.mark.parametrize(
    "fields",
    [
        {"keeps": [TaskKeep(task=9)]},
        {"keeps": [RangeKeep(from_seq=0, to_seq=999_999)]},
        {"cut_files": [9]},
        {"mask_texts": [TextMask(after_seq=3, file=0, buffer=0, start=9_000, length=1)]},
        {"mask_texts": [TextMask(after_seq=3, file=9, start=0, length=1)]},
        {
            "keeps": [RangeKeep(from_seq=0, to_seq=3)],
            "cut_ranges": [RangeCut(from_seq=0, to_seq=5)],
        },
    ],
)
def test_a_plan_for_another_episode_is_refused(fields: dict[str, object]) -> None:
    typist, _, _ = two_tasks()
    keeps = {"keeps": [RangeKeep(from_seq=0, to_seq=5)]}
    with pytest.raises(UsageError):
        apply(plan(**(keeps | fields)), typist.episode())


# Any plan


@st.composite
def sessions(draw: st.DrawFn) -> Typist:
    typist = Typist(cursors=draw(st.booleans()))
    typist.open("a.py", "# 😀🚀\n")
    typist.begin_task("t")
    paths = ["a.py"]
    for number in range(draw(st.integers(3, 14))):
        path = draw(st.sampled_from(paths))
        length = len(typist.texts[path])
        match draw(st.integers(0, 7)):
            case 0 | 1:
                text = draw(st.text(st.sampled_from("ab\n😀🚀"), min_size=1, max_size=6))
                typist.type(path, draw(st.integers(0, length)), text)
            case 2:
                start = draw(st.integers(0, length))
                typist.edit(path, start, draw(st.integers(0, length - start)), "pasted\n")
            case 3:
                typist.save(path)
            case 4:
                typist.close(path)
                typist.add(OpenStep, path=path, buffer=0)
                typist.texts[path] = typist.disk.get(path, "")
            case 5:
                path = f"f{number}.py"
                paths.append(path)
                typist.open(path, draw(st.sampled_from(["", "x = 1\n", "😀🚀"])))
            case 6:
                typist.begin_task(f"t{number}")
            case _:
                typist.command(["make"], "out\n")
        typist.wait(draw(st.sampled_from([0, 300, 5_000])))
    return typist


@given(typist=sessions(), data=st.data())
def test_every_kept_moment_of_any_plan_replays_as_it_was(
    typist: Typist, data: st.DataObject
) -> None:
    episode = typist.episode()
    last = episode.step_count - 1
    first = data.draw(st.integers(0, last))
    keep = RangeKeep(from_seq=first, to_seq=data.draw(st.integers(first, last)))
    cuts = []
    if data.draw(st.booleans()):
        low = data.draw(st.integers(keep.from_seq, keep.to_seq))
        cuts.append(RangeCut(from_seq=low, to_seq=data.draw(st.integers(low, keep.to_seq))))
    try:
        (shared,) = apply(
            plan(keeps=[keep], cut_ranges=cuts, whole_files=list(range(len(episode.files)))),
            episode,
        )
    except UsageError:
        return
    data_bytes = write_episode(shared)
    assert strict_check(data_bytes) == read_episode(data_bytes)
    assert check_replay(shared).mismatches == ()
    _compare_moments(episode, shared, keep, cuts)


def _compare_moments(
    episode: Episode, shared: Episode, keep: RangeKeep, cuts: list[RangeCut]
) -> None:
    """Compare the state after each kept step with the state after its twin."""
    before, after = Moments(episode), Moments(shared)
    kept = [
        seq
        for seq in range(keep.from_seq, keep.to_seq + 1)
        if not any(cut.from_seq <= seq <= cut.to_seq for cut in cuts)
    ]
    ours = [step.seq for step in shared.ordered() if getattr(step, "source", "") != "review"]
    assert len(kept) == len(ours)
    for old, new in zip(kept, ours, strict=True):
        for path in shared.files:
            assert before.buffer(path, 0, old) == after.buffer(path, 0, new)
            assert before.disk(path, old) == after.disk(path, new)
