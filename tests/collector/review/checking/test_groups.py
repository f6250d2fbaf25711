"""One kept task of a long day is a handful of decisions; what nobody decides is masked."""

from __future__ import annotations

import pytest
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.odd_day import odd_day
from tests.support.typist import Typist

from signoff_collector.levels.tasks import proposed_tasks
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.review.applying.previews import shared_preview
from signoff_collector.review.checking.groups import AskedItems, Checking, Group
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import Plan, RangeKeep
from signoff_schemas.steps import GitStep, NoteStep

pytestmark = pytest.mark.slow

BASE = "0" * 64
KEY = b"k" * 32
MOST_GROUPS = 30
MOST_DECISIONS = 6


def whole(typist: Typist, **fields: object) -> Plan:
    keep = RangeKeep(from_seq=0, to_seq=typist.seq - 1)
    return Plan.model_validate({"base_sha256": BASE, "keeps": [keep.model_dump()]} | fields)


def only(groups: tuple[Group, ...], kind: str, word: str = "") -> Group:
    (found,) = [group for group in groups if group.kind == kind and word in group.title]
    return found


@pytest.mark.parametrize(("seed", "scale"), [(3, 1.0), (11, 0.2)])
def test_one_kept_task_of_a_day_of_eight_hours_needs_few_decisions(seed: int, scale: float) -> None:
    day, secrets = odd_day(seed, scale=scale)
    base = BaseWalk(day)
    tasks = sorted(proposed_tasks(day), key=lambda one: one.edits)
    keep = RangeKeep(from_seq=tasks[-1].from_seq, to_seq=tasks[-1].to_seq)
    plan = Plan(base_sha256=BASE, keeps=(keep,))
    checking = Checking(day, key=KEY, base=base, residue=[("src/a.py line 3", "word-like")])
    settled = checking.settled(plan)
    found = checking.check(settled, 0)
    assert len(found.groups) <= MOST_GROUPS
    assert found.decisions_needed <= MOST_DECISIONS
    assert {group.kind for group in found.groups} == {
        "novel", "redaction", "name", "output", "entered", "residue",
    }  # fmt: skip
    assert all(group.state == "masked" for group in found.groups if not group.needs_decision
               and group.kind not in {"name", "residue"})  # fmt: skip
    plain = shared_preview(plan, base, 0)
    text = f"{plain.episode.steps} {plain.episode.blobs!r}"
    planted = [value for value in secrets if value in text]
    assert len(planted) > 10
    assert leaks_in_bytes(shared_preview(settled, base, 0).data, planted[:MOST_GROUPS]) == []
    assert checking.settled(settled) == settled


def typed_oddities() -> tuple[Typist, str, str]:
    """A secret of no known kind, typed and retyped, and a word of the developer's own."""
    secret, word = random_secret(41), "zorquavblim"
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀 start\n")
    typist.begin_task("Add it")
    typist.type_at_end("src/a.py", f"x = {secret}\n")
    typist.backspace("src/a.py", len(typist.texts["src/a.py"]) - 4, 14)
    typist.wait(20_000)
    typist.type_at_end("src/a.py", f"\n{word}_client({word})\n")
    typist.save("src/a.py")
    typist.add(NoteStep, text=f"😀🚀 said {secret} about {word}")
    return typist, secret, word


def test_a_token_that_looks_random_is_masked_by_default_with_its_half_typed_forms() -> None:
    typist, secret, word = typed_oddities()
    checking = Checking(typist.episode(), key=KEY)
    plan = checking.settled(whole(typist))
    shared = shared_preview(plan, BaseWalk(typist.episode()), 0)
    assert leaks_in_episode(shared.episode, [secret]) == []
    assert leaks_in_bytes(shared.data, [secret]) == []
    assert word in str(shared.episode.steps)


