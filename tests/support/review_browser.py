"""The review page in a real browser: a recorded day that is really sealed, and what drives it."""

from __future__ import annotations

import json
import os
import pwd
import random
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from tests.support.deadline import DEADLINE_S
from tests.support.history import ended_session
from tests.support.leaks import random_secret
from tests.support.seal_journals import Journal

from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock

ROOT: Final = Path(__file__).resolve().parent.parent.parent
E2E: Final = ROOT / "editor_extensions" / "review_page" / "e2e"
PICTURES: Final = ROOT / "docs" / "pictures"
LIMIT_S: Final = 240
"""How long one scenario may take."""
# Read now: a test's environment holds no such names.
KEEPS_PICTURES: Final = os.environ.get("SIGNOFF_REVIEW_PICTURES") == "true"
"""Whether this run makes the pictures in docs/ anew."""
_NAMED_TOOLS: Final = os.environ.get("SIGNOFF_E2E_REVIEW")
_CACHE: Final = os.environ.get("XDG_CACHE_HOME")
ASTRAL: Final = "\U0001f600\U0001f603"
"""Two outside of the BMP that the browser has glyphs for."""


def tools_folder() -> Path:
    """Return where .ci/review_page.sh put Node and playwright, whether it did or not."""
    if _NAMED_TOOLS:
        return Path(_NAMED_TOOLS)
    cache = _CACHE or f"{pwd.getpwuid(os.getuid()).pw_dir}/.cache"
    return Path(cache, "signoff-e2e", "review")


def need_tools() -> Path:
    """Return that folder, or skip; with CI=true a missing one fails."""
    tools = tools_folder()
    if (tools / "node_modules" / "playwright-core").exists() and shutil.which("chromium"):
        return tools
    if os.environ.get("CI") == "true":
        pytest.fail(f"there is no browser lane in {tools}, and CI must have it")
    pytest.skip(f"there is no browser lane in {tools} (.ci/review_page.sh installs it)")


