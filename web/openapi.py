"""The OpenAPI document: what flask-openapi3 gathers, and what it has no place for."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from flask_openapi3.openapi import OpenAPI

from mapsvc.tile import LAYERS, MAX_ZOOM, MEDIA_TYPE
from web.api.change import KEY_MARK, KEY_PARAMETER
from web.api.schema import problems


def describe(app: OpenAPI) -> dict[str, Any]:
    """Return the whole document of the API."""
    document = deepcopy(app.api_doc)
    for operations in document["paths"].values():
        for operation in operations.values():
            _add_key(operation)
    document["paths"]["/tiles/{layer}/{z}/{x}/{y}.mvt"] = {"get": _tile()}
    return document


def _add_key(operation: dict[str, Any]) -> None:
    """Add the Idempotency-Key header: parameters are made from models, which headers are not."""
    mark = operation.pop(KEY_MARK, None)
    if mark is not None:
        parameter = {**KEY_PARAMETER, "required": mark == "required"}
        operation.setdefault("parameters", []).append(parameter)


def _tile() -> dict[str, Any]:
    numbers = [
        _parameter(name, "path", {"type": "integer", "minimum": 0, "maximum": most})
        for name, most in (("z", MAX_ZOOM), ("x", 2**MAX_ZOOM - 1), ("y", 2**MAX_ZOOM - 1))
    ]
    moment = {"type": "string", "format": "date-time"}
    filters = [
        _parameter("state", "query", {"type": "string", "enum": ["open", "all"]}),
        _parameter("since", "query", moment),
        _parameter("until", "query", moment),
    ]
    layer = _parameter("layer", "path", {"type": "string", "enum": list(LAYERS)})
    found = {"description": "A vector tile, with ETag", "content": {MEDIA_TYPE: {}}}
    answers = {status: {"description": "", **body} for status, body in problems(403, 404).items()}
    return {
        "tags": ["tiles"],
        "summary": "Send one vector tile; state, since and until are for cases.",
        "operationId": "tiles_send_tile_get",
        "parameters": [layer, *numbers, *filters],
        "responses": {"200": found, "304": {"description": "Not Modified"}, **answers},
    }


def _parameter(name: str, place: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}
