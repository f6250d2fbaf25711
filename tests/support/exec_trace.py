"""Every program that a process and its descendants start, as the kernel is asked (`strace`)."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.deadline import deadline, wait_until

_CALL = re.compile(r"^\d+ +execve(?:at)?\((.*)", re.MULTILINE)
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_READ = re.compile(r'(?:\w+, )?"((?:[^"\\]|\\.)*)", \[((?:"(?:[^"\\]|\\.)*"[., ]*)*)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Exec:
    """One program that was started, or that was tried."""

    program: str
    argv: tuple[str, ...]
    """The first 32 words."""


class ExecTrace:
    """Notes what the processes started behind `prefix` execute, and what their children do."""

    def __init__(self, folder: Path) -> None:
        """Note it in a new folder."""
        self._folder = folder
        self._count = 0
        self._before: tuple[str, ...] = ()
        folder.mkdir()
        self.fault = self._try()
        """Why nothing can be noted on this machine, empty where it can."""
        if self.fault:  # without root strace reads no process that hides its memory, as ours do
            self._before = ("unshare", "--map-root-user")
            self.fault = self._try() and self.fault

    def prefix(self) -> list[str]:
        """Return the words before a command; nothing where nothing can be noted.

        The command keeps its process id, streams and terminal: the tracer stands beside it.
        """
        if self.fault:
            return []
        return self._words()

    def _words(self) -> list[str]:
        self._count += 1
        log = str(self._folder / f"{self._count}.log")
        options = ("-D", "-f", "-qq", "--seccomp-bpf", "-s", "4096", "-e", "signal=none")
        traced = ("-e", "trace=execve,execveat", "-o", log)
        return [*self._before, "strace", *options, *traced]

    def _try(self) -> str:
        """Trace a Python that hides its memory and starts a program in the background."""
        programs = ("strace", *self._before[:1])
        if sys.platform != "linux" or not all(map(shutil.which, programs)):
            return "strace is not installed here; .ci/system.sh installs it"
        code = "import ctypes, subprocess; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0);"
        code += "subprocess.run(['/bin/sh', '-c', '/bin/true planted &'])"
        done = subprocess.run(
            [*self._words(), sys.executable, "-I", "-c", code],
            capture_output=True,
            text=True,
            timeout=deadline(),
            check=False,
        )
        if done.returncode != 0:
            return f"strace may not trace here: {done.stderr.strip()}"
        self.wait()
        try:
            seen = [call.argv[1:] for call in self.execs()]
        except ValueError as error:
            return f"strace does not see all here: {error}"
        finally:
            for log in self._folder.iterdir():
                log.unlink()
        return "" if ("planted",) in seen else f"strace sees {seen} only"

    def wait(self) -> None:
        """Wait until all that was started is over, with every tracer."""
        wait_until(lambda: not self._tracers(), f"the end of what is traced in {self._folder}")

    def _tracers(self) -> list[str]:
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = path.read_bytes().split(b"\0")
                if words[0] == b"strace" and f"{self._folder}/".encode() in b" ".join(words):
                    found.append(path.parent.name)
        return found

    def execs(self) -> list[Exec]:
        """Return all of it, process after process.

        Raises:
            ValueError: a line cannot be read, so that nothing would be proven.
        """
        found: list[Exec] = []
        for log in sorted(self._folder.glob("*.log")):
            for call in _CALL.findall(log.read_text("utf-8", "replace")):
                read = _READ.match(call)
                if read is None:
                    raise ValueError(f"what was started here? {call[:200]}")
                program, words = read.groups()
                argv = tuple(_plain(word) for word in _TEXT.findall(words))
                found.append(Exec(program=_plain(program), argv=argv))
        return found


def _plain(text: str) -> str:
    """Undo the escapes of strace, which are those of C."""
    return text.encode().decode("unicode_escape").encode("latin-1").decode("utf-8", "replace")
