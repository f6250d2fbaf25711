"""Reports of other runners, in the shapes they write; samples in our own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from signoff_collector.capture.test_results.report_files import ReportFiles, Results
from signoff_schemas.values import TestCase

SUREFIRE = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.0"
  name="org.example.CartTest" time="0.21" tests="999" errors="0" skipped="1" failures="-7">
 <properties><property name="user.name" value="somebody"/></properties>
 <testcase name="sums" classname="org.example.CartTest" time="0.004"/>
 <testcase name="taxes" classname="org.example.CartTest" time="0.1">
  <failure message="expected: &lt;7&gt;" type="org.example.Wrong"><![CDATA[at 🎉]]>
  </failure>
  <rerunFailure message="again"><stackTrace>at 𝄞</stackTrace></rerunFailure></testcase>
 <testcase name="flickers" classname="org.example.CartTest" time="0.1">
  <flakyFailure message="first time"><stackTrace>x</stackTrace></flakyFailure></testcase>
 <testcase name="later" classname="org.example.CartTest"><skipped message="not yet"/></testcase>
</testsuite>"""
GRADLE = """<testsuite name="org.example.ShopTest" tests="1" timestamp="2026-01-02T03:04:05">
 <properties/><testcase name="opens()" classname="org.example.ShopTest" time="0.02"/>
 <system-out><![CDATA[<testcase name="no"/>]]></system-out></testsuite>"""
VITEST = """<testsuites name="vitest tests" tests="2" failures="1">
 <testsuite name="src/cart.test.ts"><testcase classname="src/cart.test.ts"
  name="cart &gt; sums 🎉" time="0.001"/>
 <testcase classname="src/cart.test.ts" name="cart &gt; taxes" time="0.003">
  <failure message="expected 6 to be 7" type="AssertionError">at src/cart.test.ts:9:5</failure>
 </testcase></testsuite></testsuites>"""
JEST = """<testsuites name="jest tests"><testsuite name="cart" errors="0">
 <testcase classname="cart sums 𝄞" name="cart sums 𝄞" time="0.002"></testcase>
 <testcase classname="cart later" name="cart later" time="0"><skipped/></testcase>
</testsuite></testsuites>"""
NEXTEST = """<testsuites name="nextest-run" uuid="0"><testsuite name="shop" disabled="0">
 <testcase name="cart::sums" classname="shop" time="0.010">
  <flakyFailure type="test failure">one</flakyFailure><flakyFailure type="test failure"/></testcase>
 <testcase name="cart::taxes" classname="shop" time="0.010">
  <failure type="test failure">thread panicked at src/cart.rs:3:5</failure></testcase>
</testsuite></testsuites>"""
CTEST = """<testsuite name="Linux-c++" tests="3" hostname="">
 <testcase name="sums" classname="sums" time="0.02" status="run"><system-out>ok</system-out>
 </testcase><testcase name="taxes" classname="taxes" time="0.02" status="fail">
 <failure message="Failed"/></testcase>
 <testcase name="off" classname="off" time="0" status="disabled"/></testsuite>"""
PHPUNIT = """<testsuites><testsuite name="phpunit.xml">
 <testsuite name="CartTest" file="/w/CartTest.php">
 <testcase name="testTax" file="/w/CartTest.php" line="12" class="CartTest" classname="CartTest">
 <failure type="E">CartTest::testTax</failure></testcase></testsuite></testsuite></testsuites>"""
GO = '{"Action":"pass","Package":"p","Test":"TestA","Elapsed":0.5}\n'


def results(tmp_path: Path, content: str) -> Results:
    path = tmp_path / "report"
    files = ReportFiles(path)
    path.write_text(content)
    found = files.read(root=tmp_path)
    assert found is not None
    for case in found.cases:
        TestCase.model_validate(case)
    return found


@pytest.mark.parametrize(
    ("content", "framework", "outcomes", "reruns"),
    [
        (SUREFIRE, "junit", "passed failed passed skipped", [None, 1, 1, None]),
        (GRADLE, "junit", "passed", [None]),
        (VITEST, "vitest", "passed failed", [None, None]),
        (JEST, "jest", "passed skipped", [None, None]),
        (NEXTEST, "nextest", "passed failed", [2, None]),
        (CTEST, "junit", "passed failed skipped", [None, None, None]),
        (PHPUNIT, "phpunit", "failed", [None]),
        (GO, "go", "passed", [None]),
    ],
)
def test_the_shape_of_each_runner_is_read(
    tmp_path: Path, content: str, framework: str, outcomes: str, reruns: list[int | None]
) -> None:
    found = results(tmp_path, content)
    assert found.framework == framework
    assert [case["outcome"] for case in found.cases] == outcomes.split()
    assert [case["reruns"] for case in found.cases] == reruns


def test_messages_and_frames_belong_to_what_failed(tmp_path: Path) -> None:
    by_id = {case["id"]: case for case in results(tmp_path, SUREFIRE).cases}
    assert by_id["org.example.CartTest::taxes"]["message"] == "expected: <7>"
    assert by_id["org.example.CartTest::flickers"]["message"] is None
    (case,) = results(tmp_path, PHPUNIT).cases
    assert case["frame"] == {"path": "/w/CartTest.php", "line": 12}
    assert results(tmp_path, CTEST).cases[1]["message"] == "Failed"


def test_a_folder_gives_the_reports_that_changed(tmp_path: Path) -> None:
    folder = tmp_path / "surefire-reports"
    folder.mkdir()
    (folder / "TEST-old.xml").write_text(VITEST)
    files = ReportFiles(folder)
    assert files.read(root=tmp_path) is None
    (folder / "TEST-b.xml").write_text(SUREFIRE)
    (folder / "TEST-a.xml").write_text(GRADLE)
    (folder / "TEST-bad.xml").write_text("<!DOCTYPE x><testsuite name='x'/>")
    (folder / "notes.txt").write_text(GRADLE)
    found = files.read(root=tmp_path)
    assert found is not None
    assert [case["id"] for case in found.cases][:2] == [
        "org.example.ShopTest::opens()",
        "org.example.CartTest::sums",
    ]
    assert len(found.cases) == 5


def test_a_report_that_did_not_change_or_is_none_gives_nothing(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    path.write_text(GRADLE)
    files = ReportFiles(path)
    assert files.read(root=tmp_path) is None
    path.write_text("no report at all")
    assert files.read(root=tmp_path) is None
    assert ReportFiles(tmp_path / "missing").read(root=tmp_path) is None
