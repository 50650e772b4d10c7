"""The OpenAPI document: every route, every status, and the schemas that stand in `schemas/`."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from engine import __version__
from engine.language.schema import EVENT, load_schema
from engine.service.bodies import JSON, LINES, MOST_EVENTS
from engine.service.problems import MEDIA_TYPE as PROBLEM
from engine.service.problems import TITLES

Document = dict[str, Any]

_SENDING = (400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 500, 503)
_READING = (401, 403, 404, 429, 500, 503)


@cache
def openapi() -> Document:
    """The document, of OpenAPI 3.1."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "kam: the working day",
            "version": __version__,
            "summary": "Single events, decided under the policy of the last night.",
            "description": "An event is answered within milliseconds with what it changes. "
            "Every event has an id of its sender's; sent again, it gets its first answer, so "
            "that a sender who heard nothing sends it again.",
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": {
            "/v1/events": {"post": _post_events()},
            "/v1/evaluate": {"post": _post_evaluate()},
            "/v1/accounts/{account}": {"get": _get_account()},
            "/health/live": {"get": _open("live", "Whether the process runs.", _LIVE, ())},
            "/health/ready": {"get": _open("ready", "Whether events are decided.", _READY, (503,))},
            "/metrics": {"get": _get_metrics()},
            "/openapi.json": {"get": _open("openapi", "This document.", {"type": "object"}, ())},
        },
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token with the roles send, read or operate.",
                }
            },
            "schemas": _schemas(),
        },
    }


# --- routes ----------------------------------------------------------------------------------


def _post_events() -> Document:
    one, many = _ref("event"), _ref("events")
    body: Document = {JSON: {"schema": {"oneOf": [one, many]}}}
    body |= {media: {"schema": {"type": "string", "minLength": 1}} for media in LINES}
    answers: Document = {JSON: {"schema": {"oneOf": [_ref("answer"), _ref("answers")]}}}
    answers |= {media: {"schema": {"type": "string"}} for media in LINES}
    lists: Document = {JSON: {"schema": _ref("answers")}}
    lists |= {media: {"schema": {"type": "string"}} for media in LINES}
    replayed = {
        "Idempotent-Replayed": {
            "description": "The one event had been taken before; this is its first answer.",
            "schema": {"type": "string", "const": "true"},
        }
    }
    return {
        "operationId": "postEvents",
        "summary": "Send one event or many.",
        "description": "One event as a JSON object, or up to "
        f"{MOST_EVENTS:,} as a JSON array or as JSON Lines. Many are answered in the form in "
        "which they came, one answer for each, in their order.",
        "requestBody": {"required": True, "content": body},
        "responses": {
            "200": _response("All are decided.", answers, replayed),
            "202": _response("Some wait until the store is free.", answers, replayed),
            "207": _response("Some of many are rejected; each answer says which.", lists),
            **_problems(_SENDING),
        },
    }


def _post_evaluate() -> Document:
    return {
        "operationId": "postEvaluate",
        "summary": "Ask what an event would change.",
        "description": "Nothing is stored, and nobody is asked to do anything.",
        "requestBody": {"required": True, "content": {JSON: {"schema": _ref("event")}}},
        "responses": {
            "200": _response("What it would change.", {JSON: {"schema": _ref("answer")}}),
            **_problems(_SENDING),
        },
    }


