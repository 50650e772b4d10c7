"""Ids stand in the log for good, so nothing personal can be one."""

from __future__ import annotations

import pytest

from engine.errors import KamError
from engine.facts.reading_catalog import load_catalog
from engine.language.texts import KeptTexts

FACTS = """\
accounts:
  source: accounts.csv
  key: {key}
  columns:
    number: text
    phone: {{type: text, class: personal}}
records:
  visits:
    source: visits.csv
    account: {account}
    key: {record}
    columns:
      person: {{type: text, class: personal}}
      firm: text
      visit: text
"""


def load(key: str = "number", account: str = "firm", record: str = "visit") -> None:
    text = FACTS.format(key=key, account=account, record=record)
    load_catalog("facts.yaml", KeptTexts({"facts.yaml": text.encode()}))


def test_ids_that_are_not_personal_are_taken() -> None:
    load()


@pytest.mark.parametrize("keys", [{"key": "phone"}, {"account": "person"}, {"record": "person"}])
def test_personal_id_is_refused_where_it_stands(keys: dict[str, str]) -> None:
    with pytest.raises(KamError) as raised:
        load(**keys)
    (found,) = raised.value.problems
    assert found.code == "personal-key"
    assert found.location is not None
