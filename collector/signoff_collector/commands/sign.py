"""`signoff sign`: sign a reviewed episode for one audience."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from signoff_collector.consent.audience import Audience
    from signoff_collector.consent.keys import SigningKey
    from signoff_collector.consent.signing_off import Draft, Terms
    from signoff_collector.console import Console
    from signoff_collector.home import Home
    from signoff_collector.upload.outbox import Outbox
    from signoff_schemas.statement import Predicate

SUMMARY: Final = "Sign a reviewed episode for one audience; nothing is sent."
EXAMPLE: Final = "signoff sign last --to file:///mnt/share/store --purpose research --licence MIT"
_PURPOSES: Final = ("model-training", "model-evaluation", "research", "teaching", "backup")
_REQUESTERS: Final = ("nobody", "programme", "employer", "researcher", "teacher")
_OWNERS: Final = ("mine", "open-source", "employer", "unknown")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "episode",
        metavar="EPISODE",
        nargs="?",
        default="last",
        help="a path or an id prefix; else the last one made",
    )
    parser.add_argument("--to", metavar="AUDIENCE", required=True, help="the only store it is for")
    parser.add_argument(
        "--purpose",
        action="append",
        choices=_PURPOSES,
        help="what it may be used for; may be repeated (default: research)",
    )
    parser.add_argument(
        "--licence", "--license", default="NOASSERTION", help="SPDX (default: NOASSERTION)"
    )
    parser.add_argument(
        "--expires-days",
        type=int,
        default=365,
        metavar="N",
        help="days after which the permission ends (default: 365)",
    )
    parser.add_argument(
        "--requested-by",
        choices=_REQUESTERS,
        default="nobody",
        help="who asked you for it (default: nobody)",
    )
    parser.add_argument(
        "--owner",
        choices=_OWNERS,
        help="whose code it is, where no person said it when enabling the workspace",
    )
    parser.add_argument(
        "--permission",
        "--permission-reference",
        metavar="new|REF",
        help="a random reference to a permission that you hold",
    )
    parser.add_argument("--supersedes", metavar="RECORD", help="an earlier sign-off it replaces")
    parser.add_argument(
        "--as-me", action="store_true", help="sign with your git signing key: it names you"
    )
    parser.add_argument("--yes", action="store_true", help="sign without asking, after a review")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Sign the episode and say where the sign-off lies."""
    from signoff_collector.clock import SystemClock
    from signoff_collector.consent.ownership import ownership_of
    from signoff_collector.consent.recovery import make_seed, take_code_to_show
    from signoff_collector.consent.sign_off_files import take_snapshot, write_sign_off
    from signoff_collector.consent.signing_off import (
        draft_statement,
        find_reviewed,
        sign_draft,
    )
    from signoff_collector.episode.locating import locate
    from signoff_collector.home import resolve_home
    from signoff_collector.upload.outbox import Outbox

    home = resolve_home().ensure()
    path = locate(home, arguments.episode)
    snapshot = take_snapshot(path)
    review, _ = find_reviewed(home, snapshot)
    _ask_whose(arguments, console, is_known=ownership_of(home, review).owner is not None)
    with Outbox.open(home) as outbox:
        records = outbox.records_of(snapshot.sha256)
    terms = _terms(arguments, console, records)
    seed = make_seed(home)
    draft = draft_statement(home, snapshot, terms, seed=seed, clock=SystemClock())
    _agree(arguments, console, draft)
    with tempfile.TemporaryDirectory(prefix="signing-", dir=home.state) as scratch:
        key = _key(arguments, console, home, terms.audience, Path(scratch))
        sign_off = sign_draft(draft, key)
    with Outbox.open(home) as outbox:
        outbox.add_record(draft.record_id, snapshot.sha256, terms.audience)
        write_sign_off(path, sign_off)
        _void_superseded(outbox, terms, draft, console)
    _report(console, path, draft, key)
    if (code := take_code_to_show(home, seed)) is not None:
        _show_code(console, code)
    return 0


def _ask_whose(arguments: argparse.Namespace, console: Console, *, is_known: bool) -> None:
    """Ask whose code it is where enabling the workspace left nothing to go by."""
    if is_known or arguments.owner is not None or not console.is_terminal:
        return
    answer = console.ask(f"Whose code is it? [{'/'.join(_OWNERS)}]", default="unknown")
    if answer not in _OWNERS:
        raise UsageError(f"the answer is one of {', '.join(_OWNERS)}", hint="Sign again.")
    arguments.owner = answer


