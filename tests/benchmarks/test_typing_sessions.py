"""The simulator of working sessions: what it types is what was meant, and leaks are seen."""

from __future__ import annotations

import random

import pytest
from benchmarks.typing_sessions.behaviours import BEHAVIOURS, WHOLE, Behaviour
from benchmarks.typing_sessions.channels import CHANNELS
from benchmarks.typing_sessions.contexts import BARE, TELLING
from benchmarks.typing_sessions.leak_search import find_leaks, views
from benchmarks.typing_sessions.person import Person
from benchmarks.typing_sessions.recorder import Recorder
from benchmarks.typing_sessions.secret_kinds import KINDS, Kind, invented_kind
from benchmarks.typing_sessions.session import SETTINGS, Setting, make_session
from benchmarks.typing_sessions.trial import assembled, try_session

from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.episode.moments.moments import Moments

pytestmark = pytest.mark.slow

SEED = 20_261_122
EMOJI = "😀🚀"


def _source(seed: int) -> random.Random:
    print(f"seed {seed}")  # noqa: T201
    return random.Random(seed)  # noqa: S311


def test_there_are_more_kinds_contexts_and_ways_than_asked_for() -> None:
    assert len(KINDS) >= 80
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert len({context.suffix for context in (*TELLING, *BARE)}) >= 10
    assert len(BEHAVIOURS) + len(CHANNELS) >= 60


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_secret_has_random_parts_of_its_own(kind: Kind) -> None:
    one, other = (kind.make(_source(SEED + n)) for n in range(2))
    assert one.windows()
    assert all(part in one.text for part in one.random_parts)
    assert one.family == "human" or not one.windows() & other.windows()


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=[one.__name__ for one in BEHAVIOURS])
def test_what_is_typed_arrives_in_the_episode_as_the_editor_had_it(behaviour: Behaviour) -> None:
    source = _source(SEED)
    recorder = Recorder()
    person = Person(recorder, source)
    secret = KINDS[0].make(source)
    recorder.open("a.py", f"# {EMOJI}\nx = 1\r\ny = 2\n")
    line = f'{secret.names[0]} = "{secret.text}"  # {EMOJI}\n'
    behaviour(person, "a.py", line, secret)
    session = make_session("known", SEED, 0)
    session.recorder = recorder
    episode = assembled(session)
    held = Moments(episode).buffer("a.py", 0, episode.step_count)
    assert held == recorder.texts["a.py"]
    assert (line in recorder.texts["a.py"]) or behaviour not in WHOLE
    assert check_replay(episode).mismatches == ()


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_session_that_is_not_masked_leaks(setting: Setting) -> None:
    for number in range(4):
        session = make_session(setting, SEED, number)
        episode = assembled(session)
        assert find_leaks(write_episode(episode), episode, session.windows()), session.story


def test_a_session_is_the_same_for_the_same_numbers() -> None:
    one, other = (make_session("unknown", SEED, 3) for _ in range(2))
    assert one.story == other.story
    assert one.recorder.texts == other.recorder.texts
    assert make_session("unknown", SEED + 1, 3).story != one.story


def test_known_values_are_gone_and_the_replay_is_exact() -> None:
    outcome = try_session(make_session("known", SEED, 1))
    assert outcome.leaks == ()
    assert outcome.replay_errors == 0
    assert outcome.edits > 0


@pytest.mark.parametrize(
    "text",
    [
        "ab\x1b[31mcdefgh", "abcd\nefgh", "abcd\n+efgh", r"\x61\x62\x63\x64\x65\x66\x67\x68",
        "%61%62cdefgh", "YWJjZGVmZ2g=", "eHhhYmNkZWZnaA==", "'abc' + 'defgh'", r"\u0061bcdefgh",
    ],
)  # fmt: skip
def test_a_spelling_is_read_as_what_it_says(text: str) -> None:
    assert any("abcdefgh" in view for view in views(text))


def test_invented_kinds_are_new_each_time() -> None:
    source = _source(SEED)
    made = {invented_kind(source).make(source).text for _ in range(50)}
    assert len(made) == 50
