"""Traces of other tools become episodes that replay to the same text."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.episodes import ASTRAL, MS, typing

from signoff_collector.episode.content import Edit
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.imports import editing_trace, reading
from signoff_collector.imports.editing_trace import make_episode, parse_times, parse_trace
from signoff_schemas.errors import DamagedError


def _trace(**changes: object) -> bytes:
    trace = {
        "startContent": f"{ASTRAL}b",
        "endContent": f"{ASTRAL[0]}xyb",
        "txns": [
            {"time": "2023-05-14T10:00:00.000Z", "patches": [[1, 1, "x"]]},
            {"time": "2023-05-14T10:00:00.250Z", "patches": [[2, 0, "z"], [2, 1, "y"]]},
        ],
    }
    return json.dumps({**trace, **changes}).encode()


def test_a_trace_becomes_an_episode_that_replays() -> None:
    for content in (_trace(), gzip.compress(_trace())):
        trace = parse_trace(content)
        episode = make_episode(trace, name="t.txt", wall_ns=trace.wall_ns)
        assert episode.edits.t_ns.tolist() == [0, 250 * MS, 250 * MS]
        assert episode.edits.txn.tolist() == [1, 2, 2]
        assert episode.header.captured_on == "2023-05-14"
        assert episode.header.origin == "imported"
        assert Moments(episode).disk("t.txt", episode.step_count) == f"{ASTRAL[0]}xyb"
        report = check_replay(episode)
        assert (report.checkpoints, report.matched, report.resyncs) == (1, 1, 0)


@given(typing())
def test_any_typing_is_imported_as_it_was(drawn: tuple[str, list[Edit], list[str]]) -> None:
    opened, edits, states = drawn
    content = json.dumps(
        {
            "startContent": opened,
            "endContent": states[-1] if states else opened,
            "txns": [{"patches": [[e.start, e.deleted, e.text]]} for e in edits],
        },
        ensure_ascii=False,  # two escapes of lone halves would be read as one character
    ).encode("utf-8", "surrogatepass")
    episode = make_episode(parse_trace(content), name="t.txt", wall_ns=())
    assert episode.header.time_resolution == "none"
    assert check_replay(episode).matched == 1


def test_times_of_their_own_file_win_and_never_run_backwards() -> None:
    wall_ns = parse_times(gzip.compress(b"1684058400\n1684058402\n1684058401.5\n"))
    episode = make_episode(parse_trace(_trace()), name="t.txt", wall_ns=wall_ns)
    assert episode.edits.t_ns.tolist() == [0, 2000 * MS, 2000 * MS]
    assert episode.header.time_resolution == "1s"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x1f\x8b\x08broken",
        gzip.compress(_trace())[:-9],
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\xff\xfe",
        _trace(startContent=3),
        _trace(txns=3),
        _trace(txns=[3]),
        _trace(txns=[{"patches": [[0, 0]]}]),
        _trace(txns=[{"patches": [[-1, 0, "x"]]}]),
        _trace(txns=[{"patches": [[0, -1, "x"]]}]),
        _trace(txns=[{"patches": [[0.5, 0, "x"]]}]),
        _trace(txns=[{"patches": [[1 << 70, 0, "x"]]}]),
        _trace(txns=[{"patches": [[True, 0, "x"]]}]),
        _trace(txns=[{"patches": [[0, False, "x"]]}]),
        _trace(txns=[{"patches": [[0, 0, None]]}]),
        _trace(txns=[{"patches": {"0": [0, 0, "x"]}}]),
        _trace(txns=[{"time": "9999-12-31T23:59:59-23:59", "patches": [[0, 0, "x"]]}]),
        b'{"txns": [{"patches": [[' + b"9" * 10_000 + b', 0, "x"]]}]}',
        _trace(txns=[{"time": "soon", "patches": [[0, 0, "x"]]}]),
        _trace(txns=[{"patches": [[99, 0, "x"]]}]),
        _trace(endContent="other"),
    ],
)
def test_bad_traces_are_damage_with_a_reason(content: bytes) -> None:
    with pytest.raises(DamagedError) as caught:
        make_episode(parse_trace(content), name="t.txt", wall_ns=())
    assert str(caught.value)


@pytest.mark.parametrize("content", [b"soon", b"1\n2\nx", b"1e400", b"nan"])
def test_bad_times_are_damage(content: bytes) -> None:
    with pytest.raises(DamagedError):
        parse_times(content)


def test_times_have_to_be_as_many_as_edits_and_near_each_other() -> None:
    trace = parse_trace(_trace())
    for wall_ns in ([0, 1], [0, 0, 1 << 70]):
        with pytest.raises(DamagedError):
            make_episode(trace, name="t.txt", wall_ns=wall_ns)


def test_what_inflates_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", 1 << 20)
    with pytest.raises(DamagedError, match="more than"):
        parse_trace(gzip.compress(b" " * (2 << 20)))


def test_very_many_tiny_values_are_refused_before_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "MAX_VALUES", 1000)
    for content in (b"[" + b"[]," * 2000 + b"1]", b"{" * 2000):
        with pytest.raises(DamagedError, match="more than some"):
            parse_trace(content)


def test_more_edits_than_a_file_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing_trace, "MAX_EDITS", 2)
    with pytest.raises(DamagedError, match="more than 2 edits"):
        make_episode(parse_trace(_trace()), name="t.txt", wall_ns=())


def test_halves_of_surrogate_pairs_and_other_scripts_come_back() -> None:
    text = f"\ud83d{ASTRAL}\udc4dé\0\u2028"
    content = _trace(
        startContent=text,
        endContent=f"{text}{ASTRAL}",
        txns=[{"patches": [[len(text), 0, ASTRAL]]}],
    )
    episode = make_episode(parse_trace(content), name="t.txt", wall_ns=())
    assert Moments(episode).buffer("t.txt", 0, 1) == f"{text}{ASTRAL}"


_KEYS = st.sampled_from(["txns", "patches", "startContent", "time"])
_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner),
)


@given(_JSON)
def test_foreign_json_is_damage(value: object) -> None:
    try:
        make_episode(parse_trace(json.dumps(value).encode()), name="t", wall_ns=())
    except DamagedError:
        return
    assert isinstance(value, dict)


@pytest.mark.parametrize(
    ("times", "expected_ms"),
    [
        (["2021-04-19T06:06:54.250Z", None, "2021-04-19 06:06:55"], [0, 0, 750]),
        ([None, "2021-04-19T11:36:54+05:30", 1_618_812_415], [0, 0, 1000]),
        ([1_618_812_414_000, 1_618_812_414_137, None], [0, 137, 137]),
        ([1_618_812_414.5, 1_618_812_414, 1_618_812_415], [0, 0, 500]),
        ([None, None, None], [0, 0, 0]),
        (["1970-01-01T00:00:00.000Z", 1_618_812_414, 1_618_812_415], [0, 0, 1000]),
    ],
    ids=["iso", "begins without", "milliseconds", "backwards", "none", "1970"],
)
def test_times_of_every_form_are_read_and_missing_ones_follow_the_one_before(
    times: list[object], expected_ms: list[int]
) -> None:
    txns = [{"time": time, "patches": [[0, 0, ASTRAL]]} for time in times]
    trace = parse_trace(_trace(startContent="", endContent=ASTRAL * 3, txns=txns))
    episode = make_episode(trace, name="t.txt", wall_ns=trace.wall_ns)
    assert (episode.edits.t_ns // 1_000_000).tolist() == expected_ms


def test_empty_transactions_and_patches_that_change_nothing_count_for_what_they_are() -> None:
    txns = [{"patches": []}, {"patches": [[0, 0, ""]]}, {"patches": []}, {"patches": [[0, 1, ""]]}]
    trace = parse_trace(_trace(startContent=ASTRAL, endContent=ASTRAL[1:], txns=txns))
    episode = make_episode(trace, name="t.txt", wall_ns=())
    assert len(episode.edits) == 2
    assert Moments(episode).buffer("t.txt", 0, 2) == ASTRAL[1:]


def test_halves_that_meet_are_the_pair_that_the_end_says() -> None:
    txns = [{"patches": [[0, 0, "\ud83d"]]}, {"patches": [[1, 0, "\ude42"]]}]
    trace = parse_trace(_trace(startContent="", endContent="\U0001f642", txns=txns))
    assert len(make_episode(trace, name="t.txt", wall_ns=()).edits) == 2


def test_a_trace_of_several_people_at_once_is_refused_by_name() -> None:
    txns = [
        {"parents": [], "agent": 0, "patches": [[0, 0, "a"]]},
        {"parents": [0], "agent": 1, "patches": [[1, 0, ASTRAL]]},
        {"parents": [0], "agent": 0, "patches": [[1, 0, "c"]]},
    ]
    with pytest.raises(DamagedError, match="concurrent"):
        parse_trace(_trace(kind="concurrent", txns=txns))
    assert parse_trace(_trace(kind="concurrent", txns=txns[:2])).patches[1] == (1, 0, ASTRAL)
