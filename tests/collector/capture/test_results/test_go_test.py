"""`go test -json`: a real stream of Go 1.19, later forms, and everything that is no such stream."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.capture.test_results import go_test
from signoff_collector.capture.test_results.go_test import (
    GoTestReport,
    GoTestStream,
    module_of,
    read_go_test,
)
from signoff_schemas.errors import DamagedError, NotFoundError
from signoff_schemas.values import TestCase

pytestmark = pytest.mark.slow

REAL = Path(__file__).parents[1] / "reports" / "go_1_19.jsonl"
"""Of four small packages: one passes and fails, one is not built, one panics, one times out."""
SHOP = "example.org/shop"


def events(*lines: dict[str, object] | str) -> bytes:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return "".join(f"{text}\n" for text in texts).encode()


def event(action: str, test: str | None = None, **fields: object) -> dict[str, object]:
    named = {} if test is None else {"Test": test}
    return {"Time": "2026-01-02T03:04:05Z", "Action": action, "Package": "p", **named, **fields}


def told(content: bytes, *, module: str | None = None, step: int = 7) -> GoTestReport:
    """Return the report of a stream that comes in small pieces."""
    stream = GoTestStream(module=module)
    for at in range(0, len(content), step):
        stream.add(content[at : at + step])
    report = stream.finish()
    assert report is not None
    for case in report.cases:
        TestCase.model_validate(case)
    return report


def outcomes(report: GoTestReport) -> dict[object, object]:
    return {case["id"]: case["outcome"] for case in report.cases}


def test_a_real_stream_gives_every_test_of_every_package() -> None:
    report = read_go_test(REAL, module=SHOP)
    assert outcomes(report) == {
        f"{SHOP}/broken": "error",
        f"{SHOP}/cart::TestEmpty": "passed",
        f"{SHOP}/cart::TestSum/🎉_party": "passed",
        f"{SHOP}/cart::TestSum/wrong/𝄞": "failed",
        f"{SHOP}/cart::TestSum": "failed",
        f"{SHOP}/cart::TestLater": "skipped",
        f"{SHOP}/crash::TestBefore": "passed",
        f"{SHOP}/crash::TestPanics": "failed",
        f"{SHOP}/slow::TestAlsoWaits": "error",
    }
    assert (report.not_run, report.stopped_early, report.refused) == (1, False, 0)
    cases = {case["id"]: case for case in report.cases}
    failed = cases[f"{SHOP}/cart::TestSum/wrong/𝄞"]
    assert failed["frame"] == {"path": "cart/cart_test.go", "line": 15}
    assert failed["message"] == "cart_test.go:15: a sum of 𝄞 is 6, not 7"
    panicked = cases[f"{SHOP}/crash::TestPanics"]
    assert str(panicked["message"]).startswith("panic: assignment to entry in nil map")
    assert panicked["frame"] == {"path": "/home/somebody/shop/crash/crash_test.go", "line": 12}
    assert "test timed out after 2s" in str(cases[f"{SHOP}/slow::TestAlsoWaits"]["message"])
    assert outcomes(told(REAL.read_bytes(), module=SHOP)) == outcomes(report)


def test_a_stream_that_is_cut_keeps_what_ended() -> None:
    whole = REAL.read_bytes()
    cut = told(whole[: whole.index(b"=== CONT  TestSum")])
    assert outcomes(cut)[f"{SHOP}/cart::TestEmpty"] == "passed"
    assert cut.stopped_early


def test_interleaved_packages_and_subtests_are_kept_apart() -> None:
    report = told(
        events(
            event("start"), event("start", Package="q"), event("run", "TestA"),
            event("run", "TestA", Package="q"), event("run", "TestA/b🎉𝄞"),
            event("output", "TestA", Package="q", Output="    q_test.go:4: of q\n"),
            event("fail", "TestA", Package="q", Elapsed=0.25),
            event("pass", "TestA/b🎉𝄞", Elapsed=2),
            event("pass", "TestA"), event("fail", Package="q"), event("pass"),
        )
    )  # fmt: skip
    assert outcomes(report) == {
        "q::TestA": "failed",
        "p::TestA/b🎉𝄞": "passed",
        "p::TestA": "passed",
    }
    first, second, third = report.cases
    assert (first["duration_ns"], second["duration_ns"], third["duration_ns"]) == (
        250_000_000,
        2_000_000_000,
        None,
    )
    assert first["frame"] == {"path": "q_test.go", "line": 4}


def test_a_package_that_fails_without_a_failed_test_is_one_error() -> None:
    report = told(
        events(
            {"ImportPath": "b [b.test]", "Action": "build-output", "Output": "b.go:3: undefined\n"},
            {"ImportPath": "b [b.test]", "Action": "build-fail"},
            event("start", Package="b"),
            event("output", Package="b", Output="FAIL\tb [build failed]\n"),
            event("fail", Package="b", Elapsed=0, FailedBuild="b [b.test]"),
            event("start"), event("run", "TestA"), event("pass", "TestA"),
            event("output", Output="the end of TestMain\n"), event("output", Output="FAIL\n"),
            event("fail"), event("start", Package="none"), event("skip", Package="none"),
        )
    )  # fmt: skip
    assert outcomes(report) == {"b": "error", "p::TestA": "passed", "p": "error"}
    assert report.cases[0]["message"] == "b.go:3: undefined"
    assert report.cases[2]["message"] == "the end of TestMain"


def test_a_process_that_exits_leaves_running_and_waiting_tests() -> None:
    report = told(
        events(
            event("run", "TestRuns"), event("run", "TestWaits"), event("pause", "TestWaits"),
            event("run", "TestCont"), event("pause", "TestCont"), event("cont", "TestCont"),
            event("fail"),
        )
    )  # fmt: skip
    assert outcomes(report) == {"p::TestRuns": "error", "p::TestCont": "error"}
    assert "did not end" in str(report.cases[0]["message"])
    assert report.not_run == 1


def test_a_test_run_again_says_so_and_its_failure_in_the_same_process_stays() -> None:
    again = told(
        events(
            event("fail", "TestA"), event("fail"),
            event("pass", "TestA"), event("pass"),
            event("fail", "TestB"), event("pass", "TestB"), event("fail"),
        )
    )  # fmt: skip
    assert outcomes(again) == {"p::TestA": "passed", "p::TestB": "failed"}
    assert [case["reruns"] for case in again.cases] == [1, 1]


def test_claims_are_checked_field_by_field() -> None:
    report = told(
        events(
            event("run", "TestA"), event("invented", "TestA"), event("output", "TestA", Output=7),
            event("pass", "TestA", Elapsed=float("nan")), event("pass", "TestB", Elapsed=-1),
            event("fail", "TestC", Elapsed="1", Output={"a": 1}), event("pass", ["x"]),  # type: ignore[arg-type]
            '{"Action":"pass","Package":{},"Test":"TestD"}', '{"Action":"pass"', "[1]", "null",
            '{"Action":["pass"],"Package":"p"}', "[" * 5_000, "# p", "ok  \tp\t0.1s",
        )
    )  # fmt: skip
    assert outcomes(report) == {"p::TestA": "passed", "p::TestB": "passed", "p::TestC": "failed"}
    assert {case["duration_ns"] for case in report.cases} == {None}


def test_bytes_lines_cases_packages_and_text_are_capped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = event("start"), event("output", Output="x" * (2 << 20)), event("pass", "TestA")
    long_line = told(events(*lines), step=50_000)
    assert (outcomes(long_line), long_line.refused) == ({"p::TestA": "passed"}, 1)
    chatty = GoTestStream()
    tracemalloc.start()
    for number in range(300):
        for _ in range(40):
            chatty.add(events(event("output", f"Test{number}", Output="🎉𝄞" * 20_000)))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 64 << 20
    report = chatty.finish()
    assert report is not None
    assert all(len(str(case["message"])) <= 4_000 for case in report.cases)
    monkeypatch.setattr(go_test, "MAX_CASES", 3)
    monkeypatch.setattr(go_test, "MAX_PACKAGES", 2)
    many = told(events(*(event("pass", f"Test{n}", Package=f"p{n % 3}") for n in range(9))))
    assert (len(many.cases), many.refused) == (3, 6)
    monkeypatch.setattr(go_test, "MAX_BYTES", 100)
    (tmp_path / "large").write_bytes(events(event("pass", "TestA")) * 9)
    with pytest.raises(DamagedError, match="larger"):
        read_go_test(tmp_path / "large")


def test_other_output_is_given_up_and_what_is_no_report_is_refused(tmp_path: Path) -> None:
    stream = GoTestStream()
    stream.add(b"compiling\n" * 10_000)
    stream.add(events(event("pass", "TestA")))
    assert stream.finish() is None
    (tmp_path / "text").write_bytes(b"ok  \tp\t0.1s\n")
    os.mkfifo(tmp_path / "pipe")
    for name in ("text", "pipe", "."):
        with pytest.raises(DamagedError):
            read_go_test(tmp_path / name)
    with pytest.raises(NotFoundError):
        read_go_test(tmp_path / "missing")


def test_the_module_of_a_workspace_is_read_from_its_file(tmp_path: Path) -> None:
    assert module_of(tmp_path) is None
    (tmp_path / "go.mod").write_text('// shop\nmodule "example.org/shop" // 🎉\n\ngo 1.19\n')
    assert module_of(tmp_path) == "example.org/shop"


_VALUES: st.SearchStrategy[object] = st.sampled_from(
    ["p", "q", "TestA", "TestA/𝄞", "", "🎉", 1.5, -2, None, True, [], {}]
)
_ACTIONS = st.sampled_from(
    ["start", "run", "pause", "cont", "pass", "fail", "skip", "bench", "output", "build-output",
     "build-fail", "attr"]
)  # fmt: skip
_EVENTS = st.builds(
    lambda action, fields: json.dumps({"Action": action, **fields}).encode() + b"\n",
    _ACTIONS,
    st.dictionaries(
        st.sampled_from(["Package", "Test", "Output", "Elapsed", "ImportPath", "FailedBuild"]),
        _VALUES,
    ),
)


@given(st.one_of(st.binary(max_size=300), st.lists(_EVENTS, max_size=40).map(b"".join)))
def test_any_bytes_give_valid_cases_whatever_the_pieces(content: bytes) -> None:
    by_piece = GoTestStream()
    for at in range(0, len(content), 5):
        by_piece.add(content[at : at + 5])
    whole = GoTestStream()
    whole.add(content)
    report = whole.finish()
    assert by_piece.finish() == report
    for case in report.cases if report is not None else ():
        TestCase.model_validate(case)
