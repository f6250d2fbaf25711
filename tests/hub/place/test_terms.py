"""Terms follow from the settings, and what the settings cannot mean is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signoff_collector.consent.terms.audience import Audience
from signoff_hub.place.hub_folder import open_hub_folder
from signoff_hub.place.terms import terms_of
from signoff_schemas.errors import DamagedError
from signoff_schemas.hub import make_terms, parse_terms

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_schemas.hub import HubTerms

ADDRESS = Audience("https://hub.example.org/team")


def _terms(folder: Path, settings: str) -> HubTerms:
    hub = open_hub_folder(folder)
    (folder / "hub.toml").write_text(settings, "utf-8")
    return terms_of(hub.settings(), hub.key(), ADDRESS, valid_from=1_790_000_000)


def test_without_settings_there_are_terms_that_can_be_signed_and_read(tmp_path: Path) -> None:
    terms = _terms(tmp_path / "hub", "")
    assert parse_terms(make_terms(terms)) == terms
    assert terms.receipt_key == open_hub_folder(tmp_path / "hub").key().public_line
    assert "take an episode back" in terms.text


def test_what_the_settings_say_is_what_is_offered(tmp_path: Path) -> None:
    said = (
        'controller = "A team"\nretention_days = 30\npurposes = ["research"]\nterms_text = "Hi\\n"'
    )
    terms = _terms(tmp_path / "hub", said)
    assert (terms.controller, terms.retention_days, terms.purposes, terms.text) == (
        "A team",
        30,
        ("research",),
        "Hi",
    )


@pytest.mark.parametrize(
    "settings",
    [
        'purposes = ["ranking people"]',
        "purposes = []",
        'purposes = ["research", "research"]',
        'lawful_basis = "because"',
        'terms_text = "\\u200b"',
    ],
)
def test_what_no_terms_may_say_is_refused_before_anybody_signs(
    tmp_path: Path, settings: str
) -> None:
    with pytest.raises(DamagedError) as told:
        _terms(tmp_path / "hub", settings)
    assert "hub.toml" in str(told.value)
