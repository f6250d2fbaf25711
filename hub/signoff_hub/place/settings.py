"""What who runs a hub decides: `hub.toml` in its folder (docs/hub/settings.md)."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from signoff_hub.place.looking import is_there, read_own
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from pathlib import Path

_MAX_SETTINGS_BYTES: Final = 64 << 10
_ISSUER: Final = re.compile(
    r"(https://[^\s/?#@]+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?)(/[^\s?#]*)?"
)
_Days = Annotated[int, Field(ge=1, le=36_500)]


def _issuer(said: str) -> str:
    """Return the address of a provider.

    Raises:
        ValueError: it is none, or one without TLS on another machine.
    """
    if _ISSUER.fullmatch(said) is None:
        raise ValueError("is https://HOST/…, or on this machine http://127.0.0.1:PORT/…")
    return said


class Organisation(BaseModel):
    """Where people sign in with their organisation's account (OpenID Connect Core 1.0)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    issuer: Annotated[str, AfterValidator(_issuer)]
    """Its address, exactly as its discovery document has it."""
    client_id: Annotated[str, Field(pattern=r"^[ -~]{1,200}$")]
    secret_file: str | None = None
    """A file with the client's secret alone; None: a public client."""
    ca_file: str | None = None
    """Certificates (PEM) of a private authority; None: what the system trusts."""
    groups_claim: Annotated[str, Field(pattern=r"^[ -~]{1,100}$")] = "groups"
    """Which claim lists the groups of a person."""
    members: str | None = None
    """The group whose people may draw an enrolment code; None: whoever can sign in."""
    auditors: str | None = None
    """The group that sees an auditor's pages; None: nobody."""
    operators: str | None = None
    """The group that sees the operator's page; None: nobody."""


class Settings(BaseModel):
    """All of them have a default, so that a hub on a laptop needs no file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    address: str | None = None
    """The hub's audience, as contributors sign it; None: where it listens on the loopback."""
    controller: Annotated[str, Field(pattern=r"^[ -~]{1,200}$")] = "the person who runs this hub"
    """Who answers for what is kept here."""
    jurisdiction: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "ZZ"
    """ISO 3166-1 alpha-2, or EU; ZZ: not said."""
    lawful_basis: str = "consent"
    retention_days: _Days = 365
    purposes: tuple[str, ...] = ("model-training", "model-evaluation", "research")
    terms_text: str | None = None
    """None: the text that comes with Signoff."""
    k: Annotated[int, Field(ge=1, le=1000)] = 10
    """Nothing is said about fewer contributors."""
    needs_enrolment: bool = False
    """Whether a key has to bring an enrolment code before it may upload."""
    organisation: Organisation | None = None
    """Where people draw an enrolment code, and auditors and operators sign in; None: nowhere."""
    max_episode_bytes: Annotated[int, Field(ge=1 << 10, le=512 << 20)] = 512 << 20
    unsigned_bytes_per_key: Annotated[int, Field(ge=1 << 10)] = 1 << 30
    """How much a key may have here that no admitted sign-off names."""
    unsigned_episodes_per_key: Annotated[int, Field(ge=1, le=1 << 20)] = 1 << 12
    """How many of them: bytes alone would not bound the rows of who sends one byte each."""
    requests_per_minute: Annotated[int, Field(ge=1)] = 600
    """Of one key; of those who are not signed in, per address."""
    erase_within_hours: Annotated[int, Field(ge=1, le=24)] = 24
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    """Processes that read episodes."""
    reader_memory_mib: Annotated[int, Field(ge=256, le=1 << 20)] = 4096
    """Address space of one of them; an episode that needs more is refused."""
    reader_cpu_s: Annotated[int, Field(ge=1, le=3600)] = 120
    """What one episode may take of a processor."""


def read_settings(path: Path) -> Settings:
    """Read the settings of a hub; without a file, the defaults.

    Raises:
        DamagedError: the file is not TOML, or says what no setting is.
    """
    if not is_there(path):
        return Settings()
    try:
        content = read_own(path, max_bytes=_MAX_SETTINGS_BYTES).decode("utf-8")
        return Settings.model_validate(tomllib.loads(content))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise DamagedError(
            f"hub.toml: {place}: {fault['msg'].removeprefix('Value error, ')}",
            hint="docs/hub/settings.md lists the settings.",
        ) from None
    except ValueError:
        raise DamagedError(
            "hub.toml is not TOML in UTF-8", hint="docs/hub/settings.md shows an example."
        ) from None
