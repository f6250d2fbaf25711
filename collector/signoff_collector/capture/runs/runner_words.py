"""Tables of test runners and their arguments, for `capture/runs/runners.py`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

_ALONE: Final[Mapping[str, str]] = {
    "pytest": "pytest", "py.test": "pytest", "nosetests": "nose", "nose2": "nose2",
    "trial": "trial", "ward": "ward", "behave": "behave", "robot": "robot", "tox": "tox",
    "nox": "nox", "gotestsum": "go", "ginkgo": "ginkgo", "vitest": "vitest", "jest": "jest",
    "mocha": "mocha", "ava": "ava", "jasmine": "jasmine", "ctest": "ctest", "rspec": "rspec",
    "phpunit": "phpunit", "pest": "pest", "paratest": "phpunit", "busted": "busted",
    "bats": "bats", "prove": "prove", "cucumber": "cucumber", "nextest": "nextest",
}  # fmt: skip
"""Programs that only run tests."""
_WITH_WORD: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "go": ("", {"test": "go"}),
    "cargo": ("cargo", {"test": "cargo", "t": "cargo", "nextest": "nextest"}),
    "npm": ("npm", {"test": "npm", "t": "npm", "tst": "npm"}),
    "pnpm": ("pnpm", {"test": "pnpm", "t": "pnpm"}),
    "yarn": ("yarn", {"test": "yarn"}),
    "bun": ("bun", {"test": "bun"}),
    "deno": ("deno", {"test": "deno"}),
    "playwright": ("", {"test": "playwright"}),
    "cypress": ("", {"run": "cypress"}),
    "ng": ("", {"test": "ng"}),
    "meson": ("", {"test": "meson"}),
    "bazel": ("", {"test": "bazel"}),
    "bazelisk": ("", {"test": "bazel"}),
    "buck2": ("", {"test": "buck2"}),
    "rails": ("", {"test": "rails"}),
    "composer": ("composer", {"test": "composer"}),
    "artisan": ("", {"test": "artisan"}),
    "lein": ("", {"test": "lein"}),
    "mix": ("", {"test": "mix"}),
    "dotnet": ("", {"test": "dotnet"}),
    "swift": ("", {"test": "swift"}),
    "flutter": ("", {"test": "flutter"}),
    "dart": ("", {"test": "dart"}),
    "stack": ("", {"test": "stack"}),
    "cabal": ("", {"test": "cabal"}),
    "sbt": ("", {"test": "sbt"}),
    "gleam": ("", {"test": "gleam"}),
    "hatch": ("hatch", {"test": "hatch"}),
    "crystal": ("", {"spec": "crystal"}),
    "manage.py": ("", {"test": "django"}),
    "django-admin": ("", {"test": "django"}),
}
"""Programs whose first argument selects tests; with a non-empty name also `NAME run test`."""
_GOALS: Final[Mapping[str, str]] = {
    "make": "make", "gmake": "make", "ninja": "ninja", "just": "just", "task": "task",
    "rake": "rake", "mvn": "maven", "mvnw": "maven", "mvnd": "maven", "gradle": "gradle",
    "gradlew": "gradle", "xcodebuild": "xcodebuild", "doit": "doit", "invoke": "invoke",
    "inv": "invoke", "cmake": "cmake",
}  # fmt: skip
"""Programs that take goals, any of which may be the tests."""
_GOAL: Final = re.compile(
    r"(?:[\w.:-]*[:._-])?(?:tests?|specs?|unittests?|e2e|pytest|surefire)(?:[:._-][\w.:-]*)?"
    r"|(?:[\w-]*:)*(?:check|verify|integrationTest|(?:test|connected)\w*(?:Unit|Android)Test)"
)
_MODULES: Final[Mapping[str, str]] = {
    "pytest": "pytest", "py.test": "pytest", "unittest": "unittest", "tox": "tox", "nox": "nox",
    "nose2": "nose2", "nose": "nose", "trial": "trial", "behave": "behave", "robot": "robot",
    "ward": "ward", "twisted.trial": "trial",
}  # fmt: skip
_ASKS: Final = frozenset({"--version", "--help", "-h", "-V", "help"})
_ASKS_OF: Final[Mapping[str, frozenset[str]]] = {
    "pytest": frozenset({"--collect-only", "--co", "--fixtures", "--markers", "--setup-plan",
                         "--fixtures-per-test", "--cache-show", "--funcargs", "--trace-config"}),
    "go": frozenset({"-list", "-c", "-n"}),
    "cargo": frozenset({"--no-run", "--list"}),
    "nextest": frozenset({"list", "show-config", "--no-run", "archive"}),
    "ctest": frozenset({"-N", "--show-only"}),
    "jest": frozenset({"--listTests", "--showConfig", "--init", "--clearCache"}),
    "vitest": frozenset({"list", "init"}),
    "tox": frozenset({"-l", "--listenvs", "-a", "list", "config", "l", "c", "--notest"}),
    "nox": frozenset({"-l", "--list", "--list-sessions"}),
    "make": frozenset({"-n", "--dry-run", "--just-print", "-q", "--question", "-p"}),
    "maven": frozenset({"-DskipTests", "-DskipTests=true", "-Dmaven.test.skip=true"}),
    "gradle": frozenset({"--dry-run", "-m"}),
    "playwright": frozenset({"--list"}),
    "phpunit": frozenset({"--list-tests"}),
    "rspec": frozenset({"--dry-run", "--init"}),
    "ninja": frozenset({"-n"}),
}  # fmt: skip
"""Arguments with which a runner runs no test."""
_WATCHES: Final = frozenset({"--watch", "--watchAll", "--watch-all", "-w", "watch", "--ui"})
_WATCHING: Final = frozenset(
    {"vitest", "jest", "mocha", "ava", "npm", "pnpm", "yarn", "bun", "mix"}
)
_REPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "pytest": ("--junitxml", "--junit-xml"),
    "ctest": ("--output-junit",),
    "vitest": ("--outputFile", "--outputFile.junit", "--output-file"),
    "go": ("--junitfile", "--jsonfile"),
    "phpunit": ("--log-junit",),
    "pest": ("--log-junit",),
    "bats": (),
    "nose2": ("--junit-xml-path",),
    "deno": ("--junit-path",),
    "bun": ("--reporter-outfile",),
    "rspec": ("--out",),
}
"""Options that name the file a runner writes its results to."""
_END: Final = "--"


def framework_of(name: str, words: Sequence[str]) -> str | None:
    """Return the test runner for a program and its arguments (the program first), or None."""
    if name in _ALONE:
        found: str | None = _ALONE[name]
    elif name in _WITH_WORD:
        found = _by_word(*_WITH_WORD[name], words[1:])
    elif name in _GOALS:
        goals = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
        found = _GOALS[name] if any(_GOAL.fullmatch(goal) for goal in goals) else None
    elif name in {"node", "nodejs", "php", "ruby"}:
        found = _by_script(name, words[1:])
    else:
        found = None
    return None if found is None or _only_asks(found, words[1:]) else found


def framework_of_module(module: Sequence[str]) -> str | None:
    """Return the runner that `python -m MODULE …` starts, or None."""
    found = _MODULES.get(module[0])
    return None if found is None or _only_asks(found, module[1:]) else found


def framework_of_script(words: Sequence[str]) -> str | None:
    """Return the runner that `python SCRIPT …` starts, or None."""
    name = words[0].replace("\\", "/").rpartition("/")[2]
    if name == "setup.py" and "test" in words[1:2]:
        return "unittest"
    return framework_of(name, words)


def is_watching(framework: str, words: Sequence[str]) -> bool:
    """Whether the runner repeats the tests until it is stopped (watch mode)."""
    return framework in _WATCHING and bool(_WATCHES & set(words))


def report_of(framework: str, words: Sequence[str]) -> str | None:
    """Return the result file that the arguments name, or None."""
    options = _REPORTS.get(framework, ())
    for place, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option in options:
            following = words[place + 1] if place + 1 < len(words) else None
            return value if equals else following
    return None


def _by_word(long_name: str, table: Mapping[str, str], words: Sequence[str]) -> str | None:
    plain = [word for word in words if not word.startswith(("-", "+"))]
    if not plain:
        return None
    if plain[0] in table:
        return table[plain[0]]
    is_script = long_name and plain[0] in {"run", "run-script"} and len(plain) > 1
    return long_name if is_script and re.match(r"tests?(?:$|[:._-])", plain[1]) else None


def _by_script(name: str, words: Sequence[str]) -> str | None:
    """Return the runner of `node --test`, `node node_modules/.bin/jest`, `php artisan test`."""
    if name == "node" and "--test" in words:
        return "node"
    scripts = [place for place, word in enumerate(words) if not word.startswith("-")]
    if not scripts:
        return None
    rest = words[scripts[0] :]
    script = rest[0].rpartition("/")[2].removesuffix(".js").removesuffix(".mjs")
    return framework_of(script, rest) if script not in {"node", "php", "ruby"} else None


def _only_asks(framework: str, words: Sequence[str]) -> bool:
    own = words[: words.index(_END)] if _END in words else words
    asked = _ASKS | _ASKS_OF.get(framework, frozenset())
    return any(word in asked or word.partition("=")[0] in asked - _ASKS for word in own)
