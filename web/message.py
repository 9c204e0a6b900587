"""Every text on the screen is a message id: web/messages/zh.json and en.json hold the words."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files

from flask import Flask, Response, request

from geodata.errors import NotFound

LOCALES = ("zh", "en")
LOCALE_COOKIE = "ganxin_locale"
Texts = dict[str, str]


@dataclass(frozen=True)
class Messages:
    """The texts of every locale."""

    texts: dict[str, Texts]

    def text(self, locale: str, message_id: str, **values: object) -> str:
        """Return a text with its ``{names}`` filled in; an unknown id shows itself."""
        template = self.texts.get(locale, {}).get(message_id)
        if template is None:
            template = self.texts["zh"].get(message_id, message_id)
        for name, value in values.items():
            template = template.replace("{" + name + "}", str(value))
        return template

    def version(self, locale: str) -> str:
        """Return a short digest of a locale's texts, for caching."""
        packed = json.dumps(self.texts[locale], sort_keys=True).encode()
        return hashlib.sha256(packed).hexdigest()[:12]


def load_messages() -> Messages:
    """Read the texts that come with the package."""
    folder = files("web") / "messages"
    texts = {name: json.loads((folder / f"{name}.json").read_text("utf-8")) for name in LOCALES}
    return Messages(texts)


def choose_locale(of_user: str | None) -> str:
    """Return the locale asked for, chosen before, of the user, of the browser, or zh."""
    asked = (request.args.get("lang"), request.cookies.get(LOCALE_COOKIE), of_user)
    for locale in asked:
        if locale in LOCALES:
            return locale
    return request.accept_languages.best_match(LOCALES) or "zh"


def register(app: Flask, messages: Messages) -> None:
    """Serve ``/messages/<locale>.json`` to the modules in the browser. The texts are public."""
    bodies = {name: json.dumps(messages.texts[name], ensure_ascii=False) for name in LOCALES}

    def send_messages(locale: str) -> Response:
        """Send the texts of a locale."""
        if locale not in bodies:
            raise NotFound("There is no such language")
        response = Response(bodies[locale], mimetype="application/json")
        response.set_etag(messages.version(locale))
        response.cache_control.no_cache = True
        response.make_conditional(request)
        return response

    app.add_url_rule("/messages/<locale>.json", "messages", send_messages)
