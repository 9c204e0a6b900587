"""One error tree, by intent. ``web/errors.py`` alone maps these to HTTP."""

from __future__ import annotations

from typing import Any, ClassVar


class GanxinError(Exception):
    """Base of every error that is meant to reach a person.

    Parameters
    ----------
    public_message
        What happened, what is safe, what to do next. Shown to the user as it is.
    field
        Name of the offending input field, dotted (``location.lon``), or None.
    context
        Private detail for the log; never sent to a client.
    """

    code: ClassVar[str] = "error"

    def __init__(self, public_message: str, *, field: str | None = None, **context: Any) -> None:
        super().__init__(public_message)
        self.public_message = public_message
        self.field = field
        self.context = context


class InvalidInput(GanxinError):
    """The request cannot be understood or breaks a rule; sending it again will not help."""

    code = "invalid_input"


class Unauthenticated(GanxinError):
    """Nobody is signed in, or the session or token has ended."""

    code = "unauthenticated"


class Forbidden(GanxinError):
    """The person is known and may not do this."""

    code = "forbidden"


class NotFound(GanxinError):
    """No such thing, or none within the scope of the person asking."""

    code = "not_found"


class Conflict(GanxinError):
    """Somebody else was first, or the state has moved on.

    Parameters
    ----------
    winner
        Public facts on who or what was first; sent with the problem document.
    """

    code = "conflict"

    def __init__(
        self,
        public_message: str,
        *,
        field: str | None = None,
        winner: dict[str, Any] | None = None,
        **context: Any,
    ) -> None:
        super().__init__(public_message, field=field, **context)
        self.winner = winner


class IdempotencyMismatch(GanxinError):
    """An Idempotency-Key came back with another body."""

    code = "idempotency_mismatch"


class TooLarge(GanxinError):
    """The body is over the limit; nothing was read or stored."""

    code = "too_large"


class TooManyRequests(GanxinError):
    """The rate limit of this account or address is used up."""

    code = "too_many_requests"

    def __init__(self, public_message: str, *, retry_after_s: int, **context: Any) -> None:
        super().__init__(public_message, **context)
        self.retry_after_s = retry_after_s


class Unavailable(GanxinError):
    """A dependency is away for now; trying again later will help."""

    code = "unavailable"


class DataFault(GanxinError):
    """Stored or imported data break a rule they were promised to keep."""

    code = "data_fault"
