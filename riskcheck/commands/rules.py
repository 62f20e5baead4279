"""`riskcheck rules …` and `riskcheck explain`: list, show, test, scaffold, document and explain rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from riskcheck.commands.options import complete_rules
from riskcheck.commands.parameters import option

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riskcheck.models import Rule
    from riskcheck.rules.describing import Description
    from riskcheck.rules.testing import FileOutcome, Suite

_PLACES = click.Path(exists=True, path_type=Path)
_OWN = option(
    "--rules",
    "own",
    multiple=True,
    metavar="DIR",
    type=_PLACES,
    help="Rules of your own, beside the built-in ones.",
)
_PACKS = option("--pack", "packs", multiple=True, metavar="NAME", help="An installed rule pack.")


@click.group(short_help="List, show, test and scaffold rules.")
def rules() -> None:
    """The rules: what is built in, and what you bring."""


@rules.command("list", short_help="All rules, by pack.")
@_OWN
@_PACKS
@option("--format", "format_", type=click.Choice(("text", "json")), default="text", help="How to write it.")
def list_(own: tuple[Path, ...], packs: tuple[str, ...], format_: str) -> None:
    """Lists all rules by pack: code, severity, id, title."""
    known = _readable(own, packs).everything
    if format_ == "json":
        import json

        click.echo(json.dumps([_fields(rule) for rule in known], indent=2, ensure_ascii=False))
        return
    from itertools import groupby

    code, name = (
        max((len(text) for text in texts), default=0)
        for texts in zip(*((r.code, r.id) for r in known), strict=True)
    )
    for pack, group in groupby(
        sorted(known, key=lambda rule: (rule.pack, rule.code)), lambda rule: rule.pack
    ):
        click.echo(pack)
        for rule in group:
            click.echo(f"  {rule.code:{code}}  {rule.severity}  {rule.id:{name}}  {rule.title}")


@rules.command(short_help="The file of one rule.")
@click.argument("rule", shell_complete=complete_rules)
@_OWN
@_PACKS
def show(rule: str, own: tuple[Path, ...], packs: tuple[str, ...]) -> None:
    """Prints the file of RULE (id or code)."""
    click.echo(Path(_named(rule, _readable(own, packs)).source).read_text("utf-8"), nl=False)


@rules.command(short_help="Test rule files with their cases.")
@click.argument("places", nargs=-1, metavar="DIR...", type=_PLACES)
@_PACKS
@option("--quiet", "-q", is_flag=True, help="Print failures only.")
def test(places: tuple[Path, ...], packs: tuple[str, ...], quiet: bool) -> int:
    """Tests the rule files in DIR (a pack, a folder of packs, or single files).

    Every case that fires must do so at exactly the places it names; every other case must be silent; no rule
    may say anything where nothing changed. Exits 1 when anything fails.
    """
    from riskcheck.in_memory import NOW, analyze_trees
    from riskcheck.rules.testing import run_suite, suite_of

    if not places and not packs:
        raise click.UsageError("which rules? name a folder of rule files, or --pack NAME")
    suite = suite_of(places, packs)
    if not suite.files:
        raise click.UsageError(f"no rule files (*.yaml) below {', '.join(map(str, places))}")
    failed = cases = 0
    for tested in run_suite(suite, analyze_trees, NOW):
        cases += len(tested.cases.cases)
        failed += not tested.passed
        if not tested.passed:
            _echo(_failure(tested))
    if failed or not quiet:
        outcome = f"{failed} of them failed" if failed else "all as stated"
        click.echo(f"{_count(len(suite.files), 'rule')}, {_count(cases, 'case')}: {outcome}")
    return 1 if failed else 0


@rules.command(short_help="Scaffold a rule and its cases.")
@click.argument("name", metavar="PACK/ID")
@option(
    "--into", default="rules", show_default=True, type=click.Path(path_type=Path), help="Folder of packs."
)
@option("--code", help="Code of the rule; the next free one of the pack unless given.")
def new(name: str, into: Path, code: str | None) -> None:
    """Writes INTO/PACK/ID.yaml and its cases: a rule that works, to be changed into yours."""
    from riskcheck.rules.scaffold import scaffold

    written = scaffold(name, into, code)
    for path in written:
        click.echo(f"wrote {path}")
    click.echo(f"next: edit both, then run\n  riskcheck rules test {written[0]}")


@rules.command(short_help="Write the documentation pages of rules.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@option(
    "--rules",
    "own",
    multiple=True,
    metavar="DIR",
    type=_PLACES,
    help="Document these instead of the built-in ones.",
)
@option("--check", is_flag=True, help="Write nothing; exit 1 where a page is stale.")
def docs(folder: Path, own: tuple[Path, ...], check: bool) -> int:
    """Writes one page for each rule, and an index, into FOLDER."""
    from riskcheck.rules.docs import MADE, pages
    from riskcheck.rules.load import builtin_folder

    suite = _readable(own or (builtin_folder(),))
    wanted = pages(list(_described(suite, suite.rules.values())))
    found = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.md"))}
    foreign = [name for name in wanted if name in found and MADE not in found[name]]
    if foreign:
        raise click.UsageError(f"{folder / foreign[0]} was not made by this command; choose another folder")
    made = {name for name, text in found.items() if MADE in text}
    stale = sorted(name for name in made | wanted.keys() if found.get(name) != wanted.get(name))
    if check:
        for name in stale:
            click.echo(f"{folder / name} is stale; run riskcheck rules docs {folder}")
        return 1 if stale else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in wanted:
            (folder / name).write_text(wanted[name], "utf-8")
        else:
            (folder / name).unlink()
    click.echo(f"{_count(len(wanted), 'page')}, {len(stale)} changed")
    return 0


@click.command(short_help="Explain one rule, with an example.")
@click.argument("rule", shell_complete=complete_rules)
@_OWN
@_PACKS
def explain(rule: str, own: tuple[Path, ...], packs: tuple[str, ...]) -> None:
    """Explains RULE (id or code): why it matters, when it fires and when not, and what would make it safe."""
    suite = _readable(own, packs)
    for description in _described(suite, [_named(rule, suite)]):
        _echo(_explanation(description))


def _echo(lines: Iterable[str]) -> None:
    """Prints lines that may quote what a repository holds."""
    from riskcheck.report.safe import plain

    click.echo("\n".join(map(plain, lines)))


def _readable(own: Sequence[Path], packs: Sequence[str] = ()) -> Suite:
    """The rules at `own` and of `packs`, beside the built-in ones. Raises `RuleError` for what cannot be read."""
    from riskcheck.rules.problems import RuleError
    from riskcheck.rules.testing import suite_of

    suite = suite_of(own, packs)
    if suite.problems:
        raise RuleError(problem for problems in suite.problems.values() for problem in problems)
    return suite


def _named(name: str, suite: Suite) -> Rule:
    """The rule called `name`. Raises `UnknownRuleError`, which names the nearest ones."""
    from riskcheck.rules.choose import choose

    return choose(suite.everything, [name], [])[0]


def _described(suite: Suite, chosen: Iterable[Rule]) -> Iterator[Description]:
    from riskcheck.in_memory import NOW, analyze_trees
    from riskcheck.rules.cases import CaseRunner
    from riskcheck.rules.describing import describe
    from riskcheck.rules.load import RuleFile
    from riskcheck.rules.testing import cases_of

    runner = CaseRunner(analyze_trees, suite.everything, NOW)
    for rule in chosen:
        data = Path(rule.source).read_bytes()
        yield describe(rule, data, cases_of(RuleFile(rule.source, rule.pack, data)), runner)


def _fields(rule: Rule) -> dict[str, str | list[str]]:
    return {
        "code": rule.code,
        "id": rule.id,
        "pack": rule.pack,
        "title": rule.title,
        "severity": rule.severity,
        "escalates_to": sorted({one.to for one in rule.escalate}),
        "confidence": rule.confidence,
        "reversibility": rule.reversibility,
        "category": rule.category,
        "canary": sorted(rule.canary),
        "rollback": sorted(rule.rollback),
        "references": list(rule.references),
    }


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _failure(tested: FileOutcome) -> Iterator[str]:
    yield tested.path
    for fault in tested.faults:
        yield f"  {fault.removeprefix(f'{tested.path}: ')}"
    for case, faults in tested.case_faults:
        yield f"  case {case.name!r} ({tested.cases.path}:{case.line})"
        yield from (f"    {fault}" for fault in faults)


def _explanation(description: Description) -> Iterator[str]:
    from riskcheck.rules.describing import CANARY, REVERSIBILITY, ROLLBACK

    rule = description.rule
    yield f"{rule.code}  {rule.id}  ({rule.pack})"
    yield from _wrapped("", rule.title)
    yield ""
    yield from _wrapped("severity       ", "; ".join(description.severities()))
    yield from _wrapped("confidence     ", rule.confidence)
    yield from _wrapped("reversibility  ", f"{rule.reversibility}: {REVERSIBILITY[rule.reversibility]}")
    yield from ("", "Why")
    yield from _wrapped("  ", rule.why)
    yield from ("", "When it fires")
    for fact in description.fires():
        yield from _wrapped("  - ", f"{fact.words} {', '.join(fact.code)}")
    if description.example is not None:
        yield from ("", f"Example: {description.example.name}")
        yield from (f"  {line}" for line in description.example.diff)
        for said in description.example.said:
            yield from _wrapped("  => ", f"{said.place}  {said.severity}  {said.message}")
    yield from ("", "What to do")
    yield from _wrapped("  ", rule.fix)
    if rule.false_positives:
        yield from ("", "False positives")
        for text in rule.false_positives:
            yield from _wrapped("  - ", text)
    if rule.canary or rule.rollback:
        yield from ("", "What mitigates it")
        for name, kinds, meanings in (("canary", rule.canary, CANARY), ("rollback", rule.rollback, ROLLBACK)):
            for kind in meanings:
                if kind in kinds:
                    yield from _wrapped("  - ", f"{name} {kind}: {meanings[kind]}")
    if rule.references:
        yield from ("", "References")
        yield from (f"  {url}" for url in rule.references)


def _wrapped(prefix: str, text: str) -> Iterator[str]:
    from riskcheck.report.wrap import hanging

    yield from hanging(prefix, " ".join(text.split()), 80, len(prefix))
