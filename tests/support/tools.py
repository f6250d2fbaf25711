"""A tool runner of our own, in a real folder: it knows exported records and nothing of episodes."""

from __future__ import annotations

import base64
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.support.deadline import deadline

from signoff_datasets.actions.action import DEFAULT_MODE, LINK_MODE, FileState

Arguments = Mapping[str, str]


def lay(folder: Path, files: Mapping[str, FileState]) -> None:
    """Write files into a new folder; names may have any byte."""
    for path, file in files.items():
        write(folder / named(path), file.content, file.mode)


def read_back(folder: Path) -> dict[str, FileState]:
    """Return all files of a folder, with the modes that git would tell."""
    found: dict[str, FileState] = {}
    for place in sorted(folder.rglob("*")):
        name = place.relative_to(folder).as_posix()
        state = None if name.split("/")[0] == ".git" else state_of(place)
        if state is not None:
            found[name] = state
    return found


def state_of(place: Path) -> FileState | None:
    """Return a file as `read_back` does; None where there is none."""
    if place.is_symlink():
        return FileState(content=os.fsencode(place.readlink()), mode=LINK_MODE)
    if not place.is_file():
        return None
    mode = "100755" if place.stat().st_mode & 0o100 else DEFAULT_MODE
    return FileState(content=place.read_bytes(), mode=mode)


def plain(files: Mapping[str, FileState]) -> dict[str, FileState]:
    """Return files as `read_back` does: names as the system gives them, no unknown mode."""
    return {
        named(path): FileState(content=file.content, mode=file.mode or DEFAULT_MODE)
        for path, file in files.items()
    }


def do_call(folder: Path, name: str, arguments: Arguments) -> None:
    """Do one call that changes a file, as its definition says."""
    place = _argument(folder, arguments, "path")
    match name:
        case "create":
            coded = arguments.get("content_base64")
            text = arguments.get("text", "").encode()
            write(place, text if coded is None else base64.b64decode(coded), arguments.get("mode"))
        case "str_replace":
            content, old = place.read_bytes(), arguments["old_str"].encode()
            assert content.count(old) == 1, (name, arguments)
            place.write_bytes(content.replace(old, arguments["new_str"].encode()))
        case "delete":
            place.unlink()
        case "rename":
            target = _argument(folder, arguments, "new_path")
            target.parent.mkdir(parents=True, exist_ok=True)
            place.rename(target)
        case "set_mode":
            place.chmod(int(arguments["mode"][-3:], 8))
        case _:
            raise AssertionError(name)


def trajectory_calls(trajectory: Mapping[str, object]) -> Iterator[tuple[str, Arguments]]:
    """Yield the calls of an ATIF trajectory that change files, whoever made them."""
    for step in trajectory["steps"]:  # type: ignore[attr-defined]
        for call in step.get("tool_calls", ()):
            if call["function_name"] not in {"open_file", "search", "bash"}:
                yield call["function_name"], call["arguments"]
        told = [step.get("extra", {})]
        told += [one.get("extra", {}) for one in step.get("observation", {}).get("results", ())]
        for extra in told:
            for change in extra.get("file_changes", ()):
                yield change["function_name"], change["arguments"]


def run_trajectory(folder: Path, trajectory: Mapping[str, object]) -> list[tuple[int, int]]:
    """Do a trajectory with its commands really run; return (recorded, reached) exit codes.

    What commands are recorded to have done to files is left to them.
    """
    codes: list[tuple[int, int]] = []
    for step in trajectory["steps"]:  # type: ignore[attr-defined]
        extra = step.get("extra", {})
        evidence = extra.get("author", {}).get("evidence", ())
        if not any(one.startswith("command") for one in evidence):
            for change in extra.get("file_changes", ()):
                do_call(folder, change["function_name"], change["arguments"])
        for call in step.get("tool_calls", ()):
            name, arguments = call["function_name"], call["arguments"]
            if name == "bash":
                (result,) = step["observation"]["results"]
                codes.append((result["extra"]["exit_code"], _run(folder, arguments["command"])))
            elif name == "open_file":
                assert (folder / arguments["path"]).is_file(), call
            elif name != "search":
                do_call(folder, name, arguments)
    return codes


def _run(folder: Path, command: str) -> int:
    words = shlex.split(command)
    words[0] = sys.executable if words[0] == "python" else words[0]
    done = subprocess.run(words, cwd=folder, capture_output=True, timeout=deadline(), check=False)
    return done.returncode


def run_bash(folder: Path, lines: Iterable[str]) -> None:
    """Run lines in bash; each must succeed."""
    for line in lines:
        done = subprocess.run(
            ["bash", "-c", line.encode("utf-8", "surrogateescape")],
            cwd=folder, capture_output=True, timeout=deadline(), check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        assert done.returncode == 0, (line, done.stderr)


def write(place: Path, content: bytes, mode: str | None) -> None:
    """Write a whole file, or make a link."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if mode == LINK_MODE:
        place.unlink(missing_ok=True)
        place.symlink_to(os.fsdecode(content))
        return
    if place.is_symlink():
        place.unlink()
    place.write_bytes(content)
    if mode is not None:
        place.chmod(int(mode[-3:], 8))


def _argument(folder: Path, arguments: Arguments, name: str) -> Path:
    coded = arguments.get(f"{name}_base64")
    return folder / (arguments[name] if coded is None else os.fsdecode(base64.b64decode(coded)))


def named(path: str) -> str:
    """Return the name that the system gives a file of an episode."""
    return os.fsdecode(path.encode("utf-8", "surrogateescape"))
