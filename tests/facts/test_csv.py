"""CSV files as they come: encodings, line ends, quotation marks, and every way to spoil a row."""

from __future__ import annotations

import pytest

from tests.facts.book import Book

FACTS = """
accounts:
  source: {source}
  key: 编号
  columns:
    name: {{type: text, from: 名称}}
    amount: {{type: money, from: 金额}}
"""
PLAIN = FACTS.format(source="a.csv")
HEADER = "编号,名称,金额\n"
GOOD = [("K1", "大连重工", "12.50"), ("K2", "西安电气", "0.10"), ("K3", 'Ö,"x"', "3")]
KEPT = [("K1", "大连重工"), ("K2", "西安电气"), ("K3", 'Ö,"x"')]
TEXT = HEADER + 'K1,大连重工,12.50\nK2,西安电气,0.10\nK3,"Ö,""x""",3\n'


def names(book: Book) -> list[tuple[str, str]]:
    return book.rows("accounts", "account_id, name", "account_no")


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("gb18030"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("K1,", "K1,").replace("\nK2", "\r\nK2").encode(),
        TEXT.rstrip("\n").encode(),
        TEXT.replace("\n", "\n\n").encode(),
        (TEXT + "\r\n\n\n").encode(),
        ("\n\n" + TEXT).encode(),
        TEXT.replace("\nK", "\n \nK").encode(),
        TEXT.replace("12.50\n", "12.50,\n").encode(),
        TEXT.replace("K1,大连重工", '"K1", "大连重工"').encode(),
        TEXT.replace("名称", ' "名称"').encode(),
    ],
    ids=[
        "utf-8", "byte order mark", "gbk", "cr lf", "cr", "mixed line ends", "no last line end",
        "blank lines", "blank last lines", "blank first lines", "lines of spaces",
        "trailing delimiter", "space before quotes", "quoted header",
    ],
)  # fmt: skip
def test_csv_reads_the_same_however_it_is_stored(book: Book, content: bytes) -> None:
    book.write("a.csv", content)
    book.load(PLAIN)
    assert (names(book), book.bad(), book.counts()) == (KEPT, [], (3, 3, 0))


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "auto"])
def test_csv_reads_a_declared_encoding(book: Book, encoding: str) -> None:
    book.write("a.csv", TEXT.encode("gb18030" if encoding == "gbk" else "utf-8"))
    book.load(FACTS.format(source=f"{{path: a.csv, encoding: {encoding}}}"))
    assert names(book) == KEPT


@pytest.mark.parametrize(("source", "delimiter"), [
    ("a.tsv", "\t"),
    ("{path: a.csv, delimiter: ';'}", ";"),
    ('{path: a.csv, delimiter: "\\t"}', "\t"),
    ("{path: a.csv, delimiter: '|'}", "|"),
])  # fmt: skip
def test_csv_reads_other_delimiters(book: Book, source: str, delimiter: str) -> None:
    text = TEXT.replace(",", delimiter).replace(f'"Ö{delimiter}', '"Ö,')
    book.write("a.tsv" if "tsv" in source else "a.csv", text)
    book.load(FACTS.format(source=source))
    assert names(book) == KEPT


SPOILT: list[tuple[str, bytes, int, str]] = [
    ("too few cells", "K9,只有两格\n".encode(), 3, "has 2 cells where 3 are expected"),
    ("too many cells", b"K9,a,1,2\n", 3, "has 4 cells where 3 are expected"),
    ("unclosed quote", b'K9,"never closed,1\n', 3, "opens a quotation mark that is never closed"),
    ("text after quote", b'K9,"a"b,1\n', 3, "has text after a closing quotation mark"),
    ("NUL", b"K9,a\0b,1\n", 3, "contains a NUL byte"),
    ("other encoding", "K9,大连,1\n".encode("gbk"), 3, "holds bytes that are not UTF-8"),
    ("huge", b"K9," + b"x" * 2_100_000 + b",1\n", 3, "is longer than 1000000 bytes"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "row", "reason"), [one[1:] for one in SPOILT], ids=[one[0] for one in SPOILT]
)
def test_csv_spoilt_row_is_quarantined_and_the_rest_goes_on(
    book: Book, line: bytes, row: int, reason: str
) -> None:
    lines = TEXT.encode().splitlines(keepends=True)
    book.write("a.csv", b"".join([*lines[:2], line, *lines[2:]]))
    book.load(PLAIN)
    assert (names(book), book.counts()) == (KEPT, (4, 3, 1))
    ((found_row, column, value, found),) = book.bad()
    assert (found_row, column) == (row, "")
    assert reason in found
    assert value is not None and value.startswith("K9,") and len(value) <= 200