def test_a_word_of_ones_own_is_shown_until_it_is_masked_and_again_when_accepted() -> None:
    typist, _, word = typed_oddities()
    checking, base = Checking(typist.episode(), key=KEY), BaseWalk(typist.episode())
    plan = checking.settled(whole(typist))
    group = only(checking.check(plan, 0).groups, "novel", "word")
    assert (group.state, group.needs_decision) == (None, True)
    assert word in group.samples[0].context
    masked = checking.decide(plan, 0, frozenset(), group.id, "mask")
    assert only(checking.check(masked.plan, 0).groups, "novel", "word").state == "masked"
    assert leaks_in_bytes(shared_preview(masked.plan, base, 0).data, [word]) == []
    shown = checking.decide(masked.plan, 0, masked.accepted, group.id, "accept")
    assert len(shown.accepted) == group.count
    found = checking.check(shown.plan, 0, shown.accepted)
    assert only(found.groups, "novel", "word").state == "accepted"
    assert checking.settled(shown.plan, shown.accepted) == plan


def test_what_was_accepted_is_asked_again_when_there_is_more_of_it() -> None:
    typist, _, _ = typed_oddities()
    checking = Checking(typist.episode(), key=KEY)
    plan = checking.settled(whole(typist))
    group = only(checking.check(plan, 0).groups, "novel", "random")
    shown = checking.decide(plan, 0, frozenset(), group.id, "accept")
    assert shown.plan.mask_texts == ()
    typist.type_at_end("src/a.py", f"y = {random_secret(42)}\n")
    later = Checking(typist.episode(), key=KEY)
    again = later.settled(whole(typist), shown.accepted)
    found = only(later.check(again, 0, shown.accepted).groups, "novel", "random")
    assert found.state == "mixed"
    shared = shared_preview(again, BaseWalk(typist.episode()), 0)
    assert leaks_in_bytes(shared.data, [random_secret(42)]) == []


def test_a_word_that_joins_an_accepted_family_is_asked_about() -> None:
    typist = Typist()
    typist.open("src/a.py", "# \U0001f600\U0001f680\n")
    typist.type_at_end("src/a.py", "zorquavblim_client = 1\n")
    typist.save("src/a.py")
    checking = Checking(typist.episode(), key=KEY)
    group = only(checking.check(whole(typist), 0).groups, "novel")
    shown = checking.decide(whole(typist), 0, frozenset(), group.id, "accept")
    typist.type_at_end("src/a.py", "zorquavblim_server = 2\n")
    typist.save("src/a.py")
    later = Checking(typist.episode(), key=KEY)
    again = only(later.check(whole(typist), 0, shown.accepted).groups, "novel")
    assert (again.left, again.state, again.needs_decision) == (1, None, True)


def test_an_accepted_group_takes_nothing_from_what_another_masks() -> None:
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀\n")
    line = "zorquavblim" + "q" * 220
    typist.command(["make"], f"{line}\n😀🚀\n")
    episode, plan = typist.episode(), whole(typist)
    checking = Checking(episode, key=KEY)
    groups = [one for one in checking.check(plan, 0).groups if "mask" in one.actions]
    output = next(one for one in groups if one.kind == "output")
    (novel,) = [one for one in groups if one.kind == "novel"]
    plan = checking.decide(plan, 0, frozenset(), novel.id, "mask").plan
    plan = checking.decide(plan, 0, frozenset(), output.id, "mask").plan
    done = checking.decide(plan, 0, frozenset(), output.id, "accept")
    shared = shared_preview(done.plan, BaseWalk(episode), 0)
    assert leaks_in_bytes(shared.data, ["zorquavblim", "q" * 30]) == []


def test_text_that_came_in_is_asked_about_again_when_it_is_another_of_the_same_length() -> None:
    states = set[str]()
    for word in ("before = 1", "behind = 2"):
        typist = Typist()
        typist.open("src/a.py", "# 😀🚀\n")
        typist.type_at_end("src/a.py", f"{word}\n")
        start = typist.seq
        typist.type_at_end("src/a.py", "during = 1\n")
        keep = RangeKeep(from_seq=start, to_seq=typist.seq - 1)
        checking = Checking(typist.episode(), key=KEY)
        plan = Plan(base_sha256=BASE, keeps=(keep,))
        group = only(checking.check(plan, 0).groups, "entered")
        asked = AskedItems(group=group.id, first=0, count=9, find="")
        (item,) = checking.items(plan, 0, frozenset(), asked).items
        states.add(item.id)
    assert len(states) == 2


