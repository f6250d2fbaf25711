"""The main job, once, for real: from typing in an editor to a verified, replayed episode.

Everything happens in a throw-away folder with its own SIGNOFF_HOME. Nothing is staged:
every step comes through the real bridge process, real git and real pytest.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from dataset import make_data_set  # noqa: E402
from editors import Neovim, PlainClient, TypingEditor, find_neovim  # noqa: E402
from terminal import ConversationError, converse  # noqa: E402

from hub import hub_of, send_and_take_back  # noqa: E402

BIN = Path(sys.executable).parent
SIGNOFF = BIN / "signoff"
LIMIT_S = float(os.environ.get("SIGNOFF_DEMO_LIMIT_S", "120"))
"""For one command; an emulated processor takes longer."""
TEST = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")


class DemoFailedError(Exception):
    """A command of the demo did not do what it should."""


class Demo:
    """One run of the demo in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = folder / "tally"
        self.store = folder / "store"
        self.private = folder / "editor"
        self.private.mkdir()
        self.began = time.monotonic()
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GIT_", "SIGNOFF_", "PYTEST_", "PYTHON", "VIRTUAL_ENV"))
        } | {
            "SIGNOFF_HOME": str(folder / "signoff-home"),
            "HOME": str(folder / "home"),
            "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "SIGNOFF_PLAIN": "1",  # the review as lines, which a script can answer
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ada Example",
            "GIT_AUTHOR_EMAIL": "ada@example.org",
            "GIT_COMMITTER_NAME": "Ada Example",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
        }
        Path(self.environment["HOME"]).mkdir(mode=0o700)
        os.environ.clear()
        os.environ.update(self.environment)

    # -- telling ---------------------------------------------------------------------------

    def chapter(self, title: str) -> None:
        """Print a heading with the time so far."""
        print(f"\n━━ {title}  ({time.monotonic() - self.began:.0f} s)")

    def signoff(self, *arguments: str, expect: int = 0, show: bool = True) -> str:
        """Run one signoff command, show it and its output, and return its stdout."""
        return self.call(str(SIGNOFF), *arguments, expect=expect, show=show)

    def call(
        self, *argv: str, expect: int = 0, show: bool = True, stdin: bytes | None = None
    ) -> str:
        """Run one command in the project."""
        shown = shlex.join(["signoff" if part == str(SIGNOFF) else part for part in argv])
        if show:
            print(f"$ {self._short(shown)}")
        done = subprocess.run(
            argv, cwd=self.project, input=stdin, capture_output=True, timeout=LIMIT_S, check=False
        )
        text = done.stdout.decode("utf-8", "replace")
        if show or done.returncode != expect:
            sys.stdout.write(self._indented(text))
            sys.stdout.write(self._indented(done.stderr.decode("utf-8", "replace")))
        if done.returncode != expect:
            raise DemoFailedError(f"{shown} ended with {done.returncode}, not {expect}")
        return text

    def _short(self, text: str) -> str:
        return text.replace(str(self.folder), "…")

    def _indented(self, text: str) -> str:
        return "".join(f"  {line}\n" for line in self._short(text).splitlines())

    # -- the story -------------------------------------------------------------------------

    def make_project(self) -> None:
        """Make a fresh repository with the example's own history."""
        self.project.mkdir()
        self.call("git", "init", "-q", "-b", "main", show=False)
        for patch in sorted((HERE / "tally").glob("*.patch")):
            self.call("git", "am", "-q", "--committer-date-is-author-date", str(patch), show=False)
        print(self._indented(self.call("git", "log", "--oneline", show=False)), end="")

    def opt_in(self) -> None:
        """Enable recording as a person does, in a real terminal."""
        print("$ signoff enable")
        converse(
            [str(SIGNOFF), "enable", "--owner", "mine"],
            cwd=self.project,
            answers=[(r"\[y/N\] $", "y")],
            show=lambda text: sys.stdout.write(self._indented(text)),
        )

    def work(self, editor: TypingEditor) -> None:
        """Do the task: a red test, a wrong fix, the right fix, a commit."""
        self.signoff("task", "Punctuation should be no part of a word")
        with editor:
            self.signoff("run", "--", *TEST, expect=1)
            source = self.project / "tally" / "words.py"
            editor.open(source)
            print(f"  typing in {editor.name} …")
            editor.insert_below("Find the words", "")
            editor.insert_below("Find the words", "import re")
            editor.replace_line("return text.lower", '    return re.findall(r"\\w+", text.lower())')
            editor.save()
            self.signoff("run", "--", *TEST, expect=1)
            self.signoff("note", "the apostrophe belongs to the word")
            editor.replace_line(
                "return re.findall", '    return re.findall(r"[\\w\']+", text.lower())'
            )
            editor.insert_below(
                "Return the words", "    # An apostrophe is part of a word: 🎈it's🎉"
            )
            editor.save()
            self.signoff("run", "--", *TEST)
            self.call("git", "commit", "-qam", "Split words at punctuation, keep apostrophes")
            self.signoff("status")

    def seal(self) -> str:
        """End the session, seal it, and return the episode's path."""
        lines = self.signoff("seal", "--json", show=False).splitlines()
        sealed = json.loads(lines[-1])
        path = Path(sealed["episode"])
        print(
            f"  {sealed['steps']} steps in {path.stat().st_size:,} bytes: {self._short(str(path))}"
        )
        self.signoff("show", str(path))
        self.signoff("check", str(path))
        return str(path)

    def review(self, episode: str, audience: str) -> Path:
        """Answer the questions of the terminal review, in a real terminal, and sign."""
        print("$ signoff review --terminal")
        said = converse(
            [str(SIGNOFF), "review", episode, "--terminal"],
            cwd=self.project,
            answers=[
                ("review> $", "diff 0"),
                ("review> $", "keep 0"),
                ("review> $", "done"),
                (r"shared\? \(yes/no\)> $", "all"),
                (r"\(yes/no\)> $", "yes"),
                ("which store.*> $", audience),
                (r"sign this for .*\(yes/no\)> $", "yes"),
            ],
            show=lambda text: sys.stdout.write(self._indented(text)),
        )
        found = re.findall(r"statement\s+\S*?([0-9a-f]{16})\.signoff\.json", said)
        if not found:
            raise DemoFailedError("the review left no episode")
        return Path(self.environment["SIGNOFF_HOME"], "data", "episodes", f"{found[-1]}.episode")

    def follow(self, episode: str) -> None:
        """Sign for a hub on this machine, send it there, follow it, and take it back."""
        self.chapter("A hub on this machine")
        with hub_of(self.folder / "hub") as address:
            self.chapter("Review: read the hub's terms, look at everything, sign for it alone")
            shared = self.review(episode, address)
            self.chapter("Upload: checked, admitted, confirmed; and taken back")
            send_and_take_back(self, shared, address)

    def share(self, shared: Path) -> None:
        """Upload to a folder, and verify there with stock tools."""
        audience = self.store.as_uri()
        self.signoff("verify", str(shared))
        self.signoff("upload", str(shared), "--to", audience)
        self.stock_verification()

    def stock_verification(self) -> None:
        """Check the uploaded files with `sha256sum` and `ssh-keygen` alone."""
        (statement,) = self.store.glob("signoffs/*/*/*.json")
        subject = json.loads(statement.read_text("utf-8"))["subject"][0]
        digest = subject["digest"]["sha256"]
        blob = next(self.store.glob(f"blobs/*/{digest}"))
        self.call("sha256sum", "--check", "-", stdin=f"{digest}  {blob}\n".encode())
        allowed = self.folder / "allowed_signers"
        public = next(Path(self.environment["SIGNOFF_HOME"], "keys").rglob("*.pub"))
        kind, key = public.read_text("utf-8").split()[:2]
        allowed.write_text(f'contributor namespaces="signoff-episode-v1" {kind} {key}\n', "utf-8")
        self.call(
            "ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", "contributor",
            "-n", "signoff-episode-v1", "-s", f"{statement}.sig",
            stdin=statement.read_bytes(),
        )  # fmt: skip

    def play(self, shared: Path) -> None:
        """Play it back and take one moment out of it."""
        self.signoff("replay", str(shared), "--speed", "20")
        moment = self.folder / "after-60-edits"
        self.signoff("checkout", str(shared), "--at", "60", str(moment))
        self.call("cat", str(moment / "tally" / "words.py"))
        last = self.folder / "last"
        self.signoff("checkout", str(shared), "--at", "end", str(last))
        changed = Path("tally", "words.py")
        self.call("cmp", "--verbose", str(last / changed), str(self.project / changed))
        print("  the last moment equals the project, byte for byte")

    def farewell(self, shared: Path) -> None:
        """Say where everything lies and what to try next."""
        print(
            f"\nEverything lies in {self.folder}\n"
            f"  project   {self.project}\n"
            f"  home      {self.environment['SIGNOFF_HOME']}\n"
            f"  episode   {shared}\n"
            f"  store     {self.store}\n\n"
            "Try next, in a project of yours:\n"
            f"  {SIGNOFF} setup       # your editors, shells and agents; it asks first\n"
            f"  {SIGNOFF} enable .\n"
            f"  {SIGNOFF} status      # after a while of work\n"
        )


