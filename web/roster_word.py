"""What is wrong with a change of the roster, said in the reader's language by its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from geodata.errors import Forbidden, InvalidInput, NotFound
from web.message import Messages


def say_wrong(
    messages: Messages, locale: str, reason: str | None, values: Mapping[str, object], plain: str
) -> str:
    """Return the sentence of a reason; the plain one where there is none."""
    name = f"roster.wrong_{reason}"
    if reason is None or name not in messages.texts[locale]:
        return plain
    return messages.text(locale, name, **values)


@contextmanager
def said_in(messages: Messages, locale: str) -> Iterator[None]:
    """Let what is refused within be said in a language."""
    try:
        yield
    except (InvalidInput, NotFound, Forbidden) as exc:
        context = exc.context
        words = say_wrong(messages, locale, context.get("reason"), context, exc.public_message)
        raise type(exc)(words, field=exc.field, **context) from exc
