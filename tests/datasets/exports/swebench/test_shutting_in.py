"""A program that is shut in reaches no network and no file of the person, and ends when it must."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.deadline import wait_until

from signoff_datasets.exports.swebench import shutting_in
from signoff_datasets.exports.swebench.shutting_in import Cell
from signoff_schemas.errors import ChildFailedError, MissingProgramError

ASTRAL = "😀𝄞"


@pytest.fixture
def cell(tmp_path: Path) -> tuple[Cell, Path]:
    folder = tmp_path / "cell"
    (folder / "work").mkdir(parents=True)
    found = Cell.of(Path(sys.executable))
    found.prepare(folder)
    return found, folder


def needs(cell: Cell, wall: str) -> None:
    if not cell.walls[wall]:
        pytest.skip(f"this system has no wall for {wall}")


def test_it_runs_the_interpreter_and_both_outputs_are_one(cell: tuple[Cell, Path]) -> None:
    said = f"import sys; print('{ASTRAL}', flush=True); print(sys.prefix, file=sys.stderr)"
    done = cell[0].run(["python", "-c", said], cell[1])
    assert done.log.splitlines() == [ASTRAL, sys.prefix]
    assert done.exit_code == 0


def test_no_network_is_there(cell: tuple[Cell, Path]) -> None:
    needs(cell[0], "network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        said = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
        assert cell[0].run(["python", "-c", said], cell[1]).exit_code != 0


def test_files_outside_are_neither_read_nor_written(
    cell: tuple[Cell, Path], tmp_path: Path
) -> None:
    needs(cell[0], "files")
    secret = tmp_path / "secret"
    secret.write_text(ASTRAL, "utf-8")
    assert "ermission" in cell[0].run(["/bin/cat", str(secret)], cell[1]).log
    assert cell[0].run(["/bin/sh", "-c", f"echo x >> {secret}"], cell[1]).exit_code != 0
    assert cell[0].run(["/bin/rm", "-f", str(secret)], cell[1]).exit_code != 0
    assert secret.read_text("utf-8") == ASTRAL
    inside = "cd ../tmp && echo x > a && ln -s a b && mkdir c && mv a c/a && cat c/a"
    assert cell[0].run(["/bin/sh", "-c", inside], cell[1]).log == "x\n"


def test_what_takes_too_long_ends_with_all_that_it_started(
    cell: tuple[Cell, Path], tmp_path: Path
) -> None:
    needs(cell[0], "processes")
    beat = cell[1] / "tmp" / "beat"
    left = f"(while :; do echo x >> {beat}; sleep 0.05; done) >/dev/null 2>&1 & sleep 600"
    with pytest.raises(ChildFailedError, match="took too long"):
        cell[0].run(["/usr/bin/setsid", "/bin/sh", "-c", left], cell[1], timeout_s=3)
    assert beat.stat().st_size > 0
    sizes = [beat.stat().st_size]

    def has_stopped() -> bool:
        sizes.append(beat.stat().st_size)
        return len(sizes) > 40 and sizes[-1] == sizes[-20]

    wait_until(has_stopped, "what was left behind to have ended")


def test_what_writes_too_much_is_stopped(
    cell: tuple[Cell, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutting_in, "MOST_OUTPUT_BYTES", 1000)
    with pytest.raises(ChildFailedError, match="wrote more than 1000 bytes"):
        cell[0].run(["/usr/bin/yes"], cell[1])


def test_variables_of_the_person_do_not_come_in(
    cell: tuple[Cell, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_VARIABLE", ASTRAL)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")
    done = cell[0].run(["/usr/bin/env"], cell[1])
    assert "SOME_VARIABLE" not in done.log
    assert "PYTEST_ADDOPTS" not in done.log
    assert f"HOME={cell[1] / 'home'}" in done.log.splitlines()


def test_the_walls_that_the_system_has_are_used(cell: tuple[Cell, Path]) -> None:
    for kind, wall in (("--net", "network"), ("--pid", "processes")):
        words = ["unshare", "--user", "--map-current-user", "--fork", kind, "true"]
        is_there = subprocess.run(words, capture_output=True, check=False, timeout=60)
        assert cell[0].walls[wall] or is_there.returncode != 0


def test_a_system_without_walls_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutting_in, "_NAMESPACES", (("--no-such-wall",),))
    shutting_in._allowed.cache_clear()
    try:
        assert Cell.of(Path(sys.executable)).walls["network"] is False
    finally:
        shutting_in._allowed.cache_clear()


def test_an_interpreter_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingProgramError, match="no Python at"):
        Cell.of(tmp_path / "python")