def _terms(
    arguments: argparse.Namespace,
    console: Console,
    records: tuple[tuple[str, str, str | None], ...],
) -> Terms:
    from signoff_collector.consent.audience import canonical_audience
    from signoff_collector.consent.rights import new_permission_reference
    from signoff_collector.consent.signing_off import Terms
    from signoff_schemas.statement import Purpose, Requester
    from signoff_schemas.words import Owner

    audience = canonical_audience(arguments.to)
    permission: str | None = arguments.permission
    if permission == "new":
        permission = new_permission_reference()
        console.say(f"permission reference {permission}: keep it with the permission you hold")
    earlier = [record for record, named, void in records if named == audience and void is None]
    supersedes: str | None = arguments.supersedes or (earlier[-1] if earlier else None)
    if supersedes is not None and not _is_record_id(supersedes):
        raise UsageError("a record id has 32 hexadecimal digits", hint="`signoff verify` shows it.")
    return Terms(
        audience=audience,
        purposes=tuple(Purpose(name) for name in arguments.purpose or ("research",)),
        licence=arguments.licence,
        expires_days=arguments.expires_days,
        requested_by=Requester(arguments.requested_by),
        owner=Owner(arguments.owner) if arguments.owner else None,
        permission=permission,
        supersedes=supersedes,
    )


def _is_record_id(text: str) -> bool:
    return len(text) == 32 and set(text) <= set("0123456789abcdef")


def _agree(arguments: argparse.Namespace, console: Console, draft: Draft) -> None:
    """Show what is signed and the whole notice, and have it confirmed.

    Raises:
        RefusedError: the person said no, or could not be asked and `--yes` was not given.
    """
    predicate = draft.predicate
    _show_terms(console, predicate)
    if arguments.yes:
        console.say(f"notice {predicate.notice.version} is part of the statement")
        return
    console.say_lines(predicate.notice.text)
    if not console.is_terminal:
        raise RefusedError(
            "nobody is here to agree to the notice", hint="After your review: --yes signs."
        )
    if not console.confirm(f"Sign this for {predicate.audience}?"):
        raise RefusedError("not signed: you said no", hint="Nothing was written or sent.")


def _show_terms(console: Console, predicate: Predicate) -> None:
    steps = sum(predicate.episode.steps.values())
    console.say(f"episode   {predicate.shown_digest}")
    console.say(f"          {predicate.episode.size_bytes} bytes, {steps} steps")
    console.say(f"for       {predicate.audience}")
    console.say(f"purposes  {', '.join(predicate.purposes)}")
    console.say(f"never     {', '.join(predicate.prohibited_uses)}")
    console.say(f"licence   {predicate.licence}; code: {predicate.rights.basis}")
    console.say(f"until     {predicate.expires}")
    console.say(f"you       {predicate.contributor}")


def _key(
    arguments: argparse.Namespace,
    console: Console,
    home: Home,
    audience: Audience,
    scratch: Path,
) -> SigningKey:
    from signoff_collector.consent.git_key import find_git_key
    from signoff_collector.consent.keys import KeyRegister

    register = KeyRegister(home)
    if not arguments.as_me:
        return register.key_for(audience)
    key = find_git_key(scratch)
    console.note(f"this names you: {key.fingerprint} is your git signing key")
    register.remember(audience, key)
    return key


def _void_superseded(outbox: Outbox, terms: Terms, draft: Draft, console: Console) -> None:
    from signoff_collector.upload.outbox import State

    if terms.supersedes is None:
        return
    found = outbox.record(terms.supersedes)
    sha256, audience = found or (draft.predicate.shown_digest, terms.audience)
    was_sent = any(
        item.record_id == terms.supersedes and item.state == State.CONFIRMED
        for item in outbox.items_of(sha256)
    )
    outbox.void(terms.supersedes, sha256, audience, f"superseded by {draft.record_id}")
    console.note(f"it replaces the earlier sign-off {terms.supersedes}")
    if was_sent and sha256 != draft.predicate.shown_digest:
        console.note(f"hint: the earlier episode is at {audience}: signoff withdraw {sha256}")


def _report(console: Console, path: Path, draft: Draft, key: SigningKey) -> None:
    from signoff_collector.consent.sign_off_files import signature_path, statement_path

    predicate = draft.predicate
    console.say(f"signed    {statement_path(path)}")
    console.say(f"key       {key.fingerprint} ({key.kind})")
    console.say(f"next      signoff upload {path} --to {predicate.audience}")
    if console.is_json:
        console.row(
            {
                "record_id": draft.record_id,
                "sha256": predicate.shown_digest,
                "audience": predicate.audience,
                "episode": str(path.absolute()),
                "statement": str(statement_path(path).absolute()),
                "signature": str(signature_path(path).absolute()),
                "fingerprint": key.fingerprint,
                "contributor": predicate.contributor,
                "expires": predicate.expires,
            }
        )


def _show_code(console: Console, code: str) -> None:
    console.say("")
    console.say("Your recovery code, shown this once. With it you can take back anything you")
    console.say("share from here, even when this machine is gone. Keep it on paper:")
    console.say("")
    console.say(f"  {code}")
