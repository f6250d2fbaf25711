from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.installation.config_files.json_entries import (
    holds_entries,
    with_entry,
    without_entries,
)
from signoff_schemas.errors import DamagedError

pytestmark = pytest.mark.slow

KEYS = ("hooks",)
OURS = {"ours": "🎈🎉"}


def is_ours(entry: object) -> bool:
    return entry == OURS


FILES = [
    '{\n  "model": "x", "b" : [1,2 ]\n}\n',
    '{\n\t"hooks": {\n\t\t"Stop": [ {"mine": "🎈🎉"} ]\n\t}\n}',
    '{"hooks":{"Stop":[]}, "z": 1}',
    '{"a": 1}',
    '{\r\n    "a": {\r\n        "hooks": []\r\n    }\r\n}\r\n',
    '\ufeff{\n  "hooks": {"Other": [{"k": "a,\\"]}"}]}\n}\n',
    '{\n  "env": {},\n  "hooks": {\n    "Stop": [\n      {\n'
    '        "hooks": []\n      }\n    ]\n  }\n}\n',
]


@pytest.mark.parametrize("text", FILES)
def test_an_entry_comes_and_goes_and_every_other_byte_stays(text: str) -> None:
    added = with_entry(with_entry(text, ("hooks", "Stop"), OURS), ("hooks", "End"), OURS)
    parsed = json.loads(added.removeprefix("\ufeff"))
    assert parsed["hooks"]["Stop"][-1] == OURS
    assert parsed["hooks"]["End"] == [OURS]
    assert holds_entries(added, KEYS, is_ours)
    assert added.replace("\r\n", "").count("\n") == (0 if "\r\n" in text else added.count("\n"))
    back = without_entries(added, KEYS, is_ours)
    assert not holds_entries(back, KEYS, is_ours)
    if '"Stop":[]' not in text:  # an empty list of the person's is not told from one of ours
        assert back == text


def test_a_file_that_is_not_there_begins_with_ours() -> None:
    assert json.loads(with_entry("", ("hooks", "Stop"), OURS)) == {"hooks": {"Stop": [OURS]}}
    assert without_entries("", KEYS, is_ours) == ""


@pytest.mark.parametrize(
    "text",
    ["{", "// words\n{}", '{"hooks": {}, "hooks": {}}', "[" * 100_000, '{"hooks": []}', "[]", "1",
     '{"hooks": {"Stop": {}}}', '{} {}', '{"a": "\\ud8"}', "\0"],
)  # fmt: skip
def test_what_cannot_be_changed_safely_is_refused(text: str) -> None:
    with pytest.raises(DamagedError):
        with_entry(text, ("hooks", "Stop"), OURS)
    assert not holds_entries(text, KEYS, is_ours)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text().filter(lambda key: key != "hooks"), JSON),
    st.dictionaries(st.text(), st.lists(JSON.filter(lambda entry: entry != OURS), min_size=1)),
    st.sampled_from([None, 0, 2, 4, "\t"]),
    st.text(min_size=1),
)
def test_any_settings_keep_their_meaning_and_come_back(
    rest: dict[str, object], hooks: dict[str, object], indent: int | str | None, event: str
) -> None:
    before = {**rest, "hooks": hooks} if hooks else dict(rest)
    text = json.dumps(before, indent=indent, ensure_ascii=False)
    added = with_entry(text, ("hooks", event), OURS)
    lists = {**hooks, event: [*hooks.get(event, []), OURS]}  # type: ignore[misc]
    assert json.loads(added) == {**rest, "hooks": lists}
    assert without_entries(added, KEYS, is_ours) == text
