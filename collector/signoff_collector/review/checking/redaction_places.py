"""Locate masked values in a whole session, because unmasking shows them everywhere."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.review.applying.base_walk import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Collection

    from signoff_collector.review.applying.base_walk import BaseWalk


def redaction_places(base: BaseWalk, placeholders: Collection[str]) -> dict[str, object]:
    """Return where some masks occur, as JSON values; no value is known here.

    | name | |
    |---|---|
    | `values` | how many different values |
    | `places` | in files as they were at the end, and in steps |
    | `files` | `{path, places}`; 0 places where it stood only earlier |
    | `steps` | how many steps besides edits hold it |

    Args:
        base: the first sealed episode.
        placeholders: as they stand in it.
    """
    found = [match for one in placeholders if (match := PLACEHOLDER.fullmatch(one))]
    names = {(match[1], match[2]) for match in found}
    files: Counter[str] = Counter()
    for name in names:
        files.update(dict.fromkeys(base.placeholder_paths.get(name, ()), 0))
    states = base.states_after(base.episode.step_count - 1)
    for key, text in states.texts.items():
        path = states.paths[key.file]
        if path in files:  # disk and buffer of one path: count once
            files[path] = max(files[path], _count(text.chars, names))
    said = [sum(_count(text, names) for _, text in strings_of(s)) for s in base.episode.steps]
    rows = sorted(files.items(), key=lambda item: (-item[1], item[0]))
    return {
        "values": len(names),
        "places": sum(files.values()) + sum(said),
        "files": [{"path": path, "places": count} for path, count in rows],
        "steps": sum(count > 0 for count in said),
    }


def _count(text: str, names: Collection[tuple[str, str]]) -> int:
    if "REDACTED_" not in text:
        return 0
    return sum((match[1], match[2]) in names for match in PLACEHOLDER.finditer(text))
