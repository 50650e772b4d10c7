"""`kam report`: one page that needs nothing beside itself, the same for the same run."""

from __future__ import annotations

import os
import re
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from engine import __version__
from engine.reports.html.page import MARK
from engine.reports.html.words import WORDS
from tests.night.book import NIGHT, Book
from tests.reports.books import BEFORE, HOSTILE, call, kam_report, overview_of, told_book

GOLDEN = Path(__file__).parent / "golden"
UPDATE = "UPDATE_GOLDEN"
"""Set to 1, the tests write the golden files instead of comparing with them."""

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """Checks that tags are closed in order; collects texts and where attributes point."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.targets: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.targets += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_asks_nothing_of_the_network(told: Book, tmp_path: Path, lang: str) -> None:
    text = kam_report(told, tmp_path / "r.html", lang=lang)
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert all(target.startswith("#") for target in page.targets)
    assert not re.search(r"https?:|//[a-z]|url\(|@import|\bfetch\b", text)
    assert '<meta name="viewport"' in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_is_as_it_was(told: Book, tmp_path: Path, lang: str) -> None:
    """Hashes aside, which change with every word of a pack, and the sheet of styles."""
    text = kam_report(told, tmp_path / "r.html", lang=lang)
    text = re.sub(r"<code>[0-9a-f]{12}</code>", "<code>hash</code>", text)
    text = re.sub(r"<style>.*</style>", "<style></style>", text, flags=re.DOTALL)
    text = text.replace(__version__, "VERSION")
    golden = GOLDEN / f"report.{lang}.html"
    if os.environ.get(UPDATE) == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), f"{UPDATE}=1 writes it anew"


@pytest.mark.slow
def test_same_run_gives_the_same_bytes_whatever_came_later(told: Book, tmp_path: Path) -> None:
    run = f"{NIGHT}.1"
    first = kam_report(told, tmp_path / "1.html")
    told.replace("data/accounts.csv", "a1,长江重工,active,A", "a1,长江重工,active,C")
    told.run(NIGHT + timedelta(days=60))
    assert kam_report(told, tmp_path / "2.html", "--run", run) == first
    assert kam_report(told, tmp_path / "3.html") != first


def test_accounts_that_left_keep_the_name_that_the_night_before_knew(told: Book) -> None:
    for file in (told.root / "data").glob("*.csv"):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = "".join(line for line in lines if "a1" not in line.split(","))
        file.write_text(kept, encoding="utf-8")
    told.run(NIGHT + timedelta(days=1))
    moves = overview_of(told).packs[0].moves.rows
    (left,) = [one for one in moves if one.account.id == "a1" and one.after is None]
    assert left.account.name == "长江重工"


def test_names_are_text_and_never_markup(told: Book, tmp_path: Path) -> None:
    name = HOSTILE.replace('"', '""')
    told.write(
        "data/accounts.csv",
        f'account_id,name,status,rating\na1,"{name}",active,A\na2,"{name}",active,C\n'
        f'a3,"{name}",active,B\n',
    )
    told.write("overrides.yaml", "overrides:\n  - {account: a3, tier: gold, reason: '<b>x</b>', "
               "approver: 王建国, until: 2026-12-31}\n")  # fmt: skip
    told.append("data/complaints.csv", "a1,2026-06-03\na1,2026-06-04\na1,2026-06-05\n")
    told.run(NIGHT + timedelta(days=1))
    text = kam_report(told, tmp_path / "r.html")
    page = Page(text)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "\u202e" not in text
    assert "<script>alert('x')</script>\"&\\u202eevil" in page.text
    assert "<b>x</b>" in page.text


def test_matrix_counts_every_account_once(told: Book) -> None:
    told.replace("data/accounts.csv", "a1,长江重工,active,A", "a1,长江重工,active,C")
    told.replace("data/accounts.csv", "a2,黄河电气,active,C", "a2,黄河电气,closed,C")
    told.append("data/accounts.csv", "a5,新来者,active,C\n")
    told.run(NIGHT + timedelta(days=1))
    (pack,) = overview_of(told).packs
    assert pack.night is not None
    assert pack.night.since == NIGHT
    assert dict(pack.night.cells) == {
        ("gold", "silver"): 1,
        ("gold", "gold"): 1,
        ("silver", None): 1,
        (None, "plain"): 1,
    }
    assert pack.night.moved == 3
    assert pack.quarter is not None
    assert pack.quarter.since == BEFORE
    assert [(move.account.id, move.went_up) for move in pack.moves.rows] == [
        ("a2", None),
        ("a1", False),
        ("a3", True),
        ("a1", True),
    ]


def test_first_night_has_nothing_to_compare_with(begun: Book, tmp_path: Path) -> None:
    overview = overview_of(begun)
    (pack,) = overview.packs
    assert (overview.previous, overview.quarter, pack.night, pack.quarter) == (None,) * 4
    assert pack.scatter is None
    assert overview.managers == ()
    assert overview.portfolio == ()
    assert WORDS["no_history"][1] in Page(kam_report(begun, tmp_path / "r.html")).text


@pytest.mark.slow
def test_book_of_one_account_can_be_reported(book: Book, tmp_path: Path) -> None:
    told_book(book.root)
    book.write("data/accounts.csv", "account_id,name,status,rating\na1,独家,active,A\n")
    book.write("data/orders.csv", "account_id,ordered_on,amount\na1,2026-05-01,900000.00\n")
    book.write("data/assignments.csv", "account_id,assigned_on,ended_on,role,person\n")
    book.write("overrides.yaml", "overrides: []\n")
    book.run()
    found = overview_of(book).concentration
    assert found is not None
    assert (found.largest, found.top_five, found.top_fifth, found.index) == (1.0, 1.0, 1.0, 1.0)
    assert found.for_four_fifths == 1
    Page(kam_report(book, tmp_path / "r.html"))


def test_concentration_adds_up(told: Book) -> None:
    found = overview_of(told).concentration
    assert found is not None
    total = 900_000 + 200_000 + 850_000 + 10.5
    assert found.largest == pytest.approx(1_100_000 / total, abs=1e-6)
    assert found.largest_account.id == "a1"
    assert found.curve[0] == (0.0, 0.0)
    assert found.curve[-1] == (1.0, 1.0)
    assert found.index == pytest.approx((1_100_000**2 + 850_000**2 + 10.5**2) / total**2, abs=1e-6)
    ((title, share, accounts),) = found.key_shares
    assert (title.en, accounts) == ("Small policy", 3)
    assert share == pytest.approx(1.0)


def test_what_the_run_measured_beyond_accounts_is_reported(told: Book) -> None:
    overview = overview_of(told)
    (top,) = overview.portfolio
    assert (top.title.en, top.type) == ("Top share", "ratio")
    assert top.before is not None
    (managers,) = overview.managers
    assert [one.title.en for one in managers.measures] == [
        "Accounts of the manager",
        "Bought by their accounts",
    ]
    assert [person for person, _ in managers.rows.rows] == ["李四", "张三"]
    assert managers.rows.rows[0][1] == (2.0, 850_010.5)


def test_overdue_obligations_lie_with_their_owners(told: Book) -> None:
    told.run(date(2026, 8, 31))
    owed = overview_of(told).obligations
    assert (
        owed.states["overdue"] == owed.oldest.total == sum(one.count for one in owed.by_rule.rows)
    )
    assert {one.owner for one in owed.by_owner.rows} == {"王建国"}
    assert sum(one.count for one in owed.by_owner.rows) == owed.oldest.total


@pytest.mark.slow
def test_due_within_a_fortnight_counts_its_last_day(told: Book) -> None:
    told.run(date(2026, 7, 16))
    assert overview_of(told).obligations.fortnight.total == 0  # the month ends in 15 days
    told.run(date(2026, 7, 17))
    owed = overview_of(told).obligations
    open_tonight = sum(owed.states.get(state, 0) for state in ("open", "due"))
    assert owed.fortnight.total == open_tonight
    assert all(one.due_on == date(2026, 7, 31) for one in owed.fortnight.rows)


def test_proposals_and_overrides_stand_until_they_are_decided(told: Book) -> None:
    overview = overview_of(told)
    (proposal,) = overview.proposals.rows
    assert (proposal.account.id, proposal.title.en) == ("a2", "Nearly gold")
    assert proposal.to is not None
    assert proposal.to.en == "Gold"
    (override,) = overview.overrides.rows
    assert (override.account.id, override.until) == ("a3", date(2026, 12, 31))
    assert override.computed is not None
    assert override.computed.en == "Plain"


@pytest.mark.slow
def test_quality_counts_what_was_read_and_what_was_not_decided(told: Book) -> None:
    told.append("data/orders.csv", "a1,never,1.00\n")
    told.replace("data/accounts.csv", "a3,泰山水泥,active,B", "a3,泰山水泥,unheard of,B")
    told.run(NIGHT + timedelta(days=1))
    quality = overview_of(told).quality
    sources = {one.name: one for one in quality.sources}
    # The order that cannot be read, and that of the account that cannot.
    assert (sources["orders"].read, sources["orders"].quarantined) == (5, 2)
    assert [one.id for one in quality.set_aside.rows] == ["a3"]


def test_report_is_not_written_over_a_file_of_somebody_else(told: Book, tmp_path: Path) -> None:
    target = tmp_path / "mine.html"
    target.write_text("my own page", encoding="utf-8")
    done = call("report", "-w", str(told.root), "--out", str(target))
    assert done.exit_code == 1
    assert "file-exists" in done.stderr
    assert target.read_text(encoding="utf-8") == "my own page"
    assert MARK in kam_report(told, target, "--force")
    kam_report(told, target)  # its own earlier page is replaced without asking
    assert list(tmp_path.glob(".*")) == []


def test_report_into_a_folder_that_is_not_there_says_so(told: Book, tmp_path: Path) -> None:
    target = tmp_path / "no such" / "night.html"
    done = call("report", "-w", str(told.root), "--out", str(target))
    said = " ".join(done.stderr.split())
    assert (done.exit_code, "cannot-write" in said) == (1, True)
    assert f"the folder {target.parent} does not exist" in said
    assert "make the folder first, or name another file" in said
    assert ".part" not in said


def test_report_is_named_after_its_run(
    told: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("report", "-w", str(told.root)).exit_code == 0
    assert (tmp_path / f"report-{NIGHT}.1.html").is_file()


def test_report_without_a_run_is_refused(book: Book, tmp_path: Path) -> None:
    done = call("report", "-w", str(book.root), "--out", str(tmp_path / "r.html"))
    assert done.exit_code == 1
    assert "no-store" in done.stderr
    assert not (tmp_path / "r.html").exists()


@pytest.mark.slow
def test_size_does_not_grow_with_the_book(book: Book, tmp_path: Path) -> None:
    """Ten thousand accounts, all of them key accounts, overdue and warned about."""
    told_book(book.root)
    book.write("overrides.yaml", "overrides: []\n")
    count = 10_000
    accounts = "".join(f"a{n},客户{n},active,A\n" for n in range(count))
    orders = "".join(f"a{n},2026-05-01,{1_000_000 + n}.00\n" for n in range(count))
    complaints = "".join(f"a{n},2026-06-0{day}\n" for n in range(count) for day in range(1, 5))
    book.write("data/accounts.csv", "account_id,name,status,rating\n" + accounts)
    book.write("data/orders.csv", "account_id,ordered_on,amount\n" + orders)
    book.write("data/complaints.csv", "account_id,opened_on\n" + complaints)
    book.run()
    overview = overview_of(book)
    (pack,) = overview.packs
    assert pack.scatter is not None
    assert (pack.scatter.kept, pack.scatter.accounts) == ("cells", count)
    assert sum(spot.accounts for spot in pack.scatter.spots) == count
    assert overview.warnings.total == count
    assert overview.concentration is not None
    assert len(overview.concentration.curve) < 300
    assert len(kam_report(book, tmp_path / "r.html").encode()) < 300_000


def test_every_word_is_there_in_both_languages() -> None:
    for zh, en in WORDS.values():
        assert zh
        assert en
        assert set(re.findall(r"{\w+}", zh)) == set(re.findall(r"{\w+}", en))
