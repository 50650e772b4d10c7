"""JSON Lines of events: every line is answered, whatever stands in the others."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema_rs import validator_for

from engine.day.answers import answer_document, rejected_document
from engine.day.events import Answer, Event, Rejected
from engine.day.reading_events import EVENT_LIMIT, TYPES, parse_event, read_events
from engine.errors import Problem
from engine.language.schema import bundled_schema, load_schema, schema_names
from tests.language.test_schema import subschemas
from tests.service.desks import decided

GOOD: dict[str, Any] = {"id": "e1", "type": "account", "account": "A1", "values": {"x": 1}}
LONG = b"x" * (EVENT_LIMIT + 1)


def read(*lines: bytes, end: bytes = b"\n") -> list[Event | Rejected]:
    return list(read_events(io.BytesIO(end.join(lines))))


def good(event_id: str = "e1") -> bytes:
    return json.dumps({**GOOD, "id": event_id}).encode()


def rejected(text: bytes | dict[str, Any]) -> Problem:
    raw = text if isinstance(text, bytes) else json.dumps(text).encode()
    found = parse_event(raw)
    assert isinstance(found, Rejected)
    return found.problem


def test_event_is_read_as_it_was_sent() -> None:
    said = {**GOOD, "type": "record", "record": "issues", "at": "2026-06-30T09:12:00+08:00",
            "values": {"编号": "I1", "amount": 12.5, "closed": None, "paid": True}}  # fmt: skip
    found = parse_event(json.dumps(said).encode())
    assert isinstance(found, Event)
    assert (found.id, found.type, found.account, found.record) == ("e1", "record", "A1", "issues")
    assert found.values == said["values"]
    at = datetime(2026, 6, 30, 9, 12, tzinfo=timezone(timedelta(hours=8)))
    assert found.at == at
    assert found.content()["at"] == "2026-06-30T09:12:00+08:00"


@pytest.mark.parametrize("text", ["2026-06-30T01:12Z", "2026-06-30T01:12:00.000Z"])
def test_moment_may_be_in_utc(text: str) -> None:
    found = parse_event(json.dumps({**GOOD, "at": text}).encode())
    assert isinstance(found, Event) and found.at == datetime(2026, 6, 30, 1, 12, tzinfo=UTC)


def test_broken_line_in_the_middle_stops_nothing() -> None:
    lines = [good(str(number)) for number in range(1000)]
    lines[499] = b'{"id": "500", '
    found = read(*lines)
    assert len(found) == 1000
    (wrong,) = [one for one in found if isinstance(one, Rejected)]
    assert (wrong.line, wrong.problem.code) == (500, "event-malformed")
    assert [one.line for one in found] == list(range(1, 1001))


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_empty_lines_are_passed_over_and_counted(end: bytes) -> None:
    found = read(b"", good("a"), b" \t ", good("b"), b"", end=end)
    assert [one.line for one in found] == [2, 4]
    assert all(isinstance(one, Event) for one in found)


def test_stream_without_lines_has_no_events() -> None:
    assert read() == [] and read(b"\n\n") == []


def test_byte_order_mark_is_allowed_at_the_start_alone() -> None:
    first, second = read(b"\xef\xbb\xbf" + good("a"), b"\xef\xbb\xbf" + good("b"))
    assert isinstance(first, Event) and isinstance(second, Rejected)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize(("over", "is_taken"), [(-1, True), (0, True), (1, False)])
def test_line_may_have_64_kib_without_its_break(end: bytes, over: int, is_taken: bool) -> None:
    bare = good()
    line = bare + b" " * (EVENT_LIMIT + over - len(bare)) + end
    following = good("e2") if end else b""
    found = list(read_events(io.BytesIO(line + following)))
    assert isinstance(found[0], Event) is is_taken
    if not is_taken:
        assert isinstance(found[0], Rejected) and found[0].problem.code == "event-too-long"
    if end:
        assert isinstance(found[1], Event) and (found[1].id, found[1].line) == ("e2", 2)


class Endless(io.RawIOBase):
    """A megabyte without a line break, of which nobody may ask for more than a little."""

    def __init__(self) -> None:
        self.left = b"a" * 1_000_000 + b"\n" + good("e2")
        self.most = 0

    def readline(self, size: int | None = -1) -> bytes:
        assert size is not None and size > 0
        self.most = max(self.most, size)
        end = self.left.find(b"\n", 0, size)
        cut = size if end < 0 else end + 1
        line, self.left = self.left[:cut], self.left[cut:]
        return line


def test_long_line_is_never_held_in_memory() -> None:
    stream = Endless()
    first, second = read_events(stream)  # type: ignore[arg-type]
    assert isinstance(first, Rejected) and isinstance(second, Event)
    assert second.line == 2
    assert stream.most <= EVENT_LIMIT + 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"{", "not JSON at character 2"),
        (b"nul", "not JSON at character 1"),
        (b"[1]", "an event is a JSON object, not a list"),
        (b'"x"', "not a text"),
        (b"null", "not null"),
        (b"true", "not true or false"),
        (b"7", "not a number"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": -Infinity}', "-Infinity is not JSON"),
        (b'{"a": 1e999}', "the number 1e999 is too large"),
        (b'{"a": 9007199254740992}', "more digits than programs keep"),
        (b'{"a": ' + b"9" * 5000 + b"}", "more digits than programs keep"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "the key 'c' stands twice"),
        (b"\xff\xfe{\x00", "UTF-16"),
        (b'{"id": "\xe5"}', "not UTF-8 at byte 9"),
        (b"[" * 60_000, "nested too deeply"),
        (b'{"id": "\\ud800", "type": "account", "account": "A", "values": {"x": 1}}', "surrogate"),
    ],
)
def test_what_is_not_json_is_malformed(text: bytes, message: str) -> None:
    found = rejected(text)
    assert found.code == "event-malformed"
    assert message in found.message


@pytest.mark.parametrize(
    ("change", "message", "hint"),
    [
        ({"id": ...}, "the event needs 'id'", "add 'id'"),
        ({"id": ""}, "'id' is empty", "for example"),
        ({"id": "a" * 201}, "'id' is longer than 200 characters", None),
        ({"id": "a\n"}, "line break", None),
        ({"id": 7}, "'id' must be text, not 7", '"crm-2026-000123"'),
        ({"id": None}, "'id' has no value", '"crm-2026-000123"'),
        ({"account": ...}, "the event needs 'account'", "add 'account'"),
        ({"acount": "A1"}, "'acount' is not a key", "did you mean 'account'?"),
        ({"values": ...}, "the event needs 'values'", None),
        ({"values": {}}, "'values' is empty", '{"class": "complaint"'),
        ({"values": []}, "'values' must be a JSON object, not a list", None),
        ({"values": {"x": [1]}}, "values.x: 'x' must be text", None),
        ({"values": {"x": {"y": 1}}}, "values.x: 'x' must be text", None),
        ({"values": {"": 1}}, "a key of 'values' is empty", None),
        ({"record": "issues"}, "'record' does not belong here", None),
        ({"type": "record"}, "the event needs 'record'", "add 'record'"),
        ({"type": "record", "record": "No"}, "'No' cannot be read as record table", '"issues"'),
        ({"at": "2026-06-30"}, "'2026-06-30' cannot be read as moment", '"2026-06-30T09:12'),
        ({"at": "2026-06-30T09:12:00"}, "cannot be read as moment", '+08:00"'),
        ({"at": "2026-02-30T09:12:00Z"}, "'at' is no moment", "for example"),
    ],
)
def test_what_has_another_form_is_malformed(
    change: dict[str, Any], message: str, hint: str | None
) -> None:
    said = {key: one for key, one in {**GOOD, **change}.items() if one is not ...}
    found = rejected(said)
    assert (found.code, message in found.message) == ("event-malformed", True), found.message
    if hint is not None:
        assert found.hint is not None and hint in found.hint


@pytest.mark.parametrize(
    "text", ["\\ud83d\\ude00", "\\uD83D\\uDE00x", "\\ufffd", "\\u0000", "\\ue000"]
)
def test_pairs_of_surrogates_and_all_other_letters_are_text(text: str) -> None:
    line = b'{"id": "e1", "type": "account", "account": "A1", "values": {"x": "%s"}}'
    found = parse_event(line % text.encode())
    assert isinstance(found, Event)
    assert found.values == {"x": json.loads(f'"{text}"')}


@pytest.mark.parametrize("half", ["\\ud800", "\\uDBFF", "\\udc00", "\\udfff", "\\ude00\\ud83d"])
@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('{"id": "e1", "type": "account", "account": "A1", "values": {"x": "a%s"}}', "values.x"),
        ('{"id": "e1", "type": "account", "account": "A1", "values": {"%s": 1}}', "values.\\ud"),
        ('{"id": "e1", "type": "account", "account": "A1", "values": {"x": ["%s"]}}', "values.x.1"),
        ('{"id": "e1", "type": "account", "account": "A1", "values": {"x": {"%s": 0}}}', "values"),
        ('{"id": "e1", "type": "%s", "account": "A1", "values": {"x": 1}}', "type"),
        ('{"id": "e1", "type": "account", "account": "%s", "values": {"x": 1}}', "account"),
        ('{"id": "e1", "type": "account", "account": "A1", "values": {"x": 1}, "%s": 1}', "\\ud"),
        ('{"id": "e1", "%s": 1, "%s": 1}', "the key '\\ud"),
    ],
)  # fmt: skip
def test_half_of_a_surrogate_pair_is_refused_wherever_it_stands(
    half: str, line: str, place: str
) -> None:
    bad = line.replace("%s", half).encode()
    before, wrong, after = read(good("a"), bad, good("b"))
    assert isinstance(before, Event) and isinstance(after, Event)
    assert isinstance(wrong, Rejected) and wrong.line == 2
    found = wrong.problem
    assert (found.code, found.message.startswith(place)) == ("event-malformed", True), found.message
    json.dumps(rejected_document(wrong), ensure_ascii=False).encode()  # it can be told


@pytest.mark.parametrize("depth", [100, *range(900, 1000, 5), 30_000])
def test_nesting_of_any_depth_is_malformed_and_no_defect(depth: int) -> None:
    line = b'{"id": "e1", "type": "account", "account": "A1", "values": {"x": %s1%s}}'
    assert rejected(line % (b"[" * depth, b"]" * depth)).code == "event-malformed"


@pytest.mark.parametrize(("size", "is_taken"), [(1, True), (200, True), (201, False)])
def test_id_has_at_most_200_characters(size: int, is_taken: bool) -> None:
    found = parse_event(json.dumps({**GOOD, "id": "号" * size}).encode())
    assert isinstance(found, Event) is is_taken


@pytest.mark.parametrize(("number", "is_taken"), [(2**53 - 1, True), (2**53, False)])
@pytest.mark.parametrize("sign", [1, -1])
def test_integers_are_those_that_a_double_keeps(number: int, is_taken: bool, sign: int) -> None:
    found = parse_event(json.dumps({**GOOD, "values": {"x": sign * number}}).encode())
    assert isinstance(found, Event) is is_taken


def test_unknown_type_has_a_code_of_its_own() -> None:
    found = rejected({**GOOD, "type": "recrod"})
    assert (found.code, found.hint) == ("event-unknown-type", "did you mean 'record'?")
    assert rejected({**GOOD, "type": "zzz"}).hint == "choose one of: record, account"
    assert rejected({**GOOD, "type": 7}).code == "event-malformed"


def test_rejected_event_keeps_the_id_that_can_be_repeated() -> None:
    assert rejected_document(parse_event(b'{"id": "e9"}', 3)) == {  # type: ignore[arg-type]
        "event": "e9",
        "status": "rejected",
        "line": 3,
        "problem": {
            "code": "event-malformed",
            "message": "the event needs 'type'",
            "hint": "add 'type': record: something new that happened, such as an issue",
        },
    }
    for text in (b'{"id": 7}', b'{"id": "\\ud800"}', b'{"id": ""}', b"[]"):
        found = parse_event(text)
        assert isinstance(found, Rejected) and found.event is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(["id", "type", "account", "at", "record", "values", "x"])


@given(st.lists(st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"")), max_size=8))
def test_any_bytes_are_answered_line_by_line(lines: list[bytes]) -> None:
    found = read(*lines)
    wanted = [number for number, line in enumerate(lines, start=1) if line.strip()]
    # A carriage return, or the mark at the start of a file, is all that there is on some lines.
    assert [one.line for one in found if one.line is not None] == [
        number for number in wanted if number in {one.line for one in found}
    ]
    assert {one.line for one in found} <= set(wanted)


@given(st.dictionaries(KEYS, JSON | st.sampled_from([*TYPES, "issues", "A1"]), max_size=6))
def test_reader_and_schema_agree(said: dict[str, Any]) -> None:
    text = json.dumps(said)
    found = parse_event(text.encode())
    if isinstance(found, Event):
        assert validator_for(bundled_schema("event")).is_valid(json.loads(text))
    else:
        assert found.problem.code in ("event-malformed", "event-unknown-type")
        assert found.problem.message


# --- the schemas --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["event", "answer"])
def test_schema_is_complete_and_described(name: str) -> None:
    assert name in schema_names()
    schema = load_schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"/{name}.schema.json")
    for path, part in subschemas(schema):
        assert part.get("type") != "object" or "additionalProperties" in part, path
        for key, one in part.get("properties", {}).items():
            if one is not False and not path.startswith(("/if", "/then", "/else")):
                assert one["description"].endswith("."), f"{path}/{key}"


def test_examples_of_the_schema_are_events() -> None:
    examples = load_schema("event")["examples"]
    assert {one["type"] for one in examples} == set(TYPES)
    for one in examples:
        assert isinstance(parse_event(json.dumps(one).encode()), Event)


def test_every_answer_agrees_with_its_schema() -> None:
    validator = Draft202012Validator(bundled_schema("answer"))
    first = parse_event(good())
    assert isinstance(first, Event)
    full = Answer("e1", decided(first))
    for level in ("public", "internal", "confidential", "personal"):
        document = answer_document(full, level)
        validator.validate(document)
        shown = "evidence" in document["changes"][0]
        assert shown is (level in ("confidential", "personal"))
    assert "evidence" in full.document["changes"][0]
    for level in ("public", "internal"):
        owners = {one["owner"] for one in answer_document(full, level)["actions"]}
        assert (owners == {None}) is (level == "public")
    queued = {"event": "e1", "account": "A1", "status": "queued", "notes": []}
    validator.validate(answer_document(Answer("e1", queued), "public"))
    wrong = parse_event(b"{")
    assert isinstance(wrong, Rejected)
    validator.validate(answer_document(wrong, "public"))
