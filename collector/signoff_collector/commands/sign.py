"""`signoff sign`: sign a reviewed episode for one audience."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import NotSignedError, RefusedError, UsageError

if TYPE_CHECKING:
    from signoff_collector.consent.offered_terms import ChosenTerms, OfferedHub, OfferedTerms
    from signoff_collector.consent.signing_off import Draft
    from signoff_collector.own_files.home import Home
    from signoff_collector.review.final.signing import Signed
    from signoff_collector.screen.console import Console
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
    parser.add_argument(
        "--to", metavar="AUDIENCE", required=True, help="the only store or hub that may receive it"
    )
    parser.add_argument(
        "--ca",
        type=Path,
        metavar="FILE",
        help="trust this private authority (PEM) for this hub, from now on",
    )
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
        metavar="N",
        help="days after which the permission ends (default: 365, or as long as a hub keeps it)",
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
        help="whose code it is, if no person said so when the workspace was enabled",
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
    parser.add_argument(
        "--nobody-else-typed",
        action="store_true",
        help="if the editor was shared: confirm that you typed all of it",
    )
    parser.add_argument(
        "--yes",
        action="store_true",
        help="ask nothing: signs only what a person looked at whole, and said to own",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Draft the statement, have it agreed to, sign it and write both files."""
    from signoff_collector.consent.sign_off_files import take_snapshot
    from signoff_collector.consent.terms.agreement import Agreement
    from signoff_collector.episode.locating import locate
    from signoff_collector.own_files.home import resolve_home
    from signoff_collector.review.final.remaking import refuse_not_made
    from signoff_collector.review.final.signing import draft, finish, offer, unasked

    home = resolve_home().ensure()
    path = _reviewed(home, locate(home, arguments.episode), console)
    snapshot = take_snapshot(path)
    offered = offer(home, snapshot)
    with console.counting("Making it again from its plan"):
        refuse_not_made(home, path, snapshot)
    hub = _hub(home, arguments.to, arguments.ca, console)
    _ask_whose(arguments, console, is_known=offered.owner is not None)
    chosen = _chosen(arguments, console, offered, hub)
    by = unasked(home, chosen) if arguments.yes else Agreement.TERMINAL
    drafted = draft(home, snapshot, chosen, by=by)
    _show_permission(arguments, console, drafted)
    _agree(arguments, console, drafted, hub)
    if arguments.as_me:
        console.note("this names you: it is signed with your git signing key")
    signed = finish(home, path, snapshot, drafted, as_me=arguments.as_me)
    _report(console, path, signed)
    if signed.recovery_code is not None:
        _show_code(console, signed.recovery_code)
    if not signed.verdict.is_good:
        raise NotSignedError(
            f"signed, but checking the sign-off failed: {signed.verdict.fault()}",
            hint="Something changed the files meanwhile: review and sign again.",
        )
    return 0


def _hub(home: Home, named: str, authority: Path | None, console: Console) -> OfferedHub | None:
    """Ask a hub for its terms; None where the audience is a folder or a bucket.

    Raises:
        NetworkError: it cannot be reached, and no terms of it are kept.
        NotSignedError: its terms are void.
        RefusedError: they are by another key than before.
    """
    from signoff_collector.commands.hub_terms import asker
    from signoff_collector.consent.offered_terms import OfferedHub
    from signoff_collector.consent.terms.audience import canonical_audience, is_hub

    audience = canonical_audience(named)
    if authority is not None:
        from signoff_collector.upload.hub.authorities import keep_authority

        keep_authority(home, audience, authority)
    return OfferedHub.of(asker(home, console)(audience)) if is_hub(audience) else None


def _reviewed(home: Home, path: Path, console: Console) -> Path:
    """Return what was kept of an episode in a review, where that one itself is named.

    Raises:
        RefusedError: reviews kept several of it.
    """
    from signoff_collector.consent.review_records import find_review
    from signoff_collector.kept.episode_files import SUFFIX, digest_of, is_signed, shared_from

    sha256 = digest_of(path)
    if path.parent.resolve() != home.episodes.resolve() or find_review(home, sha256) is not None:
        return path
    named = (home.episodes / f"{one[:16]}{SUFFIX}" for one in shared_from(home, sha256))
    kept = [one for one in named if one.is_file()]
    waiting = [one for one in kept if not is_signed(one)] or kept
    if len(waiting) == 1:
        console.say(f"signing   {waiting[0].stem}, which a review kept of {path.stem}")
        return waiting[0]
    if waiting:
        names = ", ".join(one.stem for one in waiting)
        raise RefusedError(
            f"reviews kept {len(waiting)} episodes of {path.stem}", hint=f"Name one: {names}"
        )
    return path


def _ask_whose(arguments: argparse.Namespace, console: Console, *, is_known: bool) -> None:
    """Ask whose code it is where enabling the workspace left nothing to go by."""
    is_told = is_known or arguments.owner is not None
    if is_told or arguments.yes or not console.is_terminal:
        return
    from signoff_collector.commands.enable import ask_owner
    from signoff_schemas.words import Owner

    arguments.owner = ask_owner(console, Owner.UNKNOWN).value


