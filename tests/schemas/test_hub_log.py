"""Documents of the log: one form each, and nothing else is read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from signoff_schemas.errors import DamagedError
from signoff_schemas.hub_log import (
    ConsistencyProof,
    EntryKind,
    InclusionProof,
    LogEntry,
    LogHead,
    encode,
    encode_path,
    log_entry,
    parse_consistency_proof,
    parse_entry,
    parse_head,
    parse_inclusion_proof,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ON = "2026-11-25T09:08:07Z"
ENTRY = LogEntry(kind=EntryKind.ADMITTED, subject="ab" * 32, on=ON)
HEAD = LogHead(receiver="https://hub.example", size=7, root="cd" * 32, on=ON)
PROOF = InclusionProof(
    leaf=3,
    salt="01" * 32,
    entry=encode(ENTRY).decode("ascii"),
    commitment=None,
    path=encode_path((b"\1" * 32, b"\2" * 32)),
    head=encode(HEAD).decode("ascii"),
    signature="-----BEGIN SSH SIGNATURE-----\n",
)
GROWN = ConsistencyProof(first=3, second=7, path=encode_path((b"\3" * 32,)))
READERS: list[tuple[Callable[[bytes], object], bytes]] = [
    (parse_entry, encode(ENTRY)),
    (parse_head, encode(HEAD)),
    (parse_inclusion_proof, encode(PROOF)),
    (parse_consistency_proof, encode(GROWN)),
]
EACH = pytest.mark.parametrize(("parse", "content"), READERS, ids=["entry", "head", "in", "grown"])


@EACH
def test_what_is_written_is_read_back(parse: Callable[[bytes], object], content: bytes) -> None:
    assert parse(content) in (ENTRY, HEAD, PROOF, GROWN)


@EACH
@given(data=st.data())
def test_damaged_documents_are_refused_or_are_others_in_their_one_form(
    parse: Callable[[bytes], LogEntry | LogHead | InclusionProof | ConsistencyProof],
    content: bytes,
    data: st.DataObject,
) -> None:
    at = data.draw(st.integers(0, len(content) - 1))
    damaged = data.draw(
        st.sampled_from(
            [
                content[:at],
                content[:at] + content[at + 1 :],
                content[:at] + data.draw(st.binary(min_size=1, max_size=3)) + content[at + 1 :],
                content[:at] + data.draw(st.binary(min_size=1, max_size=3)) + content[at:],
                content + b" ",
                content * 2,
            ]
        )
    )
    try:
        found = parse(damaged)
    except DamagedError:
        return
    assert encode(found) == damaged


@EACH
@given(noise=st.binary(max_size=300))
def test_noise_is_refused(parse: Callable[[bytes], object], content: bytes, noise: bytes) -> None:
    for damaged in (noise, content + noise + b"\0", b"[" * 5000 + noise):
        with pytest.raises(DamagedError):
            parse(damaged)


@EACH
def test_other_spellings_of_the_same_are_refused(
    parse: Callable[[bytes], object], content: bytes
) -> None:
    held = json.loads(content)
    for other in (
        json.dumps(held),
        json.dumps(dict(reversed(held.items())), separators=(",", ":")) + "\n",
        json.dumps({**held, "more": 1}, separators=(",", ":")) + "\n",
        content.decode().strip(),
    ):
        with pytest.raises(DamagedError):
            parse(other.encode())


def test_a_reading_is_told_to_the_day() -> None:
    at = datetime(2026, 11, 25, 9, 8, 7, tzinfo=UTC)
    assert log_entry(EntryKind.READ, "ab" * 32, at).on == "2026-11-25T00:00:00Z"
    assert log_entry(EntryKind.ADMITTED, "ab" * 32, at).on == ON
    with pytest.raises(ValidationError):
        LogEntry(kind=EntryKind.READ, subject="ab" * 32, on=ON)


@pytest.mark.parametrize("field", ["contributor", "account", "fingerprint", "repository"])
def test_an_entry_has_no_place_for_a_person(field: str) -> None:
    assert field not in LogEntry.model_fields
    with pytest.raises(ValidationError):
        LogEntry.model_validate({**ENTRY.model_dump(), field: "ab" * 16})


@pytest.mark.parametrize(
    "changed",
    [
        {"on": "2026-13-25T09:08:07Z"},
        {"subject": "AB" * 32},
        {"because": "two words"},
        {"kind": "ranked"},
    ],
)
def test_an_entry_with_a_value_of_another_kind_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        LogEntry.model_validate({**ENTRY.model_dump(), **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"salt": None},
        {"entry": None},
        {"commitment": "ef" * 32},
        {"path": "AAAA"},
        {"path": encode_path((b"\1" * 32,))[:-1]},
        {"path": encode_path(tuple(b"\1" * 32 for _ in range(65)))},
    ],
)
def test_a_proof_is_whole_or_void(changed: dict[str, str | None]) -> None:
    with pytest.raises(ValidationError):
        InclusionProof.model_validate({**PROOF.model_dump(), **changed})
