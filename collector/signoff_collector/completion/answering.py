"""Say what could stand where the cursor is in a command line; the same for every shell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from signoff_collector.completion.table import Option, Value

if TYPE_CHECKING:
    from signoff_collector.completion.table import Verb

Offer: TypeAlias = tuple[str, str]
"""A word and what it means; or `FILES`, `FOLDERS`, `COMMANDS` and nothing."""
Ids: TypeAlias = Callable[[str], Sequence[Offer]]
"""What there is on this machine of a kind: `episode`, `session` or `recording`."""

FILES: Final = "\0files"
FOLDERS: Final = "\0folders"
COMMANDS: Final = "\0commands"
"""Instead of a word: the shell knows these better."""
_BY_SHELL: Final = {"file": FILES, "folder": FOLDERS, "command": COMMANDS}
_HELP: Final = Option(names=("-h", "--help"), help="explain it, with an example", value=None)
_OWN: Final = (
    _HELP,
    Option(names=("-V", "--version"), help="which release this is", value=None),
)
_HANDED_ON: Final = "command"
_PATH_SIGNS: Final = ("/", ".", "~")


def answer(verbs: Mapping[str, Verb], words: Sequence[str], at: int, ids: Ids) -> Iterator[Offer]:
    """Offer what may stand at word number `at` and begins as it does; 0 is the verb."""
    before = list(words[:at])
    current = words[at] if at < len(words) else ""
    if not before:
        yield from _begin_with(current, _first(verbs, current))
        return
    if len(before) > 1 and " ".join(before[:2]) in verbs:
        before = [" ".join(before[:2]), *before[2:]]
    verb = verbs.get(before[0])
    if verb is None:
        return
    option, typed = _asked(verb, before[1:], current)
    if option is not None and option.value is not None:
        lead = current[: len(current) - len(typed)]
        for word, meaning in _begin_with(typed, _offers(option.value, typed, ids)):
            yield (word if word.startswith("\0") else f"{lead}{word}"), meaning
        return
    given, is_open = _given(verb, before[1:])
    if is_open and current.startswith("-"):
        yield from _begin_with(current, _options(verb, before))
        return
    value = _next_value(verb, given)
    if value is None:
        yield from _begin_with(current, _options(verb, before) if is_open else ())
    elif value.kind == _HANDED_ON and given:
        yield FILES, ""
    else:
        yield from _begin_with(current, _offers(value, current, ids))


def _first(verbs: Mapping[str, Verb], current: str) -> Iterator[Offer]:
    if current.startswith("-"):
        yield from _named(_OWN)
    else:
        yield from ((name, verb.help) for name, verb in verbs.items() if " " not in name)


def _asked(verb: Verb, before: Sequence[str], current: str) -> tuple[Option | None, str]:
    """Return the option whose value is being typed, and what of the value stands there.

    Bash takes `--owner=mi` apart into three words, other shells leave it whole.
    """
    name, equals, typed = current.partition("=")
    if current == "=" and before:
        return _option(verb, before[-1]), ""
    if equals and name.startswith("--"):
        return _option(verb, name), typed
    if before[-1:] == ["="]:
        return _option(verb, before[-2] if len(before) > 1 else ""), current
    found = _option(verb, before[-1]) if before and "--" not in before else None
    return (found, current) if found is not None and not current.startswith("-") else (None, "")


def _option(verb: Verb, name: str) -> Option | None:
    found = next((one for one in verb.options if name in one.names), None)
    return found if found is not None and found.value is not None else None


def _given(verb: Verb, before: Sequence[str]) -> tuple[int, bool]:
    """Return how many values without an option stand there, and whether options may follow."""
    count, is_value = 0, False
    hands_on = any(value.kind == _HANDED_ON for value in verb.values)
    for index, word in enumerate(before):
        if word == "--":
            return count + len(before) - index - 1, False
        if is_value or word == "=":
            is_value = word == "="
        elif word.startswith("-") and word != "-":
            is_value = _option(verb, word) is not None
        else:
            count += 1
            if hands_on:
                return len(before) - index, False
    return count, True


def _next_value(verb: Verb, given: int) -> Value | None:
    if given < len(verb.values):
        return verb.values[given]
    last = verb.values[-1] if verb.values else None
    return last if last is not None and last.is_repeated else None


def _offers(value: Value, typed: str, ids: Ids) -> Iterator[Offer]:
    yield from ((choice, "") for choice in value.choices)
    if value.kind in _BY_SHELL:
        yield _BY_SHELL[value.kind], ""
    elif value.kind in {"episode", "session", "recording"}:
        yield (FILES, "") if typed.startswith(_PATH_SIGNS) else ("", "")
        yield from ids(value.kind)


def _options(verb: Verb, before: Sequence[str]) -> Iterator[Offer]:
    return _named([one for one in (*verb.options, _HELP) if not {*one.names} & {*before}])


def _named(options: Sequence[Option]) -> Iterator[Offer]:
    for option in options:
        yield max(option.names, key=len), option.help


def _begin_with(current: str, offers: Iterator[Offer] | Sequence[Offer]) -> Iterator[Offer]:
    for word, meaning in offers:
        if word and (word.startswith(("\x00", current))):
            yield word, meaning
