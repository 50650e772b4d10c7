"""`kam trace`: which rule implements which requirement, and the way back."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.commands.options import language_option, workspace_option
from engine.commands.reading import FORMATS

if TYPE_CHECKING:
    from engine.console.tables import ColumnView
    from engine.errors import Location
    from engine.language.tracing import Element, Link, Trace
    from engine.model import Policy
    from engine.reports.listing import Listing

COLUMNS = (
    "pack", "clause", "text", "state", "kind", "rule", "title_zh", "title_en", "reason", "file",
    "line",
)  # fmt: skip


@click.command()
@click.argument("pack", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="Tables for people, or a row for every link for a program; csv opens in Excel.",
)
@workspace_option
@language_option
def trace(pack: str | None, form: str, workspace: Path, lang: str) -> None:
    """Trace requirements to rules, and back.

    Lists every requirement of a pack's document with what implements it or the reason why
    nothing does, then every rule with the requirements that it comes from. PACK is the
    folder of a policy pack or packaged:NAME; without it, the packs of the workspace.

    The exit code is 1 if a requirement has neither a rule nor a reason.
    """
    from engine.console.problems import show
    from engine.language.checks.upkeep import forgotten_clauses
    from engine.language.tracing import trace as traced

    traces = [traced(policy) for policy in _policies(pack, workspace)]
    if form == "table":
        for one in traces:
            _print(one, lang)
    else:
        from engine.console.formats import write_listing

        write_listing(_listing(COLUMNS, _rows(traces)), form, sys.stdout.buffer)
    if forgotten := [found for one in traces for found in forgotten_clauses(one)]:
        sys.stdout.flush()
        show(forgotten, sys.stderr, language=lang)
        raise click.exceptions.Exit(1)


def _policies(pack: str | None, workspace: Path) -> Sequence[Policy]:
    from engine.language.load import (
        PACKAGED,
        load_pack,
        load_policies,
        load_workspace,
        packaged_place,
    )

    if pack is None:
        return load_policies(load_workspace(workspace))
    if pack.startswith(PACKAGED):
        return (load_pack(*packaged_place(pack)),)
    return (load_pack(pack),)


def _listing(columns: tuple[str, ...], rows: Iterator[dict[str, Any]]) -> Listing:
    from engine.reports.listing import Listing

    return Listing(columns, rows, None)


# --- for programs --------------------------------------------------------------------------


def _rows(traces: Sequence[Trace]) -> Iterator[dict[str, Any]]:
    from engine.language.tracing import links

    for one in traces:
        for link in links(one):
            yield _row(one.policy.id, link)


def _row(pack: str, link: Link) -> dict[str, Any]:
    clause, element, excuse = link.clause, link.element, link.excuse
    title = element.title if element is not None else None
    place = _place(link)
    return {
        "pack": pack,
        "clause": clause and clause.id,
        "text": clause and clause.text,
        "state": link.state,
        "kind": element and element.kind,
        "rule": element and element.id,
        "title_zh": title and title.zh,
        "title_en": title and title.en,
        "reason": excuse and excuse.reason,
        "file": place and place.file,
        "line": place and place.line,
    }


def _place(link: Link) -> Location | None:
    """Of the rule, else of the reason, else of the requirement that has neither."""
    found = link.element or link.excuse or link.clause
    return None if found is None else found.location


# --- for people ----------------------------------------------------------------------------

KINDS_ZH: Mapping[str, str] = {
    "parameter": "参数",
    "measure": "指标",
    "scorecard": "评分卡",
    "criterion": "评分项",
    "tier": "等级",
    "exclusion": "排除条件",
    "entitlement": "权益",
    "milestone": "里程碑",
    "warning": "预警",
    "action": "行动",
}
STATES: Mapping[str, Mapping[str, str]] = {
    "implemented": {"en": "implemented", "zh": "已实现"},
    "engine_feature": {"en": "by the engine", "zh": "引擎自带"},
    "not_implemented": {"en": "not implemented", "zh": "未实现"},
    "forgotten": {"en": "NEITHER", "zh": "无规则亦无说明"},
    "without_source": {"en": "without a requirement", "zh": "无出处"},
}
SUMMARY: Mapping[str, str] = {
    "en": "{pack} {version}: {total} requirements, {implemented} implemented, {engine_feature} by "
    "the engine, {not_implemented} not implemented, {forgotten} with neither rule nor reason; "
    "{elements} rules, {without_source} without a requirement",
    "zh": "{pack} {version}\uff1a{total} 条要求\uff0c已实现 {implemented} 条\uff0c"
    "引擎自带 {engine_feature} 条\uff0c未实现 {not_implemented} 条\uff0c"
    "无规则亦无说明 {forgotten} 条\uff1b规则 {elements} 条\uff0c其中无出处 {without_source} 条",
}


def _print(traced: Trace, language: str) -> None:
    """The summary, the requirements, the rules."""
    from rich.console import Console

    from engine.console.tables import print_table

    click.echo(_summary(traced, language))
    requirements = _listing((), _requirements(traced, language))
    rules = _listing((), _rules(traced, language))
    for listing, columns in ((requirements, _requirement_columns()), (rules, _rule_columns())):
        click.echo()
        print_table(listing, columns, language, Console())


def _summary(traced: Trace, language: str) -> str:
    """What became of each requirement is counted once, by the first of its links."""
    from engine.language.tracing import links

    states = {link.clause.id: link.state for link in reversed([*links(traced)]) if link.clause}
    counts: Counter[str] = Counter(states.values())
    return SUMMARY[language].format(
        pack=traced.policy.id,
        version=traced.policy.version,
        total=len(traced.requirements),
        elements=len(traced.elements),
        without_source=len(traced.without_source),
        **{state: counts[state] for state in STATES if state != "without_source"},
    )


def _requirements(traced: Trace, language: str) -> Iterator[dict[str, Any]]:
    """A row per link; the requirement itself stands on the first of its rows."""
    from engine.language.tracing import links

    last = None
    for link in links(traced):
        clause, excuse = link.clause, link.excuse
        if clause is None:
            continue
        first = clause.id != last
        yield {
            "clause": clause.id if first else "",
            "text": clause.text if first else "",
            "state": link.state,
            "by": excuse.reason if excuse is not None else _named(link.element, language),
            "where": _shown(_place(link)),
        }
        last = clause.id


def _rules(traced: Trace, language: str) -> Iterator[dict[str, Any]]:
    for element in traced.elements:
        clauses = ", ".join(clause.id for clause in traced.clauses_of(element))
        yield {
            "rule": _named(element, language),
            "clauses": clauses or STATES["without_source"][language],
            "where": _shown(element.location),
        }


def _named(element: Element | None, language: str) -> str:
    if element is None:
        return ""
    kind, title = element.kind, element.title
    if language == "zh":
        return f"{KINDS_ZH[kind]} {element.id}" + (f" {title.zh}" if title else "")
    return f"{kind} {element.id}" + (f": {title.en}" if title else "")


def _shown(place: Location | None) -> str:
    return "" if place is None else f"{place.file}:{place.line}"


def _requirement_columns() -> tuple[ColumnView, ...]:
    from rich.text import Text

    from engine.console.tables import ColumnView

    def state(row: Mapping[str, Any], language: str) -> Text:
        bad = row["state"] == "forgotten"
        return Text(STATES[row["state"]][language], style="bold red" if bad else "")

    return (
        ColumnView("requirement", "要求", lambda row, _: row["clause"]),
        ColumnView("in the document", "原文", lambda row, _: row["text"]),
        ColumnView("state", "状态", state),
        ColumnView("by, or why not", "规则或说明", lambda row, _: row["by"]),
        ColumnView("where", "位置", lambda row, _: row["where"]),
    )


def _rule_columns() -> tuple[ColumnView, ...]:
    from engine.console.tables import ColumnView

    return (
        ColumnView("rule", "规则", lambda row, _: row["rule"]),
        ColumnView("requirements", "要求", lambda row, _: row["clauses"]),
        ColumnView("where", "位置", lambda row, _: row["where"]),
    )