def _editor(demo: Demo, choice: str) -> TypingEditor:
    program = find_neovim() if choice in {"auto", "neovim"} else None
    if program is not None:
        return Neovim(program, signoff=SIGNOFF, folder=demo.project, private=demo.private)
    if choice == "neovim":
        raise DemoFailedError("no Neovim 0.10 or newer was found")
    return PlainClient(signoff=SIGNOFF, folder=demo.project)


def _folder(chosen: Path | None) -> Path:
    """Return an empty folder of our own, made where it is not there.

    Raises:
        OSError: the one that was chosen holds something, is no folder or cannot be made.
    """
    if chosen is None:
        return Path(tempfile.mkdtemp(prefix="signoff-demo-"))
    folder = chosen.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), str(folder))
    return folder


def main() -> int:
    """Run the demo; 0 when every part of it worked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--editor", choices=("auto", "neovim", "plain"), default="auto")
    parser.add_argument(
        "--until",
        choices=("sealed", "end", "dataset", "hub"),
        default="end",
        help="sealed: the review is yours; dataset: a data set is made of what was signed;"
        " hub: it goes to a hub on this machine and is taken back",
    )
    parser.add_argument("--folder", type=Path, help="an empty folder to use and keep")
    chosen = parser.parse_args()
    try:
        folder = _folder(chosen.folder)
    except OSError as error:
        print(
            f"error: {error.filename} cannot be used: {error.strerror}\n"
            "hint: --folder takes an empty folder, or one that is not there yet",
            file=sys.stderr,
        )
        return 2
    demo = Demo(folder)
    try:
        demo.chapter("A small project with a failing test")
        demo.make_project()
        demo.chapter("Opt in")
        demo.opt_in()
        demo.chapter("Work as usual")
        demo.work(_editor(demo, chosen.editor))
        demo.chapter("Seal: the session becomes one small file")
        episode = demo.seal()
        if chosen.until == "sealed":
            return 0
        if chosen.until == "hub":
            demo.follow(episode)
            return 0
        demo.chapter("Review: look at everything, keep a task, sign")
        demo.store.mkdir()
        shared = demo.review(episode, demo.store.as_uri())
        demo.chapter("Upload, then verify with stock tools")
        demo.share(shared)
        if chosen.until == "dataset":
            demo.chapter("A data set of it, read and proven")
            make_data_set(demo, shared)
            return 0
        demo.chapter("Replay")
        demo.play(shared)
        demo.chapter("Done")
        demo.farewell(shared)
    except (
        DemoFailedError,
        ConversationError,
        KeyboardInterrupt,
        OSError,
        subprocess.TimeoutExpired,
    ) as error:
        what = "stopped" if isinstance(error, KeyboardInterrupt) else f"error: {error}"
        print(f"\n{what}\nhint: everything up to here is kept in {folder}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    if shutil.which("git") is None:
        sys.exit("error: git is not installed")
    sys.exit(main())