def drive(
    scenario: str, address: str, out: Path, given: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Run one scenario at the page's one-time address and return its result.

    With SIGNOFF_REVIEW_PICTURES=true the pictures in docs/ are made anew.

    Raises:
        AssertionError: it failed; says where the last picture lies.
    """
    tools = need_tools()
    out.mkdir(parents=True, exist_ok=True)
    plan = {
        "tools": str(tools),
        "out": str(out),
        "pictures": str(PICTURES) if KEEPS_PICTURES else None,
        "address": address,
        "scenario": str(E2E / "scenarios" / f"{scenario}.mjs"),
        "given": dict(given or {}),
    }
    (out / "plan.json").write_text(json.dumps(plan))
    process = subprocess.Popen(
        [str(tools / "bin" / "node"), str(E2E / "run.mjs"), str(out / "plan.json")],
        env={
            "HOME": str(out),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "SIGNOFF_TEST_DEADLINE_S": str(DEADLINE_S),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        said = '{"ok": false, "error": "the scenario did not end"}'
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    answer = json.loads(said or '{"ok": false, "error": "the scenario said nothing"}')
    assert answer["ok"], f"{scenario}: {answer['error']}\n{answer.get('told')}\nsee {out}"
    result: dict[str, object] = answer["result"]
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """What was planted in a recorded day."""

    episode: Path
    codename: str
    """A made-up word that no program takes for a secret."""
    secret: str
    """What sealing recognises and masks."""


def codename(seed: int) -> str:
    """Return a word of no language with digits, from a seed; printed, never the same as others."""
    source = random.Random(f"codename {seed}")  # noqa: S311 - a test's data
    syllables = ["".join((source.choice("bdgklmnprtvz"), source.choice("aeiou"))) for _ in "12345"]
    word = "".join(syllables).capitalize() + str(source.randrange(1000, 9999))
    print(f"codename from seed {seed}")  # noqa: T201
    return word


class _Writer:
    """Types into the files of a journal, key by key and with a word that keys were seen."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}

    def open(self, path: str, text: str) -> None:
        self.journal.open(path, text)
        self.texts[path] = text
        self.versions[path] = 0

    def put(self, path: str, text: str, *, reason: str = "key", at_once: bool = False) -> None:
        """Put text at a file's end, a line in one change where it is `at_once`."""
        for piece in [text] if at_once else text:
            old = self.texts[path]
            line = old.count("\n")
            column = len(old.rpartition("\n")[2].encode("utf-16-le")) // 2
            self.versions[path] += 1
            version = self.versions[path]
            self.journal.change(path, (line, column), (line, column), piece, version)
            self.journal.evidence(path, reason, version)
            self.texts[path] = old + piece

    def take(self, path: str, count: int) -> None:
        """Take the last characters away, one by one; none of them is a line's end."""
        for _ in range(count):
            text = self.texts[path]
            line = text.count("\n")
            whole, less = (
                len(one.rpartition("\n")[2].encode("utf-16-le")) // 2 for one in (text, text[:-1])
            )
            self.versions[path] += 1
            version = self.versions[path]
            self.journal.change(path, (line, less), (line, whole), "", version)
            self.journal.evidence(path, "key", version)
            self.texts[path] = text[:-1]

    def save(self, path: str) -> None:
        self.journal.save(path, self.texts[path])


def _tests(journal: Journal, run: str, *, passed: int, failed: int, message: str = "") -> None:
    cases = [{"id": f"test_app.py::test_{n}", "outcome": "passed"} for n in range(passed)]
    cases += [
        {"id": f"test_app.py::test_{passed + n}", "outcome": "failed", "message": message}
        for n in range(failed)
    ]
    journal.step(
        "tests", run_id=run, framework="pytest", argv=["pytest", "-q"], cases=cases,
        exit_code=1 if failed else 0, duration_ns=1_200_000_000, collected=passed + failed,
    )  # fmt: skip


def _command(journal: Journal, line: str, output: str, exit_code: int = 0) -> None:
    journal.step(
        "command", line=line, exit_code=exit_code, duration_ns=800_000_000, tty=True,
        output_state="full", output_bytes=len(output.encode()), output={"head": output, "tail": ""},
    )  # fmt: skip


def sealed_day(
    root: Path,
    seed: int,
    *,
    title: str = f"Count words right {ASTRAL}",
    more: str = "",
    name: str = "strange.txt",
    erased: str = "",
) -> Planted:
    """Record a day of three tasks, seal it for real, and keep its journals.

    Args:
        root: the workspace; it is made.
        seed: of what is planted.
        title: of the first task.
        more: further text, put at once into a file of its own, and printed by a command.
        name: of that file.
        erased: typed in the first task and taken away again before it is saved.
    """
    word, secret = codename(seed), random_secret(seed)
    journal = Journal(root=root)
    writer = _Writer(journal)
    journal.step("task", text=title, stated="before_first_edit")
    writer.open("src/app.py", f"# counts words {ASTRAL}\n")
    writer.put("src/app.py", "def count(text):\n    return len(text.split(' '))\n")
    writer.put("src/app.py", erased)
    writer.take("src/app.py", len(erased))
    writer.save("src/app.py")
    _tests(journal, "run-1", passed=2, failed=1, message="assert 3 == 2")
    journal.wait(40)
    writer.open("src/client.py", "")
    writer.put("src/client.py", f"client = '{word}'\n")
    writer.put("src/client.py", f"api_key = '{secret}'\n")
    writer.save("src/client.py")
    _command(journal, "python -m src.client", f"hello {word}\n")
    writer.put("src/app.py", "\n\ndef lines(text):\n    return text.splitlines()\n", reason="paste",
               at_once=True)  # fmt: skip
    writer.save("src/app.py")
    _tests(journal, "run-2", passed=3, failed=0)
    journal.step("git", operation="commit", head_after="12" * 20, branch="refs/heads/main",
                 message=f"count words right {ASTRAL}\n")  # fmt: skip
    journal.wait(900)
    journal.step("task", text="Write down what was learnt", stated="during")
    writer.open("notes.md", "")
    writer.put("notes.md", "Words are parted by runs of blanks.\n")
    writer.save("notes.md")
    _command(journal, "ls -l", "notes.md\nsrc\n")
    journal.wait(1200)
    if more:
        journal.step("task", text=more.partition("\n")[0], stated="during")
        writer.open(name, "")
        writer.put(name, more, reason="paste", at_once=True)
        writer.save(name)
        _command(journal, f"echo {more[:400]}", more)
        journal.step("note", text=more[:400])
    journal.step("task", text="Private letters", stated="during")
    writer.open("letter.txt", "")
    writer.put("letter.txt", "Dear Ada, the garden is lovely.\n")
    writer.save("letter.txt")
    session = ended_session(root, journal)
    sealed = seal_session(session, resolve_home(), SystemClock())
    return Planted(episode=sealed.path, codename=word, secret=secret)
