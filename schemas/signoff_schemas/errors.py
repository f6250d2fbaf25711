"""Every error that Signoff raises on purpose.

Hierarchy, with the exit code of each (docs/cli.md):

* SignoffError            1   carries `hint`, what the person can do next
  - DiskFullError         1   no room to write; nothing already written is lost
  - MissingProgramError   1   a program that is needed is not on this machine
  - ChildFailedError      1   a program that was run failed, or took too long
  - SessionOverError      1   the session ended; write to a new one
  - GaveWayError          1   sealing stopped, so that a `forget` can go on
  - PausedError           1   recording is paused here
  - NetworkError          1   a store cannot be reached; the outbox keeps what waits
  - OutdatedError         1   somebody changed it meanwhile; load it again
  - UsageError            2   the call itself is wrong
    . MisplacedMaskError  2   a plan masks characters that are not there
  - PartlyDoneError       3   some of it was done, or a replay differs
  - NotFoundError        10   there is no such session, episode, file, workspace
  - DamagedError         11   the bytes are not what docs/format.md describes
    . NewerVersionError  11   written by a newer release
  - NotSignedError       12   unsigned, void, expired, or nobody vouches for the key
  - RefusedError         13   a policy of ours says no
  - ReceiverRefusedError 14   the receiver says no

Only `signoff_collector.cli` turns them into text and exit codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


class SignoffError(Exception):
    """Base of all errors meant for the person at the keyboard."""

    exit_code: ClassVar[int] = 1
    usual_hint: ClassVar[str | None] = None
    """Default hint of the class, for errors without a hint of their own."""

    def __init__(
        self, message: str, *, hint: str | None = None, details: Iterable[str] = ()
    ) -> None:
        super().__init__(message)
        self.details = tuple(details)
        """What the message counts, each on a line of its own."""
        self.hint = hint or self.usual_hint
        """One sentence in the imperative, or None where there is nothing to do."""


class DiskFullError(SignoffError):
    """There is no room left where Signoff keeps its files."""

    usual_hint: ClassVar[str | None] = "Free some space, then try again."


class MissingProgramError(SignoffError):
    """A program that is needed is not on this machine."""


class ChildFailedError(SignoffError):
    """A program that was run failed, or took longer than it may."""

    usual_hint: ClassVar[str | None] = "`signoff doctor` looks at the programs Signoff needs."


class SessionOverError(SignoffError):
    """The session has ended or is being sealed; nothing more may be written to it."""


class GaveWayError(SignoffError):
    """Sealing stopped before it wrote anything, since a `forget` needs the session."""

    usual_hint: ClassVar[str | None] = "Seal again when `signoff forget` has ended."


class PausedError(SignoffError):
    """The person paused recording here; nothing may be written until they resume it."""


class NetworkError(SignoffError):
    """A store or hub did not answer; what should be sent stays in the outbox.

    Attributes:
        retry_after_s: how long the hub asked to be left alone; 0 where it did not.
    """

    def __init__(
        self, message: str, *, hint: str | None = None, retry_after_s: float = 0.0
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class OutdatedError(SignoffError):
    """What was to be changed is not what it was: another window or process changed it."""

    usual_hint: ClassVar[str | None] = "Load it again, then repeat what you did."


class UsageError(SignoffError):
    """The command line, or a value in it, cannot be understood."""

    exit_code: ClassVar[int] = 2
    usual_hint: ClassVar[str | None] = "`--help` after the verb shows its options."


class MisplacedMaskError(UsageError):
    """A mask of a plan is not over characters of its episode.

    Attributes:
        seq: the step it names.
        file: the number of the file it is for, or None.
        field: the JSON pointer it is for, or None.
    """

    usual_hint: ClassVar[str | None] = "Mask it again at its new place."

    def __init__(
        self, message: str, *, seq: int, file: int | None = None, field: str | None = None
    ) -> None:
        super().__init__(message)
        self.seq = seq
        self.file = file
        self.field = field


class PartlyDoneError(SignoffError):
    """Some of the work was done, or a replay differs from what was recorded."""

    exit_code: ClassVar[int] = 3


class NotFoundError(SignoffError):
    """There is no such session, episode, file or workspace."""

    exit_code: ClassVar[int] = 10
    usual_hint: ClassVar[str | None] = "Check the name."


class DamagedError(SignoffError):
    """Bytes from outside do not follow their format.

    Attributes:
        offset_bytes: where the first fault lies, or None when it has no place.
    """

    exit_code: ClassVar[int] = 11
    usual_hint: ClassVar[str | None] = "Name another file, or fetch this one again: it is damaged."

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        details: Iterable[str] = (),
        offset_bytes: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint, details=details)
        self.offset_bytes = offset_bytes


class NewerVersionError(DamagedError):
    """The bytes follow a newer release's format."""

    def __init__(self, what: str, *, found: int, newest_known: int) -> None:
        super().__init__(
            f"{what} has version {found}; this release reads up to {newest_known}",
            hint="Upgrade Signoff, then try again.",
        )


class NotSignedError(SignoffError):
    """No valid sign-off covers these bytes."""

    exit_code: ClassVar[int] = 12


class RefusedError(SignoffError):
    """A policy of Signoff forbids it."""

    exit_code: ClassVar[int] = 13


class ReceiverRefusedError(SignoffError):
    """The receiver of an upload forbids it."""

    exit_code: ClassVar[int] = 14