def _get_account() -> Document:
    parameter = {
        "name": "account",
        "in": "path",
        "required": True,
        "description": "The id of the account.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    }
    return {
        "operationId": "getAccount",
        "summary": "How an account stands, and why.",
        "parameters": [parameter],
        "responses": {
            "200": _response("The account.", {JSON: {"schema": _ref("account")}}),
            **_problems((400, *_READING)),
        },
    }


def _get_metrics() -> Document:
    content = {"text/plain": {"schema": {"type": "string"}}}
    return {
        "operationId": "getMetrics",
        "summary": "Counts and times for Prometheus.",
        "responses": {
            "200": _response("The numbers.", content),
            **_problems((401, 403, 429, 500, 503)),
        },
    }


def _open(name: str, summary: str, schema: Document, statuses: tuple[int, ...]) -> Document:
    """A route that needs no token."""
    return {
        "operationId": f"get{name.title()}",
        "summary": summary,
        "security": [],
        "responses": {
            "200": _response(summary, {JSON: {"schema": schema}}),
            **_problems((500, *statuses)),
        },
    }


def _response(description: str, content: Document, headers: Document | None = None) -> Document:
    said = {
        "X-Request-Id": {
            "description": "Names the request in the log.",
            "schema": {"type": "string"},
        },
        **(headers or {}),
    }
    return {"description": description, "headers": said, "content": content}


def _problems(statuses: tuple[int, ...]) -> Document:
    content = {PROBLEM: {"schema": _ref("problem")}}
    found = {}
    for status in sorted(set(statuses)):
        headers = {}
        if status in (429, 503):
            description = "Seconds until it may be sent again."
            headers = {"Retry-After": {"description": description, "schema": {"type": "string"}}}
        if status == 401:
            description = "How to show a token."
            headers = {
                "WWW-Authenticate": {"description": description, "schema": {"type": "string"}}
            }
        found[str(status)] = _response(f"{TITLES[status]}.", content, headers)
    return found


# --- schemas ---------------------------------------------------------------------------------


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> Document:
    return {
        **_hoisted(EVENT),
        **_hoisted("answer"),
        "events": {
            "description": "Events, in the order in which they are taken.",
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_EVENTS,
            "items": _ref("event"),
        },
        "answers": {
            "description": "An answer for each event, in their order.",
            "type": "array",
            "items": _ref("answer"),
        },
        "account": _ACCOUNT,
        "problem": _PROBLEM,
    }


def _hoisted(name: str) -> Document:
    """A schema and its definitions as components of the document."""
    schema = copy.deepcopy(load_schema(name))
    definitions = schema.pop("$defs", {})
    for key in ("$schema", "$id"):
        schema.pop(key)
    parts = {name: schema, **{f"{name}_{key}": part for key, part in definitions.items()}}
    found: Document = _relocated(parts, name)
    return found


def _relocated(schema: Any, name: str) -> Any:
    if isinstance(schema, dict):
        return {
            key: value.replace("#/$defs/", f"#/components/schemas/{name}_")
            if key == "$ref"
            else _relocated(value, name)
            for key, value in schema.items()
        }
    return [_relocated(one, name) for one in schema] if isinstance(schema, list) else schema


_LIVE: Document = {
    "type": "object",
    "required": ["status"],
    "additionalProperties": False,
    "properties": {"status": {"const": "live"}},
}

_READY: Document = {
    "type": "object",
    "required": ["status", "night", "age_days", "waiting", "version"],
    "additionalProperties": False,
    "properties": {
        "status": {"const": "ready"},
        "night": {"description": "The run of the last night.", "type": "string"},
        "age_days": {"description": "Days since its date.", "type": "integer"},
        "waiting": {"description": "Events that have no answer yet.", "type": "integer"},
        "version": {"description": "The version of kam.", "type": "string"},
    },
}

_ACCOUNT: Document = {
    "title": "Account",
    "description": "How an account stands after the last night and the events since. Values that "
    "the caller may not see are masked.",
    "type": "object",
    "required": ["account", "as_of", "run", "packs"],
    "properties": {
        "account": {"description": "The id of the account.", "type": "string"},
        "name": {"description": "Its name.", "type": ["string", "null"]},
        "as_of": {"description": "The day for which it was decided.", "type": "string"},
        "run": {"description": "The night whose policy and facts it stands on.", "type": "string"},
        "packs": {
            "description": "Tier, warnings, entitlements and the explanation, by policy pack.",
            "type": "object",
            "additionalProperties": {"type": "object"},
        },
    },
}

_PROBLEM: Document = {
    "title": "Problem",
    "description": "What is wrong, as RFC 9457.",
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "title", "status", "detail", "code", "hint", "event", "request"],
    "properties": {
        "type": {"description": "Identifies the kind of problem.", "type": "string"},
        "title": {"description": "The kind of problem in words.", "type": "string"},
        "status": {"description": "The HTTP status.", "type": "integer"},
        "detail": {"description": "What is wrong here.", "type": "string"},
        "code": {"description": "Stable, for programs.", "type": "string"},
        "hint": {"description": "What to do about it.", "type": ["string", "null"]},
        "event": {"description": "The id of the event, if one is.", "type": ["string", "null"]},
        "request": {"description": "The request in the log.", "type": "string"},
    },
}
