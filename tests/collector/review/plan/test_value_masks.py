"""A value becomes spans, in all its forms; a plan never holds it."""

from __future__ import annotations

import unicodedata

import pytest
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.episode.file.writer import write_episode
from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.review.applying.apply import apply
from signoff_collector.review.plan.value_masks import masks_for_value
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import Plan, RangeKeep, plan_bytes
from signoff_schemas.steps import NoteStep
from signoff_schemas.words import ActorClass


def masked(typist: Typist, value: str) -> tuple[Plan, bytes, list[str]]:
    episode = typist.episode()
    found = masks_for_value(value, episode)
    plan = Plan(
        base_sha256="0" * 64,
        keeps=(RangeKeep(from_seq=0, to_seq=episode.step_count - 1),),
        mask_texts=found.texts,
        mask_fields=found.fields,
    )
    (shared,) = apply(plan, episode)
    return plan, write_episode(shared), leaks_in_episode(shared, [value])


@pytest.mark.parametrize("seed", range(10))
def test_a_value_is_gone_from_files_and_strings(seed: int) -> None:
    value = random_secret(seed, 14)
    typist = Typist(cursors=True)
    typist.open("a.py", f"# 😀🚀 {value}\n")
    typist.type_at_end("a.py", f"x = '{value}'\n")
    typist.backspace("a.py", len(typist.texts["a.py"]) - 2, 7)
    typist.edit("a.py", 0, 0, value[2:], ActorClass.PASTED)
    typist.save("a.py")
    typist.command(["echo", value], f"{value[:8]}\n{value[8:]}\n")
    typist.commit(value)
    plan, data, leaks = masked(typist, value)
    assert leaks == []
    assert leaks_in_bytes(data, [value]) == []
    assert value.encode() not in plan_bytes(plan)


def test_a_word_is_masked_also_in_longer_words_and_in_pieces() -> None:
    typist = Typist()
    typist.open("a.py", "acmecorp_client = 'acmecorp'  # 😀🚀\n")
    typist.type_at_end("a.py", "acmeco\nacmecorp")
    _, _, leaks = masked(typist, "acmecorp")
    assert leaks == []
    plan = Plan(
        base_sha256="0" * 64,
        keeps=(RangeKeep(from_seq=0, to_seq=typist.seq - 1),),
        mask_texts=masks_for_value("acmecorp", typist.episode()).texts,
    )
    (shared,) = apply(plan, typist.episode())
    assert shared.blobs == ("REDACTED_MASK_1_client = 'REDACTED_MASK_1'  # 😀🚀\n".encode(),)


def test_an_exact_value_made_of_words_is_masked_when_typed_key_by_key() -> None:
    value = "correct-horse-battery"
    typist = Typist()
    typist.open("a.py", "# 😀🚀\n")
    typist.type_at_end("a.py", f"open({value})\n")
    policy = RedactionPolicy(exact_values=of_values([value]))
    redacted = Redactor(policy).redact_episode(typist.episode())
    assert leaks_in_episode(redacted, [value]) == []


def test_other_unicode_forms_of_a_value_are_masked_too() -> None:
    value = "Zoë Müller"
    typist = Typist()
    typist.open("a.py", f"# {unicodedata.normalize('NFD', value)} 😀🚀\n")
    typist.add(NoteStep, text=f"asked {value}")
    _, data, _ = masked(typist, value)
    for name in ("NFC", "NFD"):
        assert leaks_in_bytes(data, [unicodedata.normalize(name, value)]) == []


def test_a_file_whose_name_holds_the_value_is_told() -> None:
    typist = Typist()
    typist.open("customer_umbrella.py", "x = 1  # 😀🚀\n")
    assert masks_for_value("umbrella", typist.episode()).named_paths == ("customer_umbrella.py",)


def test_a_value_too_short_to_look_for_is_refused() -> None:
    with pytest.raises(UsageError):
        masks_for_value(" a ", Typist().episode())
