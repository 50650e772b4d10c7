"""`kam test`: does a pack decide as the tests beside it expect."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.commands.options import workspace_option

if TYPE_CHECKING:
    from engine.language.texts import Texts
    from engine.language.workspace import Workspace
    from engine.model import Policy
    from engine.policy_tests.coverage import Coverage, Seen
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
def test(pack: str | None, form: str, least: Decimal | None, only: str, workspace: Path) -> None:
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
            _print(one, with_coverage=not only)
    short = [one for one in results if least is not None and one.coverage.share_of_rules < least]
    for one in short:
        share = _percent(one.coverage.share_of_rules)
        click.echo(f"{one.policy.id}: {share} of the rules are tested both ways", err=True)
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


def _print(result: PackResult, with_coverage: bool) -> None:
    """Every failed test, the numbers, and what no test has seen."""
    from engine.policy_tests.reporting import lines

    for failed in result.failed:
        place = failed.test.location
        click.echo(f"{place.file}:{place.line}: FAILED: {failed.test.name}")
        for difference in failed.differences:
            for line in lines(difference):
                click.echo(f"    {line}")
    tests = len(result.results)
    counted = f"{tests} test{'' if tests == 1 else 's'}, {len(result.failed)} failed"
    click.echo(f"{result.policy.id}: {counted}")
    if with_coverage:
        _print_coverage(result.coverage)


def _print_coverage(coverage: Coverage) -> None:
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
        click.echo(f"  {what} tested both ways: {seen} of {total} ({_percent(share)})")
        for line in _missing(missing, most):
            click.echo(f"    {line}")


def _missing(missing: Sequence[Seen], most: int | None) -> Iterator[str]:
    for one in missing[:most]:
        yield f"{one.lacks}: {one.label} ({one.location.file}:{one.location.line})"
    if most is not None and len(missing) > most:
        yield f"and {len(missing) - most} more (--format json lists all)"


def _percent(share: float) -> str:
    """Rounded down, so that only all is 100%.

    >>> _percent(0.9999), _percent(1.0)
    ('99.9%', '100%')
    """
    thousandths = int(share * 1000)
    return f"{thousandths / 10:g}%"
