"""Episodes that are worth a picture: a working day in small, and texts that are hard to draw."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from tests.support.episodes import ASTRAL
from tests.support.player import ESCAPES
from tests.support.runs_of_tests import run_tests
from tests.support.typist import Typist

from signoff_collector.episode.content import Episode
from signoff_collector.episode.masked import MARK
from signoff_collector.picture.scene import Scene
from signoff_schemas.steps import DiagnosticsStep, FilesStep, GitStep, SelectStep, ViewStep

PYTHON = f'''"""Count words {ASTRAL}."""

from collections import Counter

LIMIT = 10


class Words:
    """Counts the words of a text."""

    def __init__(self, text: str) -> None:
        self.text = text  # as it was given

    @property
    def count(self) -> int:
        return len(self.text.lower().split())


def top(text: str, most: int = LIMIT) -> list[tuple[str, int]]:
    token = "REDACTED_TOKEN_1"
    return Counter(text.split()).most_common(most)
'''
LANGUAGES = {
    "words.py": PYTHON,
    "src/main.rs": "fn main() {\n    let words: Vec<&str> = \"a b\".split(' ').collect();\n"
    '    println!("{}", words.len()); // how many\n}\n',
    "src/app.ts": "export interface Word { text: string; count: number }\n\n"
    "export const top = (words: Word[]): Word | undefined =>\n"
    "  words.sort((a, b) => b.count - a.count)[0]; // the most\n",
    "cmd/main.go": 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfor i := 0; i < 3; i++ {\n'
    '\t\tfmt.Printf("%d\\n", i)\n\t}\n}\n',
    "db/words.sql": "SELECT word, count(*) AS n -- how often\nFROM words\nWHERE n > 2\n"
    "GROUP BY word;\n",
}
"""Five languages, by path."""
HARD = {
    "wide.txt": f"漢字とかな ASCII 한국어 {ASTRAL}\n\ta tab\nab\ta tab\ne\u0301 a mark\n",
    "right.txt": "שלום עולם (hello) مرحبا بالعالم\nleft אבג right\n",
    "long.py": f"x = '{'0123456789' * 1_000}'\ny = 1\n",
    "controls.txt": f"{ESCAPES}\nplain\n",
    "empty.txt": "",
}
"""Texts that are hard to draw."""


class Desk(Typist):
    """A typist whose episode counts as masked, with one mask."""

    def episode(self) -> Episode:
        """Return what was done so far."""
        made = super().episode()
        header = made.header.model_copy(
            update={"versions": {MARK: "1"}, "masks": {"REDACTED_TOKEN_1": "token"}}
        )
        return Episode(
            header=header,
            files=made.files,
            steps=made.steps,
            edits=made.edits,
            blobs=made.blobs,
        )


def working_day(signs: str = ASTRAL) -> Episode:
    """Return work on five languages: typing, a selection, a view, a problem, a red test.

    Args:
        signs: stand where two characters beyond the basic plane stand; no font here has these.
    """
    desk = Desk()
    python = PYTHON.replace(ASTRAL, signs)
    desk.add(
        FilesStep,
        changed=tuple(
            {"path": path, "blob": desk.blob(b"# kept\n")} for path in ("README.md", "docs/how.md")
        ),
        is_base=True,
    )
    for path, text in LANGUAGES.items():
        desk.open(path, python if path == "words.py" else text)
        desk.wait(500)
    at = python.index("def top")
    desk.add(ViewStep, path="words.py", buffer=0, visible=({"first": 4, "last": 20},))
    desk.add(SelectStep, path="words.py", buffer=0, cursor=at + 7, selections=((at + 4, at + 7),))
    desk.wait(1_000)
    desk.type("words.py", python.index("    return Counter"), f"    # the most {signs}\n")
    wrong = {
        "severity": "error",
        "message": f'"most" is not a word {signs}',
        "range": {"start": {"line": 21, "column": 45}, "end": {"line": 21, "column": 49}},
    }
    hint = {"severity": "warning", "message": "unused", "range": wrong["range"]}
    desk.add(DiagnosticsStep, path="words.py", appeared=(wrong, hint))
    desk.save("words.py")
    output = (
        "\x1b[31mFAILED\x1b[0m tests/test_words.py::test_top - assert 1 == 2\n1 failed, 1 passed\n"
    )
    desk.command(("pytest", "-q"), output, exit_code=1)
    run_tests(
        desk, {"tests/test_words.py::test_top": "failed", "tests/test_words.py::test_a": "passed"}
    )
    desk.add(GitStep, operation="commit", message=f"count {signs}")
    return desk.episode()


def hard_texts() -> Episode:
    """Return one open file after the other whose text is hard to draw; each begins a step."""
    desk = Desk()
    for path, text in HARD.items():
        desk.open(path, text)
        if path == "long.py":
            desk.edit(path, 9_000, 0, "!")
    return desk.episode()


OWN_WORDS = re.compile(
    r"(?:[ \d]+|FILES|TERMINAL|PROBLEMS \d+|[▾▸●… ]|\$ ?|(?:<U\+[0-9A-F]{4,6}>|␊| )+"
    r"|no file is open|\d+ bytes that are not text|its text is not in the episode"
    r"|no test run|tests: \d+ passed, \d+ failed|  \d+ red: | - | and \d+ more|:\d+"
    r"|\(its output was not recorded\)|… \d+ lines, \d+ bytes not kept …|exit code \d+"
    r"|(?:assumed: (?:(?:, )?(?:cursor|view|columns|text from disk))+   )?(?:\d+ errors?   )?"
    r"(?:\d+ warnings?   )?(?:Ln \d+, Col \d+   )?\d+:\d\d:\d\d)…?"
)
"""All words of ours that a picture may hold; a long one may be cut behind any character."""
_SVG = "{http://www.w3.org/2000/svg}"


def read_back(picture: str) -> list[tuple[bool, str]]:
    """Return every text that an SVG draws, with whether it says that the words are ours."""
    found: list[tuple[bool, str]] = []
    for one in ET.fromstring(picture).iter(f"{_SVG}text"):  # noqa: S314  # ours
        kind = one.attrib["class"].split()[0]
        assert kind in {"o", "t"}
        found.append((kind == "o", "".join(one.itertext())))
    return found


def recorded(scene: Scene) -> list[str]:
    """Return every masked text of a moment from which something may be drawn."""
    failing = scene.tests.failing if scene.tests is not None else None
    return [
        scene.text or "",
        *scene.files,
        scene.path or "",
        *(one.path for one in scene.open_files),
        *(one.message for _, one in scene.problems),
        *(path or "" for path, _ in scene.problems),
        *(line.text for line in scene.terminal if not line.is_own),
        *(part for test in (failing.tests if failing else ()) for part in test),
        *(test.name.replace("\n", " ") for test in (failing.tests if failing else ())),
    ]


def is_ours(words: str) -> bool:
    """Say whether words are of the list; some are cut where the picture ends, or wrapped."""
    begun = re.sub(r"\d+", "1", words.removesuffix("…"))
    return bool(OWN_WORDS.fullmatch(words)) or any(begun in one for one in _LABELS)


_LABELS = (
    "FILES", "TERMINAL", "PROBLEMS 1", "no file is open", "its text is not in the episode",
    "no test run", "(its output was not recorded)", "tests: 1 passed, 1 failed", "exit code 1",
    "  1 red: ", " - ", " and 1 more", "1:1:1", "1 bytes that are not text", "$ ",
    "… 1 lines, 1 bytes not kept …",
)  # fmt: skip
"""What may be cut or wrapped, with 1 for every number."""
