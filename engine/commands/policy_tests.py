"""`kam test`: does a pack decide as the tests beside it expect."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.options import language_option, workspace_option

if TYPE_CHECKING:
    from engine.language.texts import Texts
    from engine.language.workspace import Workspace
    from engine.model import Policy
    from engine.policy_tests.comparing import Difference
    from engine.policy_tests.coverage import Coverage, Seen
    from engine.policy_tests.model import PolicyTest
    from engine.policy_tests.reasons import Reason
    from engine.policy_tests.running import PackResult, Setting

SHOWN = 20
"""So many conditions that no test has seen are printed; JSON has all."""


def _share(context: click.Context, parameter: click.Parameter, value: str | None) -> Decimal | None:
    """A percentage as a share."""
    if value is None:
        return None
    try:
        share = Decimal(value.removesuffix("%")) / 100
    except InvalidOperation:
        share = Decimal(-1)
    if not 0 <= share <= 1:
        message = f"{value!r} is not a percentage from 0% to 100%"
        raise click.BadParameter(message, context, parameter)
    return share


@click.command("test")
@click.argument("pack", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit"]),
    default="text",
    show_default=True,
    help="How results are printed; 'junit' is XML for a build server.",
)
@click.option(
    "--coverage-at-least",
    "least",
    metavar="PERCENT",
    callback=_share,
    help="Exit with 1 if fewer of the rules are tested both ways.",
)
@click.option("-k", "only", metavar="TEXT", default="", help="Only tests with TEXT in their name.")
@workspace_option
@language_option
def test(
    pack: str | None, form: str, least: Decimal | None, only: str, workspace: Path, lang: str
) -> None:
    """Run the tests beside a policy pack.

    Tests stand in files NAME.test.yaml in the folder of the pack. PACK is that folder or
    packaged:NAME; without it, all packs of the workspace are tested.

    The exit code is 1 if a test fails, or if there is none to run.
    """
    from engine.policy_tests.running import run_pack

    if only and least is not None:
        raise click.UsageError("-k leaves tests out, so --coverage-at-least says nothing")
    results = [run_pack(*found, only=only) for found in _packs(pack, workspace)]
    if form == "json":
        _print_json(results, with_coverage=not only)
    elif form == "junit":
        from engine.policy_tests.reporting import as_junit

        click.echo(as_junit(results))
    else:
        for one in results:
            _print(one, lang, with_coverage=not only)
    short = [one for one in results if least is not None and one.coverage.share_of_rules < least]
    for one in short:
        share = _percent(one.coverage.share_of_rules)
        click.echo(_SAID[lang]["short"].format(pack=one.policy.id, share=share), err=True)
    if short or any(one.failed for one in results):
        sys.stdout.flush()
        raise click.exceptions.Exit(1)
    if not any(one.results for one in results):
        sys.stdout.flush()
        raise _nothing_run(results, only)


def _nothing_run(results: Sequence[PackResult], only: str) -> Exception:
    """Nothing was tested, which looks like success to whoever only asks for the exit code."""
    from engine.errors import problem

    packs = ", ".join(one.policy.id for one in results)
    if only:
        hint = "-k looks for a part of a test's name, in the case in which it is written"
        return problem("no-tests", f"no test of {packs} has '{only}' in its name", hint=hint)
    hint = "write tests into a file NAME.test.yaml in the folder of the pack"
    return problem("no-tests", f"there is no test beside {packs}", hint=hint)


def _packs(
    pack: str | None, workspace: Path
) -> Iterator[tuple[Policy, str, Texts, Setting | None]]:
    """Each pack with its folder, and what its workspace says."""
    from engine.language.load import (
        PACK_FILE,
        PACKAGED,
        load_pack,
        load_workspace,
        pack_place,
        packaged_place,
    )
    from engine.language.texts import DiskTexts, absolute

    if pack is None:
        opened = load_workspace(workspace)
        for reference in opened.policies:
            folder, texts = pack_place(opened, reference)
            yield load_pack(folder, texts), folder, texts, _setting(opened)
    elif pack.startswith(PACKAGED):
        folder, texts = packaged_place(pack)
        yield load_pack(folder, texts), folder, texts, None
    else:
        full = absolute(pack)
        full = full.parent if full.name == PACK_FILE else full
        yield load_pack(full), full.name, DiskTexts(full.parent), None


def _setting(workspace: Workspace) -> Setting:
    from engine.plan.steps import Precision
    from engine.policy_tests.running import Setting

    return Setting(
        workspace.currency,
        Precision(workspace.precision.money, workspace.precision.derived),
        workspace.timezone,
        workspace.calendar,
    )


def _print_json(results: Sequence[PackResult], with_coverage: bool) -> None:
    import json

    from engine.policy_tests.reporting import as_values

    values = as_values(results, with_coverage)
    click.echo(json.dumps(values, ensure_ascii=False, indent=2))


_SAID = {
    "en": {
        "failed": "{place}: FAILED: {name}",
        "count": "{pack}: {tests} tests, {failed} failed",
        "count_one": "{pack}: 1 test, {failed} failed",
        "short": "{pack}: {share} of the rules are tested both ways",
        "rules": "  rules tested both ways: {seen} of {total} ({share})",
        "conditions": "  conditions tested both ways: {seen} of {total} ({share})",
        "lacks": "    {lacks}: {what} ({place})",
        "more": "    and {count} more (--format json lists all)",
        "night": "    {night}: {text}",
    },
    "zh": {
        "failed": "{place}：未通过：{name}",
        "count": "{pack}：{tests} 项测试，{failed} 项未通过",
        "count_one": "{pack}：1 项测试，{failed} 项未通过",
        "short": "{pack}：{share} 的规则真假两面均已测试",
        "rules": "  真假两面均已测试的规则：{seen}/{total}（{share}）",
        "conditions": "  真假两面均已测试的条件：{seen}/{total}（{share}）",
        "lacks": "    {lacks}：{what}（{place}）",
        "more": "    另有 {count} 项（--format json 列出全部）",
        "night": "    {night}：{text}",
    },
}


def _print(result: PackResult, lang: str, with_coverage: bool) -> None:
    """Every failed test, the numbers, and what no test has seen."""
    said = _SAID[lang]
    for failed in result.failed:
        click.echo(said["failed"].format(place=_place(failed.test), name=failed.test.name))
        for difference in failed.differences:
            for line in _difference_lines(difference, lang):
                click.echo(line)
    tests = len(result.results)
    form = said["count_one" if tests == 1 else "count"]
    click.echo(form.format(pack=result.policy.id, tests=tests, failed=len(result.failed)))
    if with_coverage:
        _print_coverage(result.coverage, lang)


def _difference_lines(difference: Difference, lang: str) -> Iterator[str]:
    """What is not as expected, then each reason on a line of its own."""
    from engine.console.sentences import sentence

    text = sentence(difference.text, lang)
    night = _SAID[lang]["night"]
    yield f"    {text}" if difference.on is None else night.format(night=difference.on, text=text)
    for reason in difference.reasons:
        yield f"      {sentence(reason.text, lang)} ({_place(reason)})"


def _place(found: PolicyTest | Reason | Seen) -> str:
    return f"{found.location.file}:{found.location.line}"


def _print_coverage(coverage: Coverage, lang: str) -> None:
    for what, share, missing, total, most in (
        ("rules", coverage.share_of_rules, coverage.missing_rules, len(coverage.rules), None),
        (
            "conditions",
            coverage.share_of_conditions,
            coverage.missing_conditions,
            len(coverage.conditions),
            SHOWN,
        ),
    ):
        seen = total - len(missing)
        click.echo(_SAID[lang][what].format(seen=seen, total=total, share=_percent(share)))
        for line in _missing(missing, most, lang):
            click.echo(line)


def _missing(missing: Sequence[Seen], most: int | None, lang: str) -> Iterator[str]:
    from engine.console.sentences import sentence

    said = _SAID[lang]
    for one in missing[:most]:
        lacks = sentence(one.lacks, lang)
        yield said["lacks"].format(lacks=lacks, what=one.label, place=_place(one))
    if most is not None and len(missing) > most:
        yield said["more"].format(count=len(missing) - most)


def _percent(share: float) -> str:
    """Rounded down, so that only all is 100%.

    >>> _percent(0.9999), _percent(1.0)
    ('99.9%', '100%')
    """
    thousandths = int(share * 1000)
    return f"{thousandths / 10:g}%"
