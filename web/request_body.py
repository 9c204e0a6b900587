"""Strict JSON: what a body may be, checked before any model sees it.

Python's own reader takes NaN, the last of two equal keys, numbers of any length and lone
surrogates; each of them breaks something further down (PostgreSQL text, jsonb, float columns), so
each is refused here with the name of the field.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from flask import Request

from geodata.errors import TooLarge
from web.errors import MalformedBody, WrongContentType

MAX_DEPTH = 100
MAX_DIGITS = 40
MEDIA_TYPE = "application/json"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_Fault = tuple[list[str], str]


class _Bad:
    """A value that is refused; its place is known only when the whole body is read."""

    def __init__(self, problem: str) -> None:
        self.problem = problem


def parse_body(raw: bytes, content_type: str, *, max_bytes: int) -> dict[str, Any]:
    """Return the object a JSON body holds.

    Raises
    ------
    TooLarge, WrongContentType, MalformedBody
        The body is over the limit, not declared as JSON, or not strict JSON.
    """
    if len(raw) > max_bytes:
        raise TooLarge(f"The body is over the limit of {max_bytes} bytes", field="body")
    if content_type.split(";")[0].strip().lower() != MEDIA_TYPE:
        raise WrongContentType("The body must be sent as application/json", field="Content-Type")
    reader = _Reader()
    value = reader.load(raw)
    # Unstorable characters can come as escapes only: raw ones are no JSON, or no UTF-8.
    suspicious = reader.found_bad or b"\\u" in raw
    if suspicious and (fault := _fault(value, 0)):
        path = ".".join(fault[0]) or "body"
        raise MalformedBody(f"{path} {fault[1]}", field=path)
    if not isinstance(value, dict):
        raise MalformedBody("The body must be a JSON object", field="body")
    return value


def text_problem(text: str) -> str | None:
    """Return what keeps a text from being stored, None if nothing does."""
    found = _UNSTORABLE.search(text)
    if found is None:
        return None
    return "holds a NUL character" if found[0] == "\x00" else "holds half of a surrogate pair"


class _Reader:
    """Reads JSON, putting a :class:`_Bad` in the place of what is refused."""

    def __init__(self) -> None:
        self.found_bad = False

    def load(self, raw: bytes) -> Any:
        """Return the value a body holds."""
        try:
            return json.loads(
                raw.decode("utf-8"),
                object_pairs_hook=self._unique,
                parse_constant=self._no_constant,
                parse_int=self._parse_int,
                parse_float=self._parse_float,
            )
        except UnicodeDecodeError:
            raise MalformedBody("The body is not UTF-8", field="body") from None
        except RecursionError:
            raise MalformedBody("The body is nested too deep", field="body") from None
        except json.JSONDecodeError as exc:
            raise MalformedBody(f"The body is not JSON: {exc.msg}", field="body") from None

    def _bad(self, problem: str) -> _Bad:
        self.found_bad = True
        return _Bad(problem)

    def _unique(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        known = dict(pairs)
        if len(known) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    known[key] = self._bad("stands twice in one object")
                seen.add(key)
        return known

    def _no_constant(self, name: str) -> _Bad:
        return self._bad(f"is {name}, which is not a JSON number")

    def _parse_int(self, text: str) -> int | _Bad:
        if len(text) > MAX_DIGITS:
            return self._bad(f"has over {MAX_DIGITS} digits")
        return int(text)

    def _parse_float(self, text: str) -> float | _Bad:
        if len(text) > MAX_DIGITS:
            return self._bad(f"has over {MAX_DIGITS} digits")
        value = float(text)
        return value if math.isfinite(value) else self._bad("is too large a number")


def _fault(value: Any, depth: int) -> _Fault | None:
    """Return the path to the first value that is refused and what is wrong with it."""
    if isinstance(value, str):
        problem = text_problem(value)
        return ([], problem) if problem else None
    if isinstance(value, _Bad):
        return [], value.problem
    if isinstance(value, (dict, list)):
        if depth >= MAX_DEPTH:
            return [], "is nested too deep"
        return _fault_within(value, depth)
    return None


def _fault_within(value: dict[str, Any] | list[Any], depth: int) -> _Fault | None:
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(name, str) and text_problem(name):
            return [], "holds a key that is not clean text"
        if fault := _fault(inner, depth + 1):
            fault[0].insert(0, str(name)[:60])
            return fault
    return None


class StrictRequest(Request):
    """The request of this application: a JSON body is strict, whoever reads it."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Return the body as :func:`parse_body` reads it; ``silent`` silences nothing."""
        limit = self.max_content_length or 0
        if (self.content_length or 0) > limit:
            raise TooLarge(f"The body is over the limit of {limit} bytes", field="body")
        return parse_body(self.get_data(), self.content_type or "", max_bytes=limit)

    def on_json_loading_failed(self, e: ValueError | None) -> NoReturn:
        """Refuse what Flask itself would read as JSON."""
        raise MalformedBody("The body is not JSON", field="body")
