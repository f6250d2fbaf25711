"""Sealing is never stuck: what cannot be masked is left out, named here, and the rest is sealed."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.reader import EpisodeFile
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import Identities, RedactionPolicy
from signoff_collector.redaction.leaving_out import LEFT_OUT
from signoff_collector.redaction.redactor import LEAVING_ROUNDS, ROUNDS, Redactor
from signoff_collector.redaction.values.identities import IdentityPatterns
from signoff_collector.redaction.values.secrets_table import SecretsTable
from signoff_collector.redaction.verifying.second_engine import load_second_engine
from signoff_collector.redaction.verifying.verification import Verification
from signoff_schemas.errors import RefusedError
from signoff_schemas.steps import CommandStep, GapStep, SaveStep, StepBase, UnknownStep
from signoff_schemas.values import DiskFile, Output
from signoff_schemas.words import GapReason

START = "# 😀🚀\n"


def ordinary() -> Typist:
    typist = Typist()
    typist.open("src/a.py", START)
    typist.type_at_end("src/a.py", "x = 1\n")
    typist.save("src/a.py")
    typist.command(["make"], "done 😀🚀\n")
    typist.open("src/b.py", START)
    typist.type_at_end("src/b.py", "y = 2\n")
    typist.save("src/b.py")
    return typist


def with_source(episode: Episode, kind: type[StepBase], source: str) -> Episode:
    """Return the episode with a fixed field of one step changed: no mask is put there."""
    place = next(at for at, step in enumerate(episode.steps) if isinstance(step, kind))
    changed = episode.steps[place].model_copy(update={"source": source})
    return replace(episode, steps=(*episode.steps[:place], changed, *episode.steps[place + 1 :]))


class Sealed:
    def __init__(self, episode: Episode, values: list[str]) -> None:
        self.rounds = 0
        self.redactor = Redactor(
            RedactionPolicy(exact_values=of_values(values)), progress=self._count
        )
        self.episode, self.data = self.redactor.seal_episode(episode)
        self.left_out = [one.place for one in self.redactor.to_check if one.kind == LEFT_OUT]

    def _count(self, part: str) -> None:
        self.rounds += part == "checking"


@pytest.mark.parametrize("kind", [GapStep, CommandStep, SaveStep])
def test_a_step_that_holds_a_value_where_no_mask_fits_becomes_a_gap(kind: type[StepBase]) -> None:
    secret = random_secret(95, 24)
    typist = ordinary()
    typist.add(GapStep, reason=GapReason.PAUSED)
    sealed = Sealed(with_source(typist.episode(), kind, secret), [secret])
    assert leaks_in_episode(sealed.episode, [secret]) == []
    assert leaks_in_bytes(sealed.data, [secret]) == []
    gaps = [step for step in sealed.episode.steps if isinstance(step, GapStep)]
    assert [step.reason for step in gaps if step.source == "redaction"] == ["redacted"]
    (place,) = sealed.left_out
    assert place.endswith("all of it")
    assert not any(secret[at : at + 6] in place for at in range(len(secret) - 5))
    assert _final(sealed.episode) == {"src/a.py": f"{START}x = 1\n", "src/b.py": f"{START}y = 2\n"}
    strict_check(sealed.data)


def _final(episode: Episode) -> dict[str, str]:
    from signoff_collector.redaction.texts.texts import TextStates

    states = TextStates(episode)
    list(states.walk())
    return {
        states.paths[key.file]: text.chars for key, text in states.texts.items() if key.buffer >= 0
    }


def test_what_cannot_even_be_left_out_is_refused_and_not_repeated() -> None:
    secret = random_secret(96, 24)
    episode = ordinary().episode()
    hidden = replace(episode, header=episode.header.model_copy(update={"session": secret}))
    with pytest.raises(RefusedError, match="left out") as refused:
        Sealed(hidden, [secret])
    said = f"{refused.value} {refused.value.hint}"
    assert "in frame " in said
    assert "signoff forget" in said
    assert not any(secret[at : at + 6] in said for at in range(len(secret) - 5))


def test_where_all_is_masked_nothing_is_left_out() -> None:
    secret = random_secret(97, 24)
    typist = ordinary()
    typist.type_at_end("src/a.py", f"key = '{secret}'\n")
    typist.open(f"{secret}.py", START)
    sealed = Sealed(typist.episode(), [secret])
    assert sealed.left_out == []
    assert sealed.rounds <= ROUNDS


PIECES = st.sampled_from([
    "REDACTED_SECRET_1", "SECRET_1", "WITHHELD", "REDACTED_", "_PATH_1", "OTP/OTPInput.d.ts",
    "password", "token: ", "/", "//", "=", "\n", "\\u0041", "%41", "😀🚀", "src/a.py", "a.py",
    "\x1b[31m", "hunter2!x9", "pin 4711", '"kind":"edit"', "x" * 30, "aGVsbG8gd29ybGQ=", "\0",
])  # fmt: skip
ODD = st.lists(PIECES | st.text(string.ascii_letters + string.digits, max_size=12), max_size=5).map(
    "".join
)


def _a_path(text: str) -> str:
    parts = [part for part in text.replace("\0", "").split("/") if part not in {"", ".", ".."}]
    return "/".join(parts) or "p"


def in_a_path(typist: Typist, text: str) -> None:
    typist.open(_a_path(text), START)


def in_a_listing(typist: Typist, text: str) -> None:
    item = DiskFile(path=_a_path(text), sha256="0" * 64, size_bytes=3)
    typist.command(["make"], "", disk=(item,))


def in_a_text(typist: Typist, text: str) -> None:
    typist.type_at_end("src/b.py", text)


def in_an_output(typist: Typist, text: str) -> None:
    typist.command(["make", text], f"said {text}\n")


def in_a_cut_output(typist: Typist, text: str) -> None:
    output = Output(head=text, tail=text, middle_bytes=9)
    typist.add(CommandStep, argv=("make",), output=output, output_state="head_tail")


def in_an_unknown_step(typist: Typist, text: str) -> None:
    typist.add(UnknownStep, kind="hologram", payload={text: [text, 4711]}, path=_a_path(text))


WAYS = [in_a_path, in_a_listing, in_a_text, in_an_output, in_a_cut_output, in_an_unknown_step]


@settings(max_examples=60, deadline=None)
@given(
    what=st.lists(st.tuples(st.sampled_from(WAYS), ODD), min_size=1, max_size=4),
    values=st.lists(ODD.filter(lambda text: len(text) > 5), max_size=3),
    source=st.none() | ODD,
)
def test_odd_input_is_sealed_or_named_in_few_rounds(
    what: list[tuple[Callable[[Typist, str], None], str]], values: list[str], source: str | None
) -> None:
    typist = ordinary()
    for way, text in what:
        way(typist, text)
    episode = typist.episode()
    if source:
        episode = with_source(episode, SaveStep, source)
    sealed = Sealed(episode, values)
    assert sealed.rounds <= ROUNDS + LEAVING_ROUNDS
    table = SecretsTable(IdentityPatterns(Identities()))
    for value in of_values(values).values:
        table.learn_known(value)
    look = Verification(sealed.episode, sealed.data, table, load_second_engine())
    assert look.run() == []
    assert EpisodeFile(sealed.data).frames


def test_a_value_with_quotes_is_found_in_the_step_that_holds_it() -> None:
    """Found by the test above: in JSON its quotes are escaped, in the file they are not."""
    value = '"kind":"edit"'
    sealed = Sealed(with_source(ordinary().episode(), SaveStep, value), [value])
    assert [place.endswith("all of it") for place in sealed.left_out] == [True]
