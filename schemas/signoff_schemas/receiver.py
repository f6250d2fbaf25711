"""Who receives an episode at a hub, and on which terms: the block that a statement signs.

Field names follow ISO/IEC TS 27560 and the Data Privacy Vocabulary (DPV). All of it is the
hub's own word, taken from its signed terms (`hub.HubTerms`); nothing of it is about the person.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from signoff_schemas.strict import Sha256, Strict


class LawfulBasis(StrEnum):
    """Why the controller may process it: GDPR Article 6(1), letters a to f, as DPV names them."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal-obligation"
    VITAL_INTERESTS = "vital-interests"
    PUBLIC_TASK = "public-task"
    LEGITIMATE_INTERESTS = "legitimate-interests"
    OTHER = "other"


Controller = Annotated[str, Field(max_length=200, pattern=r"^[!-~]([ -~]*[!-~])?$")]
"""Who answers for it: a name, and where it fits a place to write to; printable ASCII."""
Jurisdiction = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""Whose law applies: ISO 3166-1 alpha-2, or EU; ZZ: not said."""
RetentionDays = Annotated[int, Field(ge=1, le=36_500)]
"""For how long the hub keeps an episode at most."""


class Receiver(Strict):
    """The terms of the hub that were shown when signing."""

    terms_sha256: Sha256
    """Of the exact bytes of the hub's signed terms."""
    controller: Controller
    jurisdiction: Jurisdiction
    lawful_basis: LawfulBasis
    retention_days: RetentionDays
