"""The service against its own OpenAPI document, with requests that nobody thought of.

`test_service_keeps_to_its_document` is short; test_openapi_at_length.py has the long one.
"""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from jsonschema import Draft202012Validator
from schemathesis.config import SchemathesisConfig
from starlette.types import Receive, Scope, Send

from engine.resources import schemas_folder
from engine.service.app import Terms, application
from engine.service.bodies import LINES
from engine.service.openapi import openapi
from engine.service.tokens import read_tokens
from tests.service.desks import FakeDesk

TOKEN = "t" * 40
TERMS = Terms(read_tokens({"KAM_API_TOKENS": f"all:send,read,operate:{TOKEN}"}), rate=1e9)
SETTINGS = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    max_examples=15,
)

# What is right in its form may still be wrong (a day that the month does not have), and a wrong
# event among others is answered beside them.
REFUSED = ["400", "401", "403", "404", "405", "409", "413", "415", "422"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", *REFUSED]},
            "negative_data_rejection": {"expected-statuses": ["207", *REFUSED]},
        }
    }
)
APP, SERVICE = application(FakeDesk(), TERMS, lambda: date(2026, 7, 2))


async def running(scope: Scope, receive: Receive, send: Send) -> None:
    """The lifespan is ours: the tool begins and ends one for every test."""
    if scope["type"] != "lifespan":
        await APP(scope, receive, send)
        return
    for _ in range(2):
        message = await receive()
        await send({"type": f"{message['type']}.complete"})


@schemathesis.serializer(*LINES)
def _lines(context: Any, value: Any) -> bytes:
    del context
    return (value if isinstance(value, str) else json.dumps(value)).encode()


pytestmark = pytest.mark.usefixtures("running_service")
schema = schemathesis.openapi.from_asgi("/openapi.json", running, config=CONFIG)


@schema.auth()
class Bearer:
    def get(self, case: Any, context: Any) -> str:
        return TOKEN

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schema.parametrize()
@SETTINGS
def test_service_keeps_to_its_document(case: Any) -> None:
    case.call_and_validate()


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(one) for one in part.values()))
    return set().union(*(references(one) for one in part)) if isinstance(part, list) else set()


def test_document_needs_no_other() -> None:
    document = openapi()
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= known
    for one in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(one)


def test_document_names_every_route_and_no_other() -> None:
    folder = Path(str(schemas_folder())).parent / "engine" / "service" / "app.py"
    routes = re.findall(r'Route\((?:f?)"([^"]+)"', folder.read_text(encoding="utf-8"))
    named = {
        path.replace("{ACCOUNTS}{{account:path}}", "/v1/accounts/{account}") for path in routes
    }
    assert named == set(openapi()["paths"])


def test_every_operation_says_what_is_refused() -> None:
    for path, operations in openapi()["paths"].items():
        for operation in operations.values():
            statuses = set(operation["responses"])
            assert "500" in statuses
            if operation.get("security") != []:
                assert {"401", "403", "429", "503"} <= statuses, path
