"""What a person is asked to look at before anything is kept: the list "to check".

Tokens of no known word that nothing recognised as a secret, and what sealing left as it is
and could not decide. One action masks a token everywhere.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.seal_notes import to_check
from signoff_collector.redaction.novel import SHORT_LIST, NovelToken, novel_tokens
from signoff_collector.review.linear import linearise, linearise_path
from signoff_collector.review.naming import session_of
from signoff_schemas.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from signoff_collector.capture.sessions import Session
    from signoff_collector.home import Home
    from signoff_collector.review.storing import BaseEpisode

_PLACES: Final = 2
_WIDTH: Final = 160


class ToCheck:
    """The list of one sealed episode; made when it is first asked for."""

    def __init__(self, home: Home, base: BaseEpisode) -> None:
        self._home = home
        self._base = base

    @cached_property
    def tokens(self) -> list[NovelToken]:
        """Tokens of no known word, the most opaque first."""
        return novel_tokens(self._base.episode, self._own_words)

    @cached_property
    def notes(self) -> list[tuple[str, str]]:
        """Place and reason of what sealing left, while the journals of the session are there."""
        return [] if self._session is None else to_check(self._session)

    def headline(self) -> str:
        """Return one line on how much there is, or nothing."""
        said = [f"{len(self.tokens)} tokens of no known word"] * bool(self.tokens)
        said += [f"{len(self.notes)} places that sealing left"] * bool(self.notes)
        return f"  to check {' and '.join(said)} (see `check`)" if said else ""

    def listing(self, *, is_whole: bool = False) -> str:
        """Return the list; short unless all of it is wanted."""
        if not self.tokens and not self.notes:
            return "there is nothing to check: every token is built of known words"
        lines = [f"  ! {linearise_path(place)}: {linearise(why)}" for place, why in self.notes]
        if self.tokens:
            lines.append("tokens of no known word; is one of them a secret?")
        shown = self.tokens if is_whole else self.tokens[:SHORT_LIST]
        lines += [_line(number, token) for number, token in enumerate(shown)]
        if len(shown) < len(self.tokens):
            lines.append(f"  {len(self.tokens) - len(shown)} more; `check more` lists them")
        lines += ["check N masks that token everywhere"] * bool(self.tokens)
        return "\n".join(lines)

    def value(self, number: int) -> str:
        """Return the token of a number in the list.

        Raises:
            UsageError: there is none.
        """
        if number >= len(self.tokens):
            raise UsageError(f"there is no token {number}", hint="`check` lists them.")
        return self.tokens[number].value

    @cached_property
    def _session(self) -> Session | None:
        try:
            return session_of(self._home, self._base.sha256)
        except NotFoundError:
            return None

    @property
    def _own_words(self) -> frozenset[str]:
        from signoff_collector.seal.gathered import read_gathered

        session = self._session
        gathered = None if session is None else read_gathered(session.folder)
        return frozenset() if gathered is None else frozenset(gathered.words.split())


def _line(number: int, token: NovelToken) -> str:
    places = ", ".join(linearise_path(place) for place in token.places[:_PLACES])
    if len(token.places) > _PLACES:
        places += f" and {len(token.places) - _PLACES} more"
    context = linearise(token.context).replace("\n", " ")[:_WIDTH]
    return f"  {number:>3} {linearise(token.value)}\n      {places}: {context}"