def _chosen(
    arguments: argparse.Namespace, console: Console, offered: OfferedTerms, hub: OfferedHub | None
) -> ChosenTerms:
    from signoff_collector.consent.offered_terms import ChosenTerms
    from signoff_schemas.statement import Purpose, Requester
    from signoff_schemas.words import Owner

    if arguments.supersedes is not None and not _is_record_id(arguments.supersedes):
        raise UsageError("a record id has 32 hexadecimal digits", hint="`signoff verify` shows it.")
    return ChosenTerms(
        audience=arguments.to,
        purposes=tuple(Purpose(name) for name in arguments.purpose or ("research",)),
        licence=arguments.licence[:200],
        expires_days=_days(arguments.expires_days, offered.default_days, hub),
        requested_by=Requester(arguments.requested_by),
        owner=Owner(arguments.owner) if arguments.owner else None,
        permission=arguments.permission[:64] if arguments.permission else None,
        supersedes=arguments.supersedes,
        as_me=arguments.as_me,
        notice_sha256=offered.notice_sha256,
        hub_terms_sha256=None if hub is None else hub.terms_sha256,
        confirmed_unseen=_confirms_unseen(arguments, console, offered),
        nobody_else_typed=_says_nobody_else_typed(arguments, console, offered),
    )


def _days(wanted: int | None, default: int, hub: OfferedHub | None) -> int:
    """Return for how long it is signed: where nothing is said, no longer than a hub keeps it."""
    if wanted is not None:
        return wanted
    return default if hub is None else min(default, hub.retention_days)


def _confirms_unseen(
    arguments: argparse.Namespace, console: Console, offered: OfferedTerms
) -> bool:
    """Say what nobody looked at, and ask; `--yes` does not sign it."""
    if not offered.unseen:
        return False
    console.note(
        f"looked at: {offered.files_seen} of {offered.files_total} files, "
        f"{offered.outputs_seen} of {offered.outputs_total} outputs and messages, "
        f"{offered.deleted_seen} of {offered.deleted_total} deleted texts"
    )
    return not arguments.yes and console.confirm("Sign what you did not look at?")


def _says_nobody_else_typed(
    arguments: argparse.Namespace, console: Console, offered: OfferedTerms
) -> bool:
    """Ask where the editor was shared; `--yes` does not answer this."""
    if not offered.was_shared or arguments.yes:
        return False
    return bool(arguments.nobody_else_typed) or console.confirm(
        "The editor was shared in this session. Is all of it typed by you?"
    )


def _is_record_id(text: str) -> bool:
    return len(text) == 32 and set(text) <= set("0123456789abcdef")


def _show_permission(arguments: argparse.Namespace, console: Console, draft: Draft) -> None:
    if arguments.permission == "new":
        reference = draft.predicate.rights.permission_reference
        console.say(f"permission reference {reference}: keep it with the permission you hold")


def _agree(
    arguments: argparse.Namespace, console: Console, draft: Draft, hub: OfferedHub | None
) -> None:
    """Show what is signed, a hub's terms and the whole notice, and have it confirmed.

    Raises:
        RefusedError: the person said no, or could not be asked and `--yes` was not given.
    """
    predicate = draft.predicate
    _show_terms(console, predicate)
    if hub is not None:
        _show_hub(console, hub, is_whole=not arguments.yes)
    if arguments.yes:
        console.say(f"notice {predicate.notice.version} is part of the statement")
        return
    console.say_lines(predicate.notice.text)
    if not console.is_terminal:
        raise RefusedError(
            "cannot ask for your agreement: standard input is not a terminal",
            hint="Run it in a terminal. --yes signs what a person looked at whole, and owns.",
        )
    if not console.confirm(f"Sign this for {predicate.audience}?"):
        raise RefusedError("not signed: you said no", hint="Nothing was written or sent.")


def _show_hub(console: Console, hub: OfferedHub, *, is_whole: bool) -> None:
    from signoff_collector.review.final.hub_words import hub_lines, hub_text

    for line in hub_lines(hub):
        console.say(line)
    if is_whole:
        console.say("")
        console.say("the hub's terms, in its own words:")
        console.say_lines(hub_text(hub))
        console.say("")


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


def _report(console: Console, path: Path, signed: Signed) -> None:
    predicate = signed.draft.predicate
    console.say(f"signed    {signed.statement_path}")
    console.say(f"key       {signed.key.fingerprint} ({signed.key.kind})")
    console.say(f"next      signoff upload {path} --to {signed.audience}")
    replaced = signed.replaced
    if replaced is not None:
        console.note(f"it replaces the earlier sign-off {replaced.record_id}")
        if replaced.was_sent and replaced.sha256 != predicate.shown_digest:
            console.note(
                f"hint: the earlier episode is at {replaced.audience}: "
                f"signoff withdraw {replaced.sha256}"
            )
    if console.is_json:
        row = signed.row()
        console.row(
            {
                **{name: row[name] for name in ("record_id", "sha256", "audience")},
                "episode": str(path.absolute()),
                "statement": row["statement_path"],
                "signature": row["signature_path"],
                "fingerprint": signed.key.fingerprint,
                "contributor": row["contributor"],
                "expires": row["expires"],
            }
        )


def _show_code(console: Console, code: str) -> None:
    from signoff_collector.consent.recovery import code_lines

    for line in ("", *code_lines(code)):
        console.say(line)
