"""The terms of a hub, made of its settings: what it binds itself to, and which key is its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from signoff_collector.consent.terms.notices import CURRENT_VERSION
from signoff_schemas.errors import DamagedError
from signoff_schemas.hub import HubTerms, Limits
from signoff_schemas.receiver import LawfulBasis
from signoff_schemas.statement import ProhibitedUse, Purpose, format_time

if TYPE_CHECKING:
    from signoff_collector.consent.terms.audience import Audience
    from signoff_hub.place.hub_key import HubKey
    from signoff_hub.place.settings import Settings

_TEXT: Final = Path(__file__).parent / "terms.en.txt"
_LANGUAGE: Final = "en"


def terms_of(settings: Settings, key: HubKey, address: Audience, *, valid_from: int) -> HubTerms:
    """Return the terms that follow from the settings.

    Args:
        settings: what who runs the hub decided.
        key: with which it signs.
        address: under which contributors sign for it.
        valid_from: seconds since 1970.

    Raises:
        DamagedError: a setting is not what terms may say.
    """
    text = settings.terms_text or _TEXT.read_text("utf-8")
    try:
        return HubTerms(
            terms_version=1,
            receiver=address,
            controller=settings.controller,
            jurisdiction=settings.jurisdiction,
            lawful_basis=LawfulBasis(settings.lawful_basis),
            retention_days=settings.retention_days,
            purposes=tuple(Purpose(purpose) for purpose in settings.purposes),
            prohibited_uses=tuple(ProhibitedUse),
            notices=(CURRENT_VERSION,),
            limits=Limits(max_episode_bytes=settings.max_episode_bytes),
            language=_LANGUAGE,
            text=text.strip(),
            receipt_key=key.public_line,
            receipt_key_fingerprint=key.fingerprint,
            valid_from=format_time(datetime.fromtimestamp(valid_from, UTC)),
        )
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise DamagedError(
            f"hub.toml makes no terms: {place}: {fault['msg']}",
            hint="docs/hub/settings.md lists the settings.",
        ) from None
    except ValueError:
        raise DamagedError(
            "hub.toml names a purpose or a lawful basis that there is not",
            hint="docs/hub/settings.md lists the settings.",
        ) from None
