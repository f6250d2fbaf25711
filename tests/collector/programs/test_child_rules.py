"""No module starts a program on its own, and none but two name git (threat 7)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
COMPONENTS = ("collector", "datasets", "lsp_bridge", "schemas")
GIT_MODULES = {
    "collector/signoff_collector/capture/git/git.py": "reads repositories of the person",
    "datasets/signoff_datasets/exports/swebench/base_clone.py": "works in repositories of our own",
}
CHILD_MODULE = "collector/signoff_collector/programs/children.py"
POOLS = {"datasets/signoff_datasets/engines/pool.py": "its workers run our own code"}
"""Modules that start processes of this program, and why."""
REPLACES_ITSELF = {
    "collector/signoff_collector/capture/runs/running.py": "runs the person's command, on a pty",
    "collector/signoff_collector/capture/runs/relaying.py": "copies on for what the command left",
    "collector/signoff_collector/commands/lsp.py": "becomes the bridge",
    "lsp_bridge/signoff_bridge/__main__.py": "becomes the launcher where a package is gone",
    "collector/signoff_collector/commands/find.py": "becomes the person's own editor",
    "datasets/signoff_datasets/exports/swebench/landlock.py": "becomes what it shut in",
}
"""Modules that fork or exec, and why."""
SPAWNS = {
    "collector/signoff_collector/capture/agents/hook_opening.py": "a hook has no time to import "
    "`subprocess`; /bin/sh by its whole path, with an environment of its own",
}
"""Modules that start a process without `children.py`, and why."""

_NAMES_GIT = re.compile(r"(?:\S*/)?git(?:\.exe)?(?:\s.*)?", re.DOTALL)
_STARTS = {
    "run",
    "run_child",
    "Popen",
    "call",
    "check_call",
    "check_output",
    "find_program",
    "which",
}
_BANNED_OS = re.compile(r"(system|popen|spawn\w*|posix_spawnp?)")
_FORKING_OS = re.compile(r"(fork|forkpty|exec[lv]\w*)")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def is_git(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _NAMES_GIT.fullmatch(node.value) is not None
    )


def git_starts(tree: ast.Module) -> Iterator[int]:
    """Yield the lines where a program called git is looked for or put first in an argv."""
    for node in ast.walk(tree):
        if isinstance(node, ast.List | ast.Tuple):
            is_argv = len(node.elts) > 1 and is_git(node.elts[0]) and is_argument(node.elts[1])
            yield from [node.lineno] * is_argv
        if isinstance(node, ast.Call) and node.args:
            first = node.args[0]
            first = first.elts[0] if isinstance(first, ast.List) and first.elts else first
            if called(node) in _STARTS and is_git(first):
                yield node.lineno


def called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def is_argument(node: ast.AST) -> bool:
    verbs = r"-.*|status|diff|log|show|config|rev-parse|ls-files|cat-file|fetch|commit|add|init"
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(verbs, node.value) is not None
    )


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports when it runs; what it names in types alone starts nothing."""
    for_types = {
        id(one)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for line in node.body
        for one in ast.walk(line)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def os_calls(tree: ast.Module) -> Iterator[str]:
    return (
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"os", "pty"}
    )


def faults(path: Path) -> Iterator[str]:
    """Yield what a module does that only `children.py` or a module that may run git may do."""
    tree = ast.parse(path.read_text("utf-8"))
    modules, calls = set(imported(tree)), set(os_calls(tree))
    if any(module.split(".")[0] == "git" for module in modules):
        yield "imports GitPython: use capture.git.Git"
    if name(path) not in GIT_MODULES and list(git_starts(tree)):
        yield "names the git program: use capture.git.Git"
    if name(path) not in {CHILD_MODULE, *POOLS} and modules & {"subprocess", "multiprocessing"}:
        yield "starts processes: use children.run_child"
    if name(path) not in SPAWNS and any(map(_BANNED_OS.fullmatch, calls)):
        yield "starts a shell or a process: use children.run_child"
    if name(path) not in REPLACES_ITSELF and any(map(_FORKING_OS.fullmatch, calls)):
        yield "forks or execs: use children.run_child"


def test_the_rules_see_what_they_are_for() -> None:
    tree = ast.parse(
        "import subprocess, git.repo\n"
        "subprocess.run(['git', 'status'])\n"
        "run_child([find_program('git')])\n"
        "argv = ['/usr/bin/git', '-C', x]\n"
        "os.system('x'); os.execv('/x', [])\n"
        "source = 'git'; kinds = ('git', 'files')\n"
        "if TYPE_CHECKING:\n    import multiprocessing\n"
    )
    assert sorted(git_starts(tree)) == [2, 2, 3, 4]
    assert list(imported(tree)) == ["subprocess", "git.repo"]
    assert list(os_calls(tree)) == ["system", "execv"]


def test_programs_are_started_in_one_place_and_git_is_named_where_it_is_safe() -> None:
    sources = [path for component in COMPONENTS for path in (ROOT / component).rglob("*.py")]
    assert len(sources) > 50
    found = {name(path): list(faults(path)) for path in sources}
    assert {module: said for module, said in found.items() if said} == {}


def test_exceptions_are_still_needed() -> None:
    for exempt in REPLACES_ITSELF:
        calls = os_calls(ast.parse((ROOT / exempt).read_text("utf-8")))
        assert any(_FORKING_OS.fullmatch(call) for call in calls), exempt
    for exempt in SPAWNS:
        calls = os_calls(ast.parse((ROOT / exempt).read_text("utf-8")))
        assert [call for call in calls if _BANNED_OS.fullmatch(call)] == ["posix_spawn"], exempt
