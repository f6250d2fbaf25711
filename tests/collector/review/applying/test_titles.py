"""What a person says of a kept task is the first step of its episode, masked like the rest."""

from __future__ import annotations

import json

import pytest
from tests.support.leaks import leaks_in_bytes, random_secret
from tests.support.typist import Typist

from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.review.applying.previews import shared_preview
from signoff_collector.review.plan.value_masks import masks_for_value
from signoff_schemas.errors import DamagedError, UsageError
from signoff_schemas.plan import Plan, TextMask, parse_plan, plan_bytes
from signoff_schemas.steps import GapStep, StepBase, TaskStep

BASE = "0" * 64


def plan(*keeps: dict[str, object], **fields: object) -> Plan:
    return Plan.model_validate({"base_sha256": BASE, "keeps": list(keeps)} | fields)


def session() -> Typist:
    typist = Typist()
    typist.open("src/a.py", "# 😀🚀\n")
    for number in range(3):
        typist.begin_task(f"task {number}")
        typist.type_at_end("src/a.py", f"n{number} = {number}\n")
    return typist


def first_step(plan: Plan, typist: Typist) -> StepBase:
    return shared_preview(plan, BaseWalk(typist.episode()), 0).episode.steps[0]


def test_title_and_outcome_are_the_first_step_and_say_who_said_them() -> None:
    typist = session()
    said: dict[str, object] = {"title": "Mend the 😀🚀 parser", "outcome": "partly"}
    step = first_step(plan({"task": 1} | said), typist)
    assert isinstance(step, TaskStep)
    assert (step.text, step.stated, step.origin) == ("Mend the 😀🚀 parser", "review", "person")
    assert (step.outcome, step.outcome_by, step.t_ns) == ("partly", "person", 0)
    silent = first_step(plan({"task": 1}), typist)
    assert getattr(silent, "stated", "") != "review"


@pytest.mark.parametrize("task", [0, 3, 4])
def test_a_title_hides_what_is_masked_in_any_task_though_it_was_typed_key_by_key(
    task: int,
) -> None:
    typist, value, said = session(), "Umbrella4711", "Wayland0815"
    typist.begin_task("it is named")
    typist.type_at_end("src/a.py", f"# 😀🚀 {value[:4]}x")
    typist.backspace("src/a.py", len(typist.texts["src/a.py"]) - 1, 1)
    typist.type_at_end("src/a.py", f"{value[4:]}\n")
    typist.command(["make"], f"😀🚀 {said}\n")
    typist.begin_task("after it")
    typist.type_at_end("src/a.py", "done = 1\n")
    found = [masks_for_value(one, typist.episode()) for one in (value, said)]
    title = f"for {value}, 😀🚀, and {said}"
    made = plan(
        {"task": task, "title": title},
        mask_texts=[mask.model_dump() for one in found for mask in one.texts],
        mask_fields=[mask.model_dump() for one in found for mask in one.fields],
    )
    shared = shared_preview(made, BaseWalk(typist.episode()), 0)
    assert leaks_in_bytes(shared.data, [value, said]) == []


def test_a_title_is_masked_by_shape_and_by_what_the_plan_masks() -> None:
    typist = session()
    secret, key = random_secret(71), f"ghp_{random_secret(72, 36)}"
    typist.type_at_end("src/a.py", f"x = {secret}\n")
    start = typist.texts["src/a.py"].index(secret)
    mask = TextMask(
        after_seq=typist.seq - 1, file=0, buffer=0, start=start, length=len(secret)
    ).model_dump()
    keep: dict[str, object] = {"from_seq": 0, "to_seq": typist.seq - 1}
    keep["title"] = f"😀🚀 use {key} not {secret} (REDACTED_TOKEN_7)"
    made = plan(keep, mask_texts=[mask])
    shared = shared_preview(made, BaseWalk(typist.episode()), 0)
    assert leaks_in_bytes(shared.data, [secret, key]) == []
    text = getattr(shared.episode.steps[0], "text", "")
    assert text.startswith("😀🚀 use REDACTED_")
    assert text.endswith("(REDACTED_TOKEN_7)"), "nothing is masked by that name"
    assert "REDACTED_TOKEN_7" not in shared.episode.header.masks
    again = shared_preview(made, BaseWalk(typist.episode()), 0)
    assert again.data == shared.data


def test_a_word_of_a_title_stays_where_only_a_sentence_that_has_it_is_masked() -> None:
    typist = session()
    typist.type_at_end("src/a.py", "so many words of mine\n")
    start = typist.texts["src/a.py"].index("so many")
    mask: dict[str, object] = {"after_seq": typist.seq - 1, "file": 0, "buffer": 0}
    mask |= {"start": start, "length": len("so many words of mine")}
    title = "Count words right 😀🚀"
    keep: dict[str, object] = {"from_seq": 0, "to_seq": typist.seq - 1, "title": title}
    assert getattr(first_step(plan(keep, mask_texts=[mask]), typist), "text", "") == title


def test_several_ranges_are_one_episode_with_a_gap_between() -> None:
    typist = session()
    last = typist.seq - 1
    spans = [{"from_seq": 0, "to_seq": 5}, {"from_seq": 12, "to_seq": last}]
    shared = shared_preview(plan({"ranges": spans}), BaseWalk(typist.episode()), 0).episode
    assert sum(isinstance(step, GapStep) for step in shared.steps) == 1
    assert check_replay(shared).mismatches == ()


def test_a_file_left_out_of_one_keep_stays_in_the_other() -> None:
    typist = session()
    typist.open("lib/b.py", "other = '😀🚀'\n")
    keep: dict[str, object] = {"from_seq": 0, "to_seq": typist.seq - 1}
    made = plan(keep | {"leave_out": [1]}, keep)
    base = BaseWalk(typist.episode())
    assert leaks_in_bytes(shared_preview(made, base, 0).data, ["lib/b.py"]) == []
    assert "lib/b.py" in shared_preview(made, base, 1).episode.files
    with pytest.raises(UsageError):
        shared_preview(plan(keep | {"leave_out": [9]}), base, 0)


def test_another_seed_gives_other_pseudonyms_and_the_same_seed_the_same_bytes() -> None:
    typist = session()
    base = BaseWalk(typist.episode())
    made = [
        shared_preview(plan({"task": 1}, seed=seed), base, 0) for seed in (None, "1" * 64, "2" * 64)
    ]
    assert len({one.episode.header.session for one in made}) == 3
    assert shared_preview(plan({"task": 1}, seed="1" * 64), base, 0).data == made[1].data


@pytest.mark.parametrize(
    "keep",
    [
        {"task": 0, "title": ""},
        {"task": 0, "title": " \t"},
        {"task": 0, "title": "a\nb"},
        {"task": 0, "title": "\x1b[31mred"},
        {"task": 0, "title": "x" * 201},
        {"task": 0, "outcome": "won"},
        {"task": 0, "leave_out": [-1]},
        {"ranges": []},
        {"ranges": [{"from_seq": 3, "to_seq": 5}, {"from_seq": 5, "to_seq": 6}]},
        {"ranges": [{"from_seq": 3, "to_seq": 2}]},
        {"task": 0, "from_seq": 1, "to_seq": 2},
    ],
)
def test_a_keep_that_says_what_cannot_be_is_no_plan(keep: dict[str, object]) -> None:
    valid = plan_bytes(plan({"task": 0})).decode()
    value = json.loads(valid) | {"keeps": [keep]}
    with pytest.raises(DamagedError):
        parse_plan(json.dumps(value).encode())
    assert parse_plan(valid.encode()) == plan({"task": 0})
