"""Each item of a group is decided on by itself, and its number is what an action changes."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from benchmarks.made_days.day import make_day
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.leaks import leaks_in_bytes, leaks_in_episode
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.redaction.texts.texts import TextStates
from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.review.applying.previews import shared_preview
from signoff_collector.review.checking.check_lines import group_line, item_line
from signoff_collector.review.checking.groups import REST, AskedItems, Checking, Group, ItemRow
from signoff_collector.review.plan.value_masks import masks_for_value
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import Plan, RangeKeep
from signoff_schemas.steps import GitStep, NoteStep

BASE = "0" * 64
KEY = b"k" * 32
MOST_DECISIONS = 6
WORDS = ("zorquavblim", "wugfropvosh", "krundsnorv")
PLACEHOLDER = re.compile(r"REDACTED_MASK_\d+")
ALL = 10_000


def plan_of(episode: Episode, first: int = 0) -> Plan:
    keep = RangeKeep(from_seq=first, to_seq=episode.step_count - 1)
    return Plan(base_sha256=BASE, keeps=(keep,), whole_files=tuple(range(len(episode.files))))


def items(
    checking: Checking,
    plan: Plan,
    group: Group,
    find: str = "",
    accepted: frozenset[str] = frozenset(),
) -> list[ItemRow]:
    asked = AskedItems(group=group.id, first=0, count=ALL, find=find)
    return list(checking.items(plan, 0, accepted, asked).items)


def group_of(checking: Checking, plan: Plan, kind: str) -> Group:
    (found,) = [group for group in checking.check(plan, 0).groups if group.kind == kind]
    return found


def placeholders_in(episode: Episode) -> int:
    """The plain model: count masks in all states, the same characters once, and in all strings."""
    states = TextStates(episode)
    seen: set[tuple[int, ...]] = set()
    for _ in states.walk():
        for text in states.texts.values():
            for match in PLACEHOLDER.finditer(text.chars):
                seen.add(tuple(text.ids_of(match.start(), match.end())))
    said = [text for step in episode.steps for _, text in strings_of(step)]
    return len(seen) + sum(len(PLACEHOLDER.findall(text)) for text in said)


@dataclass(frozen=True)
class Deed:
    what: str
    word: str
    times: int


DEEDS = st.lists(
    st.builds(
        Deed,
        st.sampled_from(["open", "type", "type and take back", "output", "note", "save"]),
        st.sampled_from(WORDS),
        st.integers(1, 4),
    ),
    min_size=2,
    max_size=9,
)


def recorded(deeds: list[Deed]) -> Typist:
    typist = Typist()
    typist.open("src/a.py", "# \U0001f600\U0001f680 start\n")
    for number, deed in enumerate(deeds):
        line = " ".join([deed.word] * deed.times) + "\n"
        match deed.what:
            case "open":
                typist.open(f"src/other_{number}.py", f"# \U0001f600\U0001f680\n{line}")
            case "type":
                typist.type_at_end("src/a.py", line)
            case "type and take back":
                typist.type_at_end("src/a.py", line)
                typist.backspace("src/a.py", len(typist.texts["src/a.py"]), len(line))
            case "output":
                typist.command(["make"], f"\U0001f600\U0001f680 {line * 3}")
            case "note":
                typist.add(NoteStep, text=f"\U0001f600\U0001f680 {line}")
            case _:
                typist.save("src/a.py")
    return typist


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DEEDS, st.integers(0, 40))
def test_the_number_shown_is_how_many_occurrences_an_action_changes(
    deeds: list[Deed], first: int
) -> None:
    episode = recorded(deeds).episode()
    base = BaseWalk(episode)
    plan = plan_of(episode, min(first, episode.step_count - 1))
    checking = Checking(episode, key=KEY, base=base)
    for group in checking.check(plan, 0).groups:
        if group.kind != "novel":
            continue
        shown = items(checking, plan, group)
        assert group.count == len(shown)
        for item in shown:
            done = checking.decide(plan, 0, frozenset(), item.id, "mask")
            changed = placeholders_in(shared_preview(done.plan, base, 0).episode)
            assert changed == item.places
            places = "1 place" if changed == 1 else f"{changed} places"
            assert f"({places})" in item_line(item)
        done = checking.decide(plan, 0, frozenset(), group.id, "mask")
        changed = placeholders_in(shared_preview(done.plan, base, 0).episode)
        assert changed == group.places
        assert f"({changed} place" in group_line(group)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DEEDS)
def test_a_value_masked_by_hand_is_counted_by_what_is_masked(deeds: list[Deed]) -> None:
    episode = recorded(deeds).episode()
    base = BaseWalk(episode)
    found = masks_for_value(WORDS[0], episode)
    masked = plan_of(episode).model_copy(
        update={"mask_texts": found.texts, "mask_fields": found.fields}
    )
    shared = shared_preview(masked, base, 0).episode
    assert placeholders_in(shared) == found.text_places + found.field_places


def test_a_name_that_stands_twelve_times_in_an_output_has_twelve_places() -> None:
    typist = Typist()
    typist.open("src/a.py", "# \U0001f600\U0001f680\n")
    typist.command(["make"], "zorquavblim and more\n" * 12)
    checking = Checking(typist.episode(), key=KEY)
    group = group_of(checking, plan_of(typist.episode()), "novel")
    assert (group.count, group.places, group.left) == (1, 12, 1)


@pytest.mark.parametrize(("seed", "scale"), [(3, 0.2), (8, 0.2), (1, 0.05)])
def test_a_made_day_needs_six_decisions_at_most(seed: int, scale: float) -> None:
    day = make_day(seed, scale=scale)
    checking = Checking(day, key=KEY)
    found = checking.check(plan_of(day), 0)
    print(f"day {seed} at {scale}: {found.decisions_needed} decisions")  # noqa: T201
    assert 0 < found.decisions_needed <= MOST_DECISIONS
    words = [one for group in found.groups if group.kind == "novel"
             for one in items(checking, plan_of(day), group)]  # fmt: skip
    known = {"rowdicts", "restval", "nsmallest", "Nepali", "LC_MONETARY", "fpname"}
    assert not known & {one.title for one in words}


def test_words_of_other_languages_that_may_be_names_are_one_decision() -> None:
    names = ["Łukaszewicz", "Müllerstein", "Wójcicki", "Škodovák", "Παπαδόπουλος", "נתניהו"]
    typist = Typist()
    typist.open("src/a.py", "# \U0001f600\U0001f680 größenordnung переменная zorquavblim\n")
    typist.type_at_end("src/a.py", "".join(f"# {name}\n" for name in names))
    typist.save("src/a.py")
    episode, plan = typist.episode(), plan_of(typist.episode())
    checking = Checking(episode, key=KEY)
    groups = [one for one in checking.check(plan, 0).groups if one.kind == "novel"]
    assert [(one.title, one.suggested, one.needs_decision) for one in groups] == [
        ("1 word that is in no list", "accept", True),
        ("6 words of other languages", "accept", True),
    ]
    assert {one.title for one in items(checking, plan, groups[1])} == set(names)
    done = checking.decide(plan, 0, frozenset(), groups[1].id, "mask")
    shared = shared_preview(done.plan, BaseWalk(episode), 0)
    assert leaks_in_episode(shared.episode, names) == []
    assert leaks_in_bytes(shared.data, names) == []


def words_typed(count: int) -> tuple[Episode, list[str]]:
    syllables = ("tre", "mond", "dalo", "risa", "vent", "cori", "palu", "sinto")
    found = [f"{a}{b}{c}eli" for a in syllables for b in syllables for c in syllables][:count]
    typist = Typist()
    typist.open("src/a.py", "# \U0001f600\U0001f680\n" + "\n".join(found))
    return typist.episode(), found


def test_every_item_can_be_seen_found_and_decided_on_by_itself() -> None:
    episode, _ = words_typed(300)
    checking, plan = Checking(episode, key=KEY), plan_of(episode)
    groups = [one for one in checking.check(plan, 0).groups if one.kind == "novel"]
    shown: list[ItemRow] = []
    for group in groups:
        parts = [
            checking.items(
                plan, 0, frozenset(), AskedItems(group=group.id, first=first, count=50, find="")
            )
            for first in range(0, group.count, 50)
        ]
        assert {part.total for part in parts} == {group.count}
        shown += [item for part in parts for item in part.items]
    assert len(shown) == sum(group.count for group in groups)
    assert len({item.id for item in shown}) == len(shown)
    group = next(one for one in groups if one.needs_decision)
    item = items(checking, plan, group)[5]
    assert item in items(checking, plan, group, item.title.upper())
    assert items(checking, plan, group, "no such thing") == []
    done = checking.decide(plan, 0, frozenset(), item.id, "accept")
    after = group_of_id(checking, done.plan, done.accepted, group.id)
    assert (after.left, after.state) == (group.count - 1, None)
    masked = checking.decide(done.plan, 0, done.accepted, REST, "mask")
    after = group_of_id(checking, masked.plan, masked.accepted, group.id)
    assert (after.left, after.state) == (0, "mixed")
    shared = shared_preview(masked.plan, BaseWalk(episode), 0).episode
    assert item.title.split(" and ")[0] in str(shared.blobs)
    back = checking.decide(masked.plan, 0, masked.accepted, REST, "accept")
    assert back == masked, "nothing waits any more"


def group_of_id(checking: Checking, plan: Plan, accepted: frozenset[str], name: str) -> Group:
    return next(one for one in checking.check(plan, 0, accepted).groups if one.id == name)


def test_all_that_is_left_is_shared_with_one_action_and_nothing_that_is_masked_by_default() -> None:
    typist = Typist()
    typist.open("src/a.py", "# \U0001f600\U0001f680\nzorquavblim = 'q7xk2vzp9w4t'\n")
    typist.add(GitStep, operation="checkout", branch="wip/krundsnorv")
    checking, plan = Checking(typist.episode(), key=KEY), plan_of(typist.episode())
    settled = checking.settled(plan)
    done = checking.decide(settled, 0, frozenset(), REST, "accept")
    found = checking.check(done.plan, 0, done.accepted)
    assert found.decisions_needed == 0
    assert checking.settled(done.plan, done.accepted) == done.plan
    shared = shared_preview(done.plan, BaseWalk(typist.episode()), 0).episode
    text = f"{shared.steps} {shared.blobs!r}"
    assert "krundsnorv" in text
    assert "q7xk2vzp9w4t" not in text


def test_a_group_that_is_not_there_is_refused() -> None:
    episode, _ = words_typed(3)
    asked = AskedItems(group="0" * 16, first=0, count=1, find="")
    with pytest.raises(UsageError):
        Checking(episode, key=KEY).items(plan_of(episode), 0, frozenset(), asked)
