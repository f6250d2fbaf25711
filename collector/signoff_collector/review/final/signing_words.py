"""Texts about signing and the choices so far, for the full screens and the line dialogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.consent.offered_terms import ChosenTerms
from signoff_collector.consent.recovery import code_lines
from signoff_collector.consent.signing_off import DEFAULT_DAYS
from signoff_collector.consent.terms.rights import NO_ASSERTION
from signoff_collector.quality.quality import quality_of
from signoff_collector.quality.telling import quality_rows, useful_line
from signoff_collector.replay.describing import clock_text
from signoff_collector.review.base_tree.step import tree_row
from signoff_collector.review.checking.naming import CLAIM
from signoff_collector.review.tasks.summary_lines import day_words
from signoff_collector.text.linear import linearise
from signoff_schemas.errors import UsageError
from signoff_schemas.statement import Purpose, Requester
from signoff_schemas.values import Value
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from signoff_collector.consent.offered_terms import OfferedHub, OfferedTerms
    from signoff_collector.episode.content import Episode
    from signoff_collector.review.final.final_look import Final
    from signoff_collector.review.final.signing import Signed


class Choices(Value):
    """The choices so far; the defaults are harmless and name no store."""

    audience: str = ""
    purposes: tuple[Purpose, ...] = (Purpose.RESEARCH,)
    licence: str = NO_ASSERTION
    expires_days: int = DEFAULT_DAYS
    requested_by: Requester = Requester.NOBODY
    owner: Owner | None = None
    permission: str | None = None
    as_me: bool = False
    confirmed_unseen: bool = False
    nobody_else_typed: bool = False
    hub_terms_sha256: str | None = None
    """Of the hub's terms that were shown, where the audience is a hub."""


def for_hub(choices: Choices, hub: OfferedHub | None) -> Choices:
    """Return the choices under a hub's terms, which are shown next; None: for a store.

    Where the person said nothing else, it is signed for no longer than the hub keeps it.
    """
    if hub is None:
        return choices.model_copy(update={"hub_terms_sha256": None})
    is_default = choices.expires_days == DEFAULT_DAYS
    days = min(DEFAULT_DAYS, hub.retention_days) if is_default else choices.expires_days
    return choices.model_copy(update={"hub_terms_sha256": hub.terms_sha256, "expires_days": days})


def chosen_terms(choices: Choices, offered: OfferedTerms) -> ChosenTerms:
    """Return the choices in the form that is signed, with the offered notice.

    Raises:
        UsageError: no store is named, or something cannot be meant.
    """
    from pydantic import ValidationError

    try:
        fields = choices.model_dump()
        return ChosenTerms(**fields, notice_sha256=offered.notice_sha256)
    except ValidationError as error:
        place = error.errors(include_url=False, include_input=False)[0]["loc"]
        raise UsageError(f"the terms are not valid: {place[0] if place else ''}") from None


def final_lines(final: Final, offered: OfferedTerms) -> list[str]:
    """Return lines that describe the final file, and what of it nobody viewed."""
    header = final.shared.episode.header
    changed = ["CHANGED since it was shown as a preview"] * final.changed_since_preview
    files = f"{offered.files_seen} of {offered.files_total} files"
    outputs = f"{offered.outputs_seen} of {offered.outputs_total} outputs and messages"
    deleted = f"           {offered.deleted_seen} of {offered.deleted_total} deleted texts"
    return [
        f"sha256     {offered.sha256}",
        f"           {offered.size_bytes} bytes, {header.steps} steps,"
        f" {clock_text(header.duration_ns)}, times {offered.time_resolution}",
        f"looked at  {files}, {outputs}, of these very bytes",
        *[deleted] * (offered.deleted_total > 0),
        f"day        {day_words(header.captured_on)}",
        useful_line(quality_rows(quality_of(final.shared.episode)), "useful     "),
        *_besides(final.shared.episode),
        *changed,
    ]


def _besides(episode: Episode) -> list[str]:
    """Return lines about included extras: the base tree, and the named repository."""
    row, url = tree_row(episode), episode.header.base.repository
    lines: list[str] = []
    if row is not None:
        lines += [
            f"base tree  {row['files']} files, {row['size_bytes']} bytes,"
            f" none counted as looked at; {row['withheld']} stay",
        ]
    return lines if url is None else [*lines, f"names      {linearise(url)}, {CLAIM}"]


def left_open_question(waiting: int) -> str:
    """Return the confirmation question that is asked while decisions are open."""
    left = "1 decision is" if waiting == 1 else f"{waiting} decisions are"
    return f"{left} left open under To check: these are shared as they are. Leave {waiting} open?"


def terms_lines(offered: OfferedTerms, choices: Choices) -> list[str]:
    """Return the terms, one line each, in the order in which they are asked."""
    owner = offered.owner or choices.owner
    needs = owner in offered.owners_needing_permission
    permission = choices.permission or ("NEEDED" if needs else "none needed")
    named = "your git key: it NAMES you" if choices.as_me else "a key of its own for that store"
    never = ", ".join(use.value for use in offered.prohibited_uses)
    return [
        f"store      {linearise(choices.audience) or '(say which)'}",
        f"purposes   {', '.join(one.value for one in choices.purposes)}; never {never}",
        f"licence    {linearise(choices.licence)}; the repository's: {offered.repository_licence}",
        f"until      {choices.expires_days} days from now",
        f"asked by   {choices.requested_by.value}",
        f"code       {'(say whose)' if owner is None else owner.value}",
        f"permission {linearise(permission)}",
        f"key        {named}",
    ]


def signed_lines(signed: Signed) -> list[str]:
    """Return lines with the result of signing, how to verify it, and the next step."""
    lines = [
        f"statement  {signed.statement_path}",
        f"signature  {signed.signature_path}",
        f"key        {signed.key.fingerprint} ({signed.key.kind})",
        "",
        *(
            f"{name:<13} {'good' if answer.is_good else 'NOT GOOD'}: {answer.fact}"
            for name, answer in signed.verdict.answers()
        ),
    ]
    if signed.replaced is not None:
        lines += ["", f"It replaces the earlier sign-off {signed.replaced.record_id}."]
    if signed.recovery_code is not None:
        lines += ["", *code_lines(signed.recovery_code)]
    return [
        *lines,
        "",
        "Anybody can check it with standard tools:",
        *(f"  {command}" for command in signed.commands),
        "",
        f"Nothing was sent. To send it: signoff upload --to {signed.audience}",
    ]
