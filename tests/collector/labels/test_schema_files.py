"""Label schemas in files: YAML and JSON say the same, and YAML can do nothing but say it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.leaks import random_secret

from signoff_collector.labels.schema_files import (
    default_schema,
    parse_json_schema,
    parse_yaml_schema,
    read_schema,
    taken_keys,
)
from signoff_collector.labels.yaml_subset import MAX_DEPTH, MAX_NODES, read_yaml
from signoff_collector.redaction.shape_mask import ShapeMask
from signoff_schemas.errors import DamagedError, MissingProgramError, NotFoundError

ROOT = Path(__file__).resolve().parents[3]
SMALL = """
label_schema: 1
name: small
fields:
  - kind: tag
    name: mood
    words: no, on and 1.10 are words \U0001f642\U00010348
    values:
      - {name: good, key: 1}
      - {name: "no", key: "2"}
"""


def test_the_schema_that_ships_names_only_keys_that_are_free() -> None:
    schema = default_schema()
    assert {field.name for field in schema.fields} == {"judgement", "phase", "difficulty", "intent"}
    assert not set(schema.keys()) & taken_keys()


def test_the_page_shows_the_schema_that_ships_in_yaml() -> None:
    page = (ROOT / "docs" / "labels.md").read_text("utf-8")
    (shown,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert parse_yaml_schema(shown.encode()) == default_schema()
    assert parse_yaml_schema(shown.encode()).sha256 == default_schema().sha256


def test_words_of_yaml_stay_words() -> None:
    schema = parse_yaml_schema(SMALL.encode())
    (field,) = schema.fields
    assert field.words == "no, on and 1.10 are words \U0001f642\U00010348"
    assert schema.keys() == ["1", "2"]
    said = json.dumps(schema.model_dump(mode="json")).encode()
    assert parse_json_schema(said).sha256 == schema.sha256


def test_a_file_is_read_by_its_ending(tmp_path: Path) -> None:
    yaml, other = tmp_path / "a.yaml", tmp_path / "a.json"
    yaml.write_text(SMALL, "utf-8")
    schema = read_schema(yaml)
    other.write_text(json.dumps(schema.model_dump(mode="json")), "utf-8")
    assert read_schema(other) == schema
    with pytest.raises(NotFoundError):
        read_schema(tmp_path / "b.yaml")
    other.write_text(SMALL, "utf-8")
    with pytest.raises(DamagedError):
        read_schema(other)


def test_json_needs_no_library_for_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signoff_collector.system.extras.find_spec", lambda _: None)
    path = tmp_path / "a.json"
    path.write_text(json.dumps(default_schema().model_dump(mode="json")), "utf-8")
    assert read_schema(path) == default_schema()
    with pytest.raises(MissingProgramError, match="pyyaml"):
        read_schema(path.rename(tmp_path / "a.yaml"))


def test_a_secret_in_a_schema_is_not_given_on(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    secret = random_secret(24)
    path.write_text(SMALL.replace("no, on", f"password = '{secret}'"), "utf-8")
    with pytest.raises(DamagedError, match="looks like a secret") as caught:
        read_schema(path, mask=ShapeMask().mask)
    assert secret not in str(caught.value)


@pytest.mark.parametrize("key", ["q", "space", "u", "t", "p", "?"])
def test_a_key_of_the_player_is_not_given_away(key: str) -> None:
    with pytest.raises(DamagedError):
        parse_yaml_schema(SMALL.replace('"2"', f'"{key}"').encode())


BAD = {
    "an alias": "a: &x [1]\nb: *x\n",
    "an anchor alone": "a: &x 1\n",
    "a tag": "a: !!python/object/apply:os.system [ls]\n",
    "a tag of its own": "a: !own 1\n",
    "a name twice": "a: 1\na: 2\n",
    "a name that is a list": "? [a]\n: 1\n",
    "a name that is a number": "1: 2\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "no document": "",
    "no YAML": "a: [1\n",
    "a tab": "a:\n\t- 1\n",
    "half of UTF-8": b"\xff\xfe",
    "half of a pair": 'a: "\\ud83d"\n',
    "a control": "a: \x07\n",
    "too deep": "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2),
    "too many": "[" + "1," * MAX_NODES + "1]",
    "merge keys that grow": "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n",
}


@pytest.mark.parametrize("how", BAD)
def test_what_yaml_could_do_besides_is_refused(how: str) -> None:
    content = BAD[how]
    with pytest.raises(DamagedError):
        read_yaml(content if isinstance(content, bytes) else content.encode())


def test_deep_nesting_takes_no_deep_stack() -> None:

    with pytest.raises(DamagedError):
        read_yaml(b"[" * 60_000)


plain = st.one_of(st.integers(-999, 999), st.text(max_size=12), st.just("\U0001f642\U00010348"))
values = st.recursive(
    plain,
    lambda one: st.one_of(
        st.lists(one, max_size=4), st.dictionaries(st.text(min_size=1, max_size=8), one, max_size=4)
    ),
    max_leaves=12,
)


def is_shallow(value: object, depth: int = 0) -> bool:
    inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return depth <= MAX_DEPTH and all(is_shallow(one, depth + 1) for one in inner)


@given(value=values.filter(is_shallow))
def test_json_read_as_yaml_is_the_same(value: object) -> None:
    assert read_yaml(json.dumps(value).encode()) == value


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_whatever_bytes_are_read_as_a_schema_are_a_schema_or_damaged(data: bytes) -> None:
    for parse in (parse_yaml_schema, parse_json_schema):
        with pytest.raises(DamagedError):
            parse(data)


@given(st.data())
def test_a_changed_schema_is_a_schema_or_damaged(data: st.DataObject) -> None:
    content = bytearray(SMALL.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    try:
        schema = parse_yaml_schema(bytes(content))
    except DamagedError:
        return
    assert schema.label_schema == 1