def test_csv_unclosed_quotes_spoil_no_other_row(book: Book) -> None:
    rows = ["K1,a,1", 'K2,"b,2', "K3,c,3", 'K4,"d,4', 'K5,"e",5', 'K6,"f,6', "K7,g,7"]
    book.write("a.csv", HEADER + "\n".join(rows) + "\n")
    book.load(PLAIN)
    assert [name for name, _ in names(book)] == ["K1", "K3", "K5", "K7"]
    assert [(row, value) for row, _, value, _ in book.bad()] == [
        (3, 'K2,"b,2'), (5, 'K4,"d,4'), (7, 'K6,"f,6'),
    ]  # fmt: skip


def test_csv_rows_after_a_line_end_within_quotes_keep_their_line_numbers(book: Book) -> None:
    book.write("a.csv", HEADER + 'K1,"two\nlines",1\nK2,b,x\n')
    book.load(PLAIN)
    assert names(book) == [("K1", "two\nlines")]
    assert [(row, column, value) for row, column, value, _ in book.bad()] == [(4, "金额", "x")]


def test_csv_rows_after_blank_lines_keep_their_line_numbers(book: Book) -> None:
    book.write("a.csv", HEADER + "K1,a,1\n\n\nK2,b,x\n")
    book.load(PLAIN)
    assert [one[0] for one in book.bad()] == [5]
    assert book.counts() == (2, 1, 1)


def test_csv_gbk_file_with_rows_of_utf8_quarantines_those(book: Book) -> None:
    lines = [f"K{n},西安电气{n},1\n" for n in range(1, 8)]
    encoded = [line.encode("gbk") for line in lines]
    encoded[3] = lines[3].encode()
    book.write("a.csv", HEADER.encode("gbk") + b"".join(encoded))
    book.load(PLAIN)
    assert book.counts() == (7, 6, 1)
    assert names(book)[0] == ("K1", "西安电气1")
    assert [(row, reason.split(";")[0]) for row, _, _, reason in book.bad()] == [
        (5, "is UTF-8 in a file that is GBK")
    ]


def test_csv_gbk_file_with_rows_of_neither_quarantines_those(book: Book) -> None:
    rows = ["K1,大连重工,1\n".encode("gbk"), b"K2,\xff\xff,1\n", "K3,西安,1\n".encode("gbk")]
    book.write("a.csv", HEADER.encode("gbk") + b"".join(rows))
    book.load(PLAIN)
    assert names(book) == [("K1", "大连重工"), ("K3", "西安")]
    assert [(row, reason) for row, _, _, reason in book.bad()] == [
        (3, "holds bytes that are not GBK; the file is read as GBK")
    ]


def test_csv_gbk_text_after_an_english_header_is_found(book: Book) -> None:
    facts = "accounts: {source: a.csv, key: id, columns: {name: text}}"
    rows = b"".join(f"K{n:06},大连重工\n".encode("gbk") for n in range(300))
    book.write("a.csv", b"id,name\n" + rows)
    book.load(facts)
    assert book.counts() == (300, 300, 0)
    assert book.rows("accounts", "DISTINCT name") == [("大连重工",)]


