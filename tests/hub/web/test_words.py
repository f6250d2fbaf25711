"""What pages say of codes: every one has words, and none says what did not happen."""

from __future__ import annotations

from signoff_hub.place.faults import FaultCode
from signoff_hub.web.words import ENTRIES, REASONS, happened, told_at
from signoff_schemas.hub_log import EntryKind


def test_every_kind_of_leaf_has_words() -> None:
    assert {one.split(" ")[0] for one in ENTRIES} == set(EntryKind)


def test_a_reason_that_says_what_happened_takes_the_place_of_its_kind() -> None:
    assert happened("build", None) == "a data set was built"
    assert happened("build", "planned") == "a plan of a data set was drawn"
    assert happened("policy", "hold") == "the law ordered to keep an episode's bytes"
    assert happened("refused", "replay") == "an episode was refused (replay)"


def test_reasons_are_codes_of_the_hub() -> None:
    assert set(REASONS) <= set(FaultCode)


def test_times_of_signed_files_are_told_as_others_are() -> None:
    assert told_at("2026-09-25T14:13:20Z") == "2026-09-25 14:13:20 UTC"
    assert told_at("2026-09-25T00:00:00Z", is_day=True) == "2026-09-25"
