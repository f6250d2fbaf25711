"""JUnit XML from strangers: what runners agree on, and nothing that costs more than reading."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.capture.test_results import junit
from signoff_collector.capture.test_results.junit import read_junit
from signoff_schemas.errors import DamagedError, NotFoundError, SignoffError
from signoff_schemas.values import TestCase

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" tests="6" time="1.5">
<testcase classname="tests.test_cart" name="test_sum[🎉]" time="0.25"/>
<testcase classname="tests.test_cart" name="test_bad" time="1,000.5">
<failure message="assert 1 == 2">tests/test_cart.py:3: 𝄞</failure></testcase>
<testcase classname="tests.test_cart" name="test_err"><error>boom</error></testcase>
<testcase classname="tests.test_cart" name="test_skip">
<skipped type="pytest.skip" message="no"/></testcase>
<testcase classname="tests.test_cart" name="test_xf">
<skipped type="pytest.xfail" message="bug"/></testcase>
<testcase file="src/a.spec.ts" line="12" name="adds"><failure/><error message="later"/></testcase>
</testsuite></testsuites>
"""


def report(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "report.xml"
    path.write_bytes(content)
    return path


def test_cases_have_identity_outcome_duration_message_and_place(tmp_path: Path) -> None:
    found = read_junit(report(tmp_path, REPORT.encode()))
    assert found.framework == "pytest"
    assert [(case["id"], case["outcome"]) for case in found.cases] == [
        ("tests.test_cart::test_sum[🎉]", "passed"),
        ("tests.test_cart::test_bad", "failed"),
        ("tests.test_cart::test_err", "error"),
        ("tests.test_cart::test_skip", "skipped"),
        ("tests.test_cart::test_xf", "xfailed"),
        ("src/a.spec.ts::adds", "failed"),
    ]
    assert [case["duration_ns"] for case in found.cases][:3] == [
        250_000_000,
        1_000_500_000_000,
        None,
    ]
    assert found.cases[1]["message"] == "assert 1 == 2"
    assert found.cases[2]["message"] == "boom"
    assert found.cases[5]["frame"] == {"path": "src/a.spec.ts", "line": 12}
    for case in found.cases:
        TestCase.model_validate(case)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"<testsuite name='a'>",
        b"<html><body/></html>",
        b"\xff\xfe\x00",
        b"<?xml version='1.0' encoding='utf-7'?><testsuite name='a'/>",
        b"<?xml version='1.0' encoding='shift_jis'?><testsuite name='a'/>",
        b"<testsuite name='a'><testcase name='\x00'/></testsuite>",
    ],
)
def test_what_is_no_report_is_refused_with_its_fact(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DamagedError):
        read_junit(report(tmp_path, content))


def test_a_document_type_is_refused(tmp_path: Path) -> None:
    laughs = b"<!DOCTYPE x [<!ENTITY a 'ha'>]><testsuite name='&a;'/>"
    with pytest.raises(DamagedError, match="document type"):
        read_junit(report(tmp_path, laughs))
    external = b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><testsuite name='a'/>"
    with pytest.raises(DamagedError, match="document type"):
        read_junit(report(tmp_path, external))


def test_depth_elements_cases_and_bytes_are_capped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DamagedError, match="deeper"):
        read_junit(report(tmp_path, b"<testsuite name='a'>" + b"<a>" * 70))
    monkeypatch.setattr(junit, "MAX_ELEMENTS", 100)
    with pytest.raises(DamagedError, match="100 elements"):
        read_junit(report(tmp_path, b"<testsuite name='a'>" + b"<a/>" * 200 + b"</testsuite>"))
    monkeypatch.setattr(junit, "MAX_CASES", 10)
    with pytest.raises(DamagedError, match="10 cases"):
        read_junit(
            report(tmp_path, b"<testsuite name='a'>" + b"<testcase/>" * 20 + b"</testsuite>")
        )
    monkeypatch.setattr(junit, "MAX_BYTES", 10)
    with pytest.raises(DamagedError, match="10 bytes"):
        read_junit(report(tmp_path, REPORT.encode()))


def test_millions_of_empty_elements_cost_no_memory(tmp_path: Path) -> None:
    path = report(tmp_path, b"<testsuite name='a'>" + b"<a/>" * 500_000 + b"</testsuite>")
    tracemalloc.start()
    read_junit(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 8 << 20


def test_a_pipe_a_folder_and_nothing_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DamagedError):
        read_junit(tmp_path / "pipe")
    with pytest.raises(DamagedError):
        read_junit(tmp_path)
    with pytest.raises(NotFoundError):
        read_junit(tmp_path / "missing")


_PIECES = st.sampled_from(
    [
        "<testsuites>", "</testsuites>", "<testsuite name='s'>", "</testsuite>",
        "<testcase name='t' time='1'>", "</testcase>", "<failure>", "</failure>", "<skipped/>",
        "&#x41;", "&amp;", "<![CDATA[x]]>", "<!-- c -->", "<?pi?>", "🎉", "𝄞", "<!DOCTYPE a>", "\0",
        "<error message='m' type='pytest.xfail'/>", "time='nan'", "<a b='", "'>",
    ]
)  # fmt: skip


@given(
    st.one_of(st.binary(max_size=300), st.lists(_PIECES, max_size=25).map("".join).map(str.encode))
)
def test_any_bytes_give_a_report_or_an_error_of_ours(tmp_path_factory: pytest.TempPathFactory,
                                                     content: bytes) -> None:  # fmt: skip
    path = tmp_path_factory.getbasetemp() / f"fuzz-{os.getpid()}.xml"
    path.write_bytes(content)
    try:
        found = read_junit(path)
    except SignoffError:
        return
    for case in found.cases:
        TestCase.model_validate(case)


def test_kept_characters_and_suites_are_capped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = b"<testcase name='n'><failure>" + b"x" * 5_000 + b"</failure></testcase>"
    monkeypatch.setattr(junit, "MAX_KEPT", 10_000)
    with pytest.raises(DamagedError, match="10000 characters"):
        read_junit(report(tmp_path, b"<testsuite name='a'>" + case * 4 + b"</testsuite>"))
    suites = b"<testsuites>" + b"<testsuite name='a'/>" * 3_000 + b"</testsuites>"
    assert len(read_junit(report(tmp_path, suites)).suites) == 1_000