def test_csv_gbk_text_far_behind_ascii_is_found(book: Book) -> None:
    facts = "accounts: {source: a.csv, key: id, columns: {name: text}}"
    start = b"".join(b"A%07d,plain text of some length\n" % n for n in range(40_000))
    book.write("a.csv", b"id,name\n" + start + "K1,大连重工\nK2,西安\n".encode("gbk"))
    book.load(facts)
    assert book.counts() == (40_002, 40_002, 0)
    assert names(book)[-2:] == [("K1", "大连重工"), ("K2", "西安")]


def test_csv_without_rows_gives_empty_tables(book: Book) -> None:
    book.write("a.csv", HEADER)
    book.load(PLAIN)
    assert (names(book), book.counts()) == ([], (0, 0, 0))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_csv_that_is_empty_is_refused(book: Book, content: bytes) -> None:
    book.write("a.csv", content)
    (found,) = book.refuse(PLAIN).problems
    assert found.code == "empty-source"
    assert str(found.location) == "facts.yaml:3:3"


def test_csv_in_utf16_is_refused(book: Book) -> None:
    book.write("a.csv", TEXT.encode("utf-16"))
    (found,) = book.refuse(PLAIN).problems
    assert (found.code, found.hint) == ("not-utf-8", "save it as CSV UTF-8")


def test_csv_with_a_wrong_delimiter_is_refused_with_the_right_one(book: Book) -> None:
    book.write("a.csv", TEXT.replace(",", ";"))
    (found,) = book.refuse(PLAIN).problems
    assert found.code == "no-mapped-column"
    assert "none of the columns '编号', '名称', '金额'" in found.message
    assert "its header is '编号;名称;金额'" in found.message
    assert found.hint == (
        "the delimiter looks like ';': write source: {path: a.csv, delimiter: \";\"}"
    )


def test_csv_missing_columns_are_listed_with_what_is_meant(book: Book) -> None:
    book.write("a.csv", "编号,客户名称,金 额\nK1,a,1\n")
    found = book.refuse(PLAIN).problems
    assert [one.code for one in found] == ["missing-source-column"] * 2
    assert [one.hint for one in found] == ["did you mean '客户名称'?", "did you mean '金 额'?"]
    assert [one.location.line for one in found if one.location] == [6, 7]


def test_csv_repeated_header_is_refused(book: Book) -> None:
    book.write("a.csv", "编号,名称,名称,金额\nK1,a,b,1\n")
    (found,) = book.refuse(PLAIN).problems
    assert (found.code, "'名称'" in found.message) == ("repeated-header", True)


def test_csv_unmapped_columns_may_repeat_or_have_no_name(book: Book) -> None:
    book.write("a.csv", "编号,名称,x,x,,金额\nK1,a,1,2,3,4\n")
    book.load(PLAIN)
    assert names(book) == [("K1", "a")]


def test_csv_name_with_pattern_letters_is_one_file(book: Book) -> None:
    book.write("a[1]*.csv", TEXT)
    book.write("a1x.csv", HEADER + "K9,other,1\n")
    book.load(FACTS.format(source="'a[1]*.csv'"))
    assert names(book) == KEPT


@pytest.mark.parametrize("mark", ["\uff0c", "\uff1b"])
def test_csv_whose_header_has_full_width_commas_is_told_so(book: Book, mark: str) -> None:
    book.write("a.csv", TEXT.replace(",", mark))
    (found,) = book.refuse(PLAIN).problems
    assert found.code == "no-mapped-column"
    assert found.hint == (
        f'the header has the full-width {mark} between its columns: write "," there, '
        "and on every line below"
    )


def test_csv_whose_header_has_one_full_width_comma_is_told_so(book: Book) -> None:
    book.write("a.csv", TEXT.replace("编号,名称,金额", "编号,名称\uff0c金额"))
    hints = [one.hint or "" for one in book.refuse(PLAIN).problems]
    assert len(hints) == 2
    assert all(hint.startswith("the header has the full-width \uff0c") for hint in hints)


def test_csv_header_of_nothing_but_commas_names_no_column(book: Book) -> None:
    book.write("a.csv", ",,\nK1,a,1\n")
    (found,) = book.refuse(PLAIN).problems
    assert found.message.endswith("it names no column at all")