def test_text_that_came_in_can_be_masked_or_left_out_of_the_task() -> None:
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀\n")
    typist.open("lib/b.py", "# 😀🚀\n")
    typist.type_at_end("src/a.py", "before_the_task = 1\n")
    typist.type_at_end("lib/b.py", "another_file = 1\n")
    start = typist.seq
    typist.type_at_end("src/a.py", "during = 1\n")
    typist.save("src/a.py")
    keep = RangeKeep(from_seq=start, to_seq=typist.seq - 1)
    plan = Plan(base_sha256=BASE, keeps=(keep, keep))
    base = BaseWalk(typist.episode())
    checking = Checking(typist.episode(), key=KEY, base=base)
    groups = checking.check(plan, 0).groups
    mine, other = only(groups, "entered", "of this task"), only(groups, "entered", "not touch")
    done = checking.decide(plan, 0, frozenset(), other.id, "cut_file")
    done = checking.decide(done.plan, 0, frozenset(), mine.id, "mask")
    shared = shared_preview(done.plan, base, 0)
    assert leaks_in_bytes(shared.data, ["before_the_task", "another_file", "lib/b.py"]) == []
    assert "during" in str(shared.episode.edits.text)
    assert "another_file" in str(shared_preview(done.plan, base, 1).episode.blobs)


def test_masks_are_shown_with_surroundings_and_lead_to_their_originals() -> None:
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀\n")
    typist.type_at_end("src/a.py", f'token = "{random_secret(44)}"  # 😀🚀\n')
    typist.add(GitStep, operation="checkout", branch="wip/zorquav")
    episode = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    checking = Checking(episode, key=KEY)
    plan = Plan(base_sha256=BASE, keeps=(RangeKeep(from_seq=0, to_seq=episode.step_count - 1),))
    groups = checking.check(plan, 0).groups
    group = only(groups, "redaction")
    assert group.samples[0].context.startswith('token = "REDACTED_TOKEN_1"')
    assert (group.state, group.needs_decision) == ("masked", False)
    assert checking.placeholders(group.id) == ("REDACTED_TOKEN_1",)
    assert only(groups, "name", "branch").actions == ("accept", "mask", "show")
    with pytest.raises(UsageError):
        checking.placeholders(only(groups, "name", "branch").id)


def test_the_name_of_a_branch_that_everybody_has_is_no_decision() -> None:
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀\n")
    typist.type_at_end("src/a.py", "value = 1  # 😀🚀\n")
    for branch in ("main", "HEAD", "wip/zorquav", "master"):
        typist.add(GitStep, operation="checkout", branch=branch)
    plan = whole(typist)
    group = only(Checking(typist.episode(), key=KEY).check(plan, 0).groups, "name", "branch")
    assert [sample.context for sample in group.samples] == ["wip/zorquav"]


def test_ids_of_groups_hold_no_value_and_are_others_with_another_key() -> None:
    typist, secret, word = typed_oddities()
    plan = whole(typist)
    one = Checking(typist.episode(), key=KEY).check(plan, 0).groups
    other = Checking(typist.episode(), key=b"o" * 32).check(plan, 0).groups
    assert {group.id for group in one}.isdisjoint({group.id for group in other})
    assert all(secret not in group.id and word not in group.id for group in one)
    assert len({group.id for group in one}) == len(one)


def test_an_action_that_a_group_does_not_know_is_refused() -> None:
    typist, _, _ = typed_oddities()
    checking = Checking(typist.episode(), key=KEY)
    plan = whole(typist)
    group = only(checking.check(plan, 0).groups, "novel", "word")
    for name, action in (("0" * 16, "mask"), (group.id, "cut_file"), (group.id, "erase")):
        with pytest.raises(UsageError):
            checking.decide(plan, 0, frozenset(), name, action)


def test_a_name_of_a_file_tells_how_many_steps_name_it() -> None:
    typist = Typist()
    typist.open("src/zorquavblim.py", "# 😀🚀\n")
    typist.type_at_end("src/zorquavblim.py", "value = 1  # 😀🚀\n")
    typist.save("src/zorquavblim.py")
    typist.open("src/main.py", "# 😀🚀\n")
    groups = Checking(typist.episode(), key=KEY).check(whole(typist), 0).groups
    places = {group.samples[0].path: group.places for group in groups if group.kind == "name"}
    assert places == {"src/zorquavblim.py": 3, "src/main.py": 1}
