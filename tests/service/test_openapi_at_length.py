"""As test_openapi.py, with many more requests; conftest.py leaves it out of the ordinary run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings

from tests.service.test_openapi import SETTINGS, schema

pytestmark = pytest.mark.usefixtures("running_service")


@pytest.mark.slow
@pytest.mark.timeout(900)
@schema.parametrize()
@settings(SETTINGS, max_examples=300)
def test_service_keeps_to_its_document_for_long(case: Any) -> None:
    case.call_and_validate()
