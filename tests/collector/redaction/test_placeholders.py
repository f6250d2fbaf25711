"""What is typed may look like a placeholder; it is never listed as one, nor taken for one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.support.leaks import random_secret
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.writing.explaining import mask_places
from signoff_collector.redaction.writing.placeholders import LIKE, looks_in, matcher
from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.review.applying.previews import shared_preview
from signoff_schemas.plan import Plan
from signoff_schemas.steps import CommandStep

HOST = "build01.corp.example.com"
FILE = "src/a.py"
NO_PLAN = "0" * 64


def redactor(*known: str) -> Redactor:
    return Redactor(RedactionPolicy(exact_values=of_values(list(known))))


def text_of(episode: Episode) -> str:
    """Return the file as it is at the end."""
    text = Moments(episode).buffer(FILE, 0, episode.step_count - 1)
    assert text is not None
    return text


def session(typed: str) -> Typist:
    """Return a session in which a text is typed, then a host; both are printed too."""
    typist = Typist()
    typist.open(FILE, "# 😀🚀\n")
    typist.begin_task("mend the address")
    typist.type_at_end(FILE, f"typed = '{typed}'\n")
    typist.type_at_end(FILE, f"host = '{HOST}'\n")
    typist.save(FILE)
    typist.command(["make"], f"from {HOST} as {typed}\n")
    return typist


def test_a_text_that_looks_like_a_mask_is_none_and_the_mask_beside_it_is_one() -> None:
    typist = session("REDACTED_HOST_1")
    episode = redactor().redact_episode(typist.episode())
    text = text_of(episode)
    assert "typed = 'REDACTED_HOST_1'" in text
    assert "host = 'REDACTED_HOST_2" in text
    assert list(episode.header.masks) == ["REDACTED_HOST_2"]
    assert {place.mask for place in mask_places(episode)} == {"REDACTED_HOST_2"}
    found = matcher(episode.header.masks)
    assert found is not None
    assert found.findall(text) == ["REDACTED_HOST_2"]


def test_what_looks_like_a_mask_for_one_key_only_is_no_placeholder_either() -> None:
    typist = session("REDACTED_HOST_12")
    episode = redactor().redact_episode(typist.episode())
    assert list(episode.header.masks) == ["REDACTED_HOST_2"], "HOST_1 stood there for a key"


def test_a_shared_episode_keeps_it_as_it_was_typed_and_gives_its_name_to_no_mask() -> None:
    typist = session("REDACTED_HOST_1 REDACTED_MASK_1")
    base = redactor().redact_episode(typist.episode())
    text = text_of(base)
    start = text.index("typed")
    keep = {"from_seq": 0, "to_seq": base.step_count - 1}
    mask = {"after_seq": base.step_count - 1, "file": 0, "buffer": 0, "start": start, "length": 5}
    plan = Plan.model_validate({"base_sha256": NO_PLAN, "keeps": [keep], "mask_texts": [mask]})
    shared = shared_preview(plan, BaseWalk(base), 0).episode
    shown = text_of(shared)
    assert "REDACTED_MASK_2 = 'REDACTED_HOST_1 REDACTED_MASK_1'\nhost = 'REDACTED_HOST_2" in shown
    assert set(shared.header.masks) == {"REDACTED_HOST_2", "REDACTED_MASK_2"}
    (command,) = (step for step in shared.steps if isinstance(step, CommandStep))
    assert command.output is not None
    assert command.output.head == (
        "from REDACTED_HOST_2.example.com as REDACTED_HOST_1 REDACTED_MASK_1\n"
    )


def test_what_capture_masked_is_a_mask_unless_a_text_says_the_same() -> None:
    for typed, masks in (("nothing", {"REDACTED_VALUE"}), ("REDACTED_VALUE", set[str]())):
        typist = Typist()
        typist.open(FILE, "# 😀🚀\n")
        typist.type_at_end(FILE, f"{typed}\n")
        typist.command(["make"], "REDACTED_VALUE\n")
        episode = redactor().redact_episode(typist.episode())
        assert set(episode.header.masks) == masks


LOOKS = st.sampled_from(
    ["REDACTED_SECRET_1", "REDACTED_SECRET_2", "REDACTED_HOST_1", "<HOME>", "REDACTED_VALUE", "😀𝄞"]
)


@given(st.lists(LOOKS, max_size=4), st.lists(LOOKS, max_size=3), st.booleans())
def test_nothing_that_stood_in_a_recording_is_listed_as_a_mask(
    typed: list[str], printed: list[str], is_host: bool
) -> None:
    secret = random_secret(7, 24)
    typist = Typist()
    typist.open(FILE, "# 😀🚀\n")
    for one in typed:
        typist.type_at_end(FILE, f"x = '{one}'\n")
    typist.type_at_end(FILE, f"y = '{HOST if is_host else secret}'\n")
    typist.command(["make"], " ".join([*printed, secret]) + "\n")
    raw = typist.episode()
    sealed = redactor(secret).redact_episode(raw)
    looks = {match[0] for one in (*typed, *printed) for match in LIKE.finditer(one)}
    assert not set(sealed.header.masks) & (looks - {"REDACTED_VALUE"})
    text = text_of(sealed)
    assert set(looks_in(text)) - set(sealed.header.masks) == {
        one for one in typed if LIKE.fullmatch(one)
    }, "what was typed stays"
