"""The environment step: names and versions, no values, no program run."""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path

import pytest
from tests.support.clock import FakeClock
from tests.support.sessions import current_home, workspace

from signoff_collector.capture.runs.environment import (
    Report,
    describe_environment,
    renew_environment,
)
from signoff_collector.capture.sessions.sessions import open_session
from signoff_schemas.steps import parse_step


def make_venv(root: Path) -> None:
    packages = root / ".venv" / "lib" / "python3.12" / "site-packages"
    packages.mkdir(parents=True)
    (root / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.4\n")
    for name in ("pytest-8.1.0", "ruff-0.5.0", "Pytest_XDIST-3.6.1", "requests-2.0"):
        (packages / f"{name}.dist-info").mkdir()


def test_it_says_interpreter_tools_and_lock_files(tmp_path: Path) -> None:
    make_venv(tmp_path)
    (tmp_path / "uv.lock").write_bytes(b"locked 1\n")
    fields = describe_environment(tmp_path, environ={}, machine=tmp_path)
    assert fields["interpreters"] == {"python": "3.12.4"}
    assert fields["tools"] == {"pytest": "8.1.0", "ruff": "0.5.0", "pytest-xdist": "3.6.1"}
    assert fields["lock_files"] == {"uv.lock": hashlib.sha256(b"locked 1\n").hexdigest()}
    parse_step({"seq": 0, "t_ns": 0, "source": "run", **fields})


def test_the_system_is_told_without_its_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for release, told in (("6.1.0-13-corp-amd64", "Linux 6.1"), ("", "Linux")):
        monkeypatch.setattr(platform, "system", lambda: "Linux")
        monkeypatch.setattr(platform, "release", lambda release=release: release)
        assert describe_environment(tmp_path, environ={})["os"] == told


def test_variables_are_names_only(tmp_path: Path) -> None:
    fields = describe_environment(tmp_path, environ={"API_TOKEN": "s3cr3t-🎉-value", "LANG": "C"})
    assert fields["variables"] == ["API_TOKEN", "LANG"]
    assert "s3cr3t" not in json.dumps(fields)


def test_an_interpreter_in_the_workspace_is_never_run(tmp_path: Path) -> None:
    make_venv(tmp_path)
    canary = tmp_path / "canary"
    program = tmp_path / ".venv" / "bin" / "python"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {canary}\n")
    program.chmod(0o755)
    describe_environment(tmp_path, environ={"PATH": str(program.parent)})
    assert not canary.exists()


def test_nothing_known_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").mkdir()
    fields = describe_environment(tmp_path / "missing", environ={}, machine=tmp_path)
    assert (fields["interpreters"], fields["tools"], fields["lock_files"]) == ({}, {}, {})


def test_tools_of_node_and_the_container_are_read_from_files(tmp_path: Path) -> None:
    for name, text in {
        "prettier": '{"name": "prettier", "version": "3.3.2"}',
        "@biomejs/biome": '{"version": "1.8.0-rc.1"}',
        "eslint": "garbage",
        "left-pad": '{"version": "1.0.0"}',
    }.items():
        folder = tmp_path / "node_modules" / name
        folder.mkdir(parents=True)
        (folder / "package.json").write_text(text)
    machine = tmp_path / "machine"
    (machine / "run").mkdir(parents=True)
    image = "ab" * 32
    (machine / "run/.containerenv").write_text(f'name="x🎉"\nimageid="{image}"\n')
    fields = describe_environment(tmp_path, environ={}, machine=machine)
    assert fields["tools"] == {
        "prettier": "3.3.2", "@biomejs/biome": "1.8.0-rc.1", "container": "podman",
    }  # fmt: skip
    assert fields["container_digest"] == f"sha256:{image}"
    parse_step({"seq": 0, "t_ns": 0, "source": "run", **fields})


def test_an_engine_that_tells_no_image_gives_its_name_only(tmp_path: Path) -> None:
    def told() -> tuple[object, object]:
        fields = describe_environment(tmp_path, environ={}, machine=tmp_path)
        return fields["tools"], fields["container_digest"]

    assert told() == ({}, None)
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(f"0::/kubepods/pod-{'ab' * 32}\n")
    assert told() == ({"container": "kubepods"}, None)
    (tmp_path / ".dockerenv").touch()
    assert told() == ({"container": "docker"}, None)


@pytest.mark.usefixtures("home")
def test_only_a_changed_environment_is_news(tmp_path: Path) -> None:
    session = open_session(current_home(), workspace(tmp_path / "work"), FakeClock())
    fields = describe_environment(tmp_path, environ={"A": "1"})
    assert renew_environment(session, fields) is not None
    assert renew_environment(session, fields) is None
    report = Report(
        interpreters={"python": "3.12"}, tools={"pytest-cov": "5"}, distributions={"requests": "2"}
    )
    told = renew_environment(session, fields, report)
    assert told is not None
    assert (told["distributions"], told["interpreters"]) == ({"requests": "2"}, {"python": "3.12"})
    assert renew_environment(session, fields, report) is None
    assert renew_environment(session, fields) is None, "what a test process told holds on"
    without_variables = {**fields, "variables": []}
    assert renew_environment(session, without_variables) is None
    (tmp_path / "uv.lock").write_bytes(b"locked 2\n")
    changed = renew_environment(session, describe_environment(tmp_path, environ={"A": "1"}))
    assert changed is not None
    assert changed["distributions"] == {"requests": "2"}
    assert (session.folder / "environment.json").stat().st_mode & 0o777 == 0o600
    (session.folder / "environment.json").write_text("[")
    assert renew_environment(session, fields) is not None
