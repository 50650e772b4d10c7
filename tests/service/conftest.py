"""The application over a fake desk, with a token for every role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.service.app import Service, Terms, application
from engine.service.tokens import read_tokens
from tests.service.desks import FakeDesk

SENDER, READER, MONITOR, INSIDER = (letter * 40 for letter in "srmi")
ENTRIES = (
    f"crm:send:{SENDER} sales:read=public:{READER} monitor:operate:{MONITOR} "
    f"desk:send,read:{INSIDER}"
)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Making the first requests of every operation takes seconds even where none is sent."""
    left_out = config.option.markexpr == "not slow"
    return True if left_out and collection_path.name == "test_openapi_at_length.py" else None


@pytest.fixture(scope="session")
def running_service() -> Iterator[None]:
    """That of the tests against the document, which can be started once."""
    from tests.service.test_openapi import SERVICE

    SERVICE.start()
    yield
    SERVICE.close()


def event(event_id: str = "e1", account: str = "A1", **more: Any) -> dict[str, Any]:
    return {"id": event_id, "type": "account", "account": account, "values": {"x": 1}, **more}


class Caller:
    """Calls the service with the tokens of one of its callers."""

    def __init__(self, client: TestClient, service: Service, desk: FakeDesk) -> None:
        self.client = client
        self.service = service
        self.desk = desk

    def post(self, path: str, body: Any, token: str = SENDER, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        kind = "content" if isinstance(body, bytes) else "json"
        return self.client.post(path, headers=headers, **{kind: body})

    def send(self, body: Any, token: str = SENDER, **more: Any) -> Any:
        return self.post("/v1/events", body, token, **more)

    def get(self, path: str, token: str | None = READER, **headers: str) -> Any:
        said: Mapping[str, str] = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.get(path, headers={**said, **headers})


def caller(terms: Terms, desk: FakeDesk) -> Iterator[Caller]:
    app, service = application(desk, terms, lambda: date(2026, 7, 2))
    with TestClient(app, base_url="http://localhost") as client:
        yield Caller(client, service, desk)
        desk.released.set()


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def api(desk: FakeDesk) -> Iterator[Caller]:
    yield from caller(Terms(read_tokens({"KAM_API_TOKENS": ENTRIES}), rate=1e6), desk)


@pytest.fixture
def open_api(desk: FakeDesk) -> Iterator[Caller]:
    """Without tokens, for whoever is on the machine."""
    yield from caller(Terms(None, rate=1e6, level="internal"), desk)
