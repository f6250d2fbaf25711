"""Signs what a run made, with the key that it made for itself."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from signoff_collector import __version__
from signoff_collector.consent.recovery import (
    contributor_pseudonym,
    make_seed,
    repository_pseudonym,
    withdrawal_handle,
    withdrawal_secret,
)
from signoff_collector.consent.sign_off_files import (
    SignOff,
    take_snapshot,
)
from signoff_collector.consent.signatures.keys import KeyRegister
from signoff_collector.consent.signatures.ssh_keygen import sign_message
from signoff_collector.consent.signatures.sshsig import SIGN_OFF
from signoff_collector.consent.stated_numbers import shared_episode, stated_redaction
from signoff_collector.consent.terms.audience import canonical_audience
from signoff_collector.consent.terms.notices import current_notice
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.system.clock import SystemClock
from signoff_schemas.statement import (
    Predicate,
    Purpose,
    Requester,
    Review,
    ReviewMode,
    Rights,
    Withdrawal,
    format_time,
    make_statement,
)
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.own_files.home import Home
    from signoff_schemas.words import Owner

VALID_DAYS: Final = 365


def sign(home: Home, path: Path, name: str, *, licence: str, owner: Owner) -> SignOff:
    """Sign with the run's own key: reviewed by nobody, for a folder that nothing is sent to.

    `signoff sign` signs only what a person looked at, and rightly: nobody looked here. So the
    statement is made here, says that no file was seen, and only the run's own home vouches for it.
    """
    snapshot = take_snapshot(path)
    episode = strict_check(snapshot.content)
    audience = canonical_audience(str(home.root.parent / "nowhere"))
    seed, record_id = make_seed(home), secrets.token_hex(16)
    now = datetime.fromtimestamp(SystemClock().wall_ns() // 10**9, UTC)
    key = KeyRegister(home).key_for(audience)
    predicate = Predicate(
        record_id=record_id,
        event_time=format_time(now),
        expires=format_time(now + timedelta(days=VALID_DAYS)),
        shown_digest=snapshot.sha256,
        episode=shared_episode(snapshot.size_bytes, episode),
        redaction=stated_redaction(episode.header),
        review=Review(mode=ReviewMode.PLAN, tool_version=__version__, files_seen=0, outputs_seen=0),
        notice=current_notice(),
        purposes=(Purpose.MODEL_TRAINING, Purpose.RESEARCH),
        prohibited_uses=(),
        audience=audience,
        licence=licence,
        rights=Rights(
            basis=owner,
            holder="contributor" if owner is Owner.MINE else "open-source-project",
            repository_licence=licence,
            permission_reference=None,
        ),
        requested_by=Requester.RESEARCHER,
        ai_providers=(),
        contributor=contributor_pseudonym(seed, audience),
        repository=repository_pseudonym(seed, audience, name),
        withdrawal=Withdrawal(
            handle=withdrawal_handle(withdrawal_secret(seed, audience, record_id))
        ),
    )
    statement = make_statement(snapshot.sha256, predicate)
    signature = sign_message(statement, key=key.path, public_key=key.public_key, namespace=SIGN_OFF)
    return SignOff(statement=statement, signature=signature)
