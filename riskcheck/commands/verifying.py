"""One verification, line by line: what was checked, what does not hold, what could not be checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import click

from riskcheck.errors import RunError

if TYPE_CHECKING:
    from riskcheck.commands.recorded import Material
    from riskcheck.commands.running import RunRequest
    from riskcheck.evidence.reading import Held
    from riskcheck.opening import Opened
    from riskcheck.report.json import Json

MOST_DIFFERENCES: Final = 20
_MARKS: Final = {"holds": "ok", "fails": "FAIL", "unknown": "?"}


class _Protocol:
    """The lines, printed as they come, and what they come to."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def say(self, state: Literal["holds", "fails", "unknown", "note"], text: str) -> None:
        from riskcheck.report.safe import plain

        self._seen.add(state)
        click.echo(f"{_MARKS.get(state, '-'):<5} {plain(text)}")

    def conclusion(self) -> int:
        if "fails" in self._seen:
            click.echo("\nDOES NOT VERIFY")
            return 1
        if "unknown" in self._seen:
            click.echo("\nCOULD NOT BE VERIFIED: what is marked ? was not checked")
            return 2
        click.echo("\nVERIFIED")
        return 0


def verified(file: str, material: Material) -> int:
    """Verifies the evidence in `file`. Returns the exit code: 0 verified, 1 does not verify, 2 could not."""
    from riskcheck.evidence.reading import MOST_BYTES, NoEvidenceError, contradictions, held, schema_problems

    protocol = _Protocol()
    try:
        with open(file, "rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise RunError(f"{file}: cannot be read ({error.strerror})") from None
    try:
        found = held(data)
    except NoEvidenceError as error:
        protocol.say("fails", f"form: {error}")
        return protocol.conclusion()
    _say_form(found, protocol)
    problems = schema_problems(found.statement)
    for problem in problems[:MOST_DIFFERENCES]:
        protocol.say("fails", f"schema: {problem}")
    if problems:
        return protocol.conclusion()
    protocol.say("holds", "schema: all fields are as schemas/evidence.schema.json asks")
    broken = list(contradictions(found.statement))
    for one in broken:
        protocol.say("fails", f"consistency: {one}")
    if not broken:
        protocol.say("holds", "consistency: its digests, subject and exit code follow from what it says")
    _say_result(found.statement, protocol)
    if not broken:
        _try_sources(found.statement, material, protocol)
    return protocol.conclusion()


def _try_sources(statement: dict[str, Json], material: Material, protocol: _Protocol) -> None:
    from riskcheck.trees import UnreadableError

    try:
        _against_sources(statement, material, protocol)
    except (RunError, UnreadableError) as error:
        for line in str(error).splitlines():
            protocol.say("unknown", f"sources: {line}")
    except OSError as error:
        protocol.say("unknown", f"sources: {error.filename or material.repo}: {error.strerror}")


def _say_form(found: Held, protocol: _Protocol) -> None:
    if found.wrapping == "none":
        protocol.say(
            "holds", "form: a bare in-toto statement; who made it is told by a signature beside it, if any"
        )
        return
    name = "a Sigstore bundle" if found.wrapping == "sigstore" else "a DSSE envelope"
    carried = f"{found.signatures} signature{'' if found.signatures == 1 else 's'}"
    protocol.say("holds", f"form: an in-toto statement in {name}")
    protocol.say(
        "note", f"signature: {carried}, not checked here; check with the tool that signed (docs/evidence.md)"
    )


def _say_result(statement: dict[str, Json], protocol: _Protocol) -> None:
    from riskcheck.evidence.reading import at

    predicate = at(statement, "predicate")
    result, run, tool = at(predicate, "result"), at(predicate, "run"), at(predicate, "tool")
    findings = at(predicate, "findings")["count"]
    words = f"riskcheck {tool['version']} at {run['as_of']}: {result['verdict']}, "
    words += f"level {result['level'] or 'none'}, score {result['score']}, "
    words += f"{findings} findings, exit code {run['exit_code']}"
    if run["exit_zero"]:
        words += " (--exit-zero: it would not have stopped anything)"
    protocol.say("note", f"it says: {words}")


def _against_sources(statement: dict[str, Json], material: Material, protocol: _Protocol) -> None:
    """Raises `RunError` where the sources cannot be had."""
    from riskcheck.commands.recorded import request_of
    from riskcheck.commands.running import open_run
    from riskcheck.evidence.reading import at

    predicate = at(statement, "predicate")
    request = request_of(predicate, material)
    opened = open_run(request)
    if opened is None:
        protocol.say("unknown", "sources: there is nothing to compare")
        return
    if not _same_trees(predicate, request, opened, protocol):
        return
    _policy_and_rules(predicate, request, opened, protocol)
    if not _same_program(predicate, opened, protocol) or not _inputs_given(predicate, request, protocol):
        return
    if not material.rejudge:
        protocol.say(
            "note", "judgement: not made again, as asked; what was found is as the file says, not as checked"
        )
        return
    _rejudge(statement, request, opened, protocol)


def _same_trees(predicate: dict[str, Json], request: RunRequest, opened: Opened, protocol: _Protocol) -> bool:
    from riskcheck.evidence.reading import at
    from riskcheck.sources.identity import identities_of

    found = identities_of(opened.comparison, request.spec.paths)
    recorded = at(predicate, "range")
    same = True
    for name, identity in (("base", found.base), ("head", found.head), ("deciding", found.deciding)):
        side = at(recorded, name)
        digests = at(side, "digest")
        here = (identity.kind, identity.commit, identity.tree)
        label = f"{side['kind']} {digests.get('gitCommit', '')}".rstrip()
        if (side["kind"], digests.get("gitCommit"), digests["gitTree"]) == here:
            protocol.say("holds", f"{name}: {label} with tree {identity.tree}")
            continue
        same = False
        passing = side["kind"] in ("index", "worktree") or request.spec.staged or identity.kind == "worktree"
        if passing and name == "head":
            said = f"the {identity.kind} has tree {identity.tree} now, not the one that was judged"
        elif passing:
            said = "HEAD is another commit now: check out the one that was judged"
        else:
            known = f"{identity.kind} {identity.commit or ''}".rstrip()
            said = f"here it is {known} with tree {identity.tree}"
        recorded_as = f"{label} with tree {digests['gitTree']} is recorded"
        protocol.say("unknown" if passing else "fails", f"{name}: {recorded_as}; {said}")
    return same


def _policy_and_rules(
    predicate: dict[str, Json], request: RunRequest, opened: Opened, protocol: _Protocol
) -> None:
    from riskcheck.commands.evidencing import facts_of
    from riskcheck.evidence.facts import baseline_document, policy_document

    facts = facts_of(request, opened)
    here, recorded = policy_document(facts), predicate["policy"]
    if here != recorded:
        protocol.say("fails", "policy: the one that decides is not the one that is recorded")
    elif isinstance(recorded, dict):
        protocol.say("holds", f"policy: {recorded['path']} has the digests that are recorded")
    else:
        protocol.say("holds", "policy: there is none; the defaults hold")
    known, kept = baseline_document(facts), predicate["baseline"]
    if known != kept:
        protocol.say("fails", "baseline: the one that decides is not the one that is recorded")
    elif isinstance(kept, dict):
        protocol.say("holds", f"baseline: {kept['path']} has the digests that are recorded")


def _same_program(predicate: dict[str, Json], opened: Opened, protocol: _Protocol) -> bool:
    from riskcheck import __version__
    from riskcheck.evidence.reading import at

    version, rules = at(predicate, "tool")["version"], at(predicate, "rules")["digest"]
    if (version, rules) == (__version__, opened.loaded.digest):
        protocol.say("holds", f"rules: riskcheck {version} with the same rules")
        return True
    protocol.say(
        "unknown",
        f"rules: judged by riskcheck {version} with rules {rules}; this is {__version__} with "
        f"{opened.loaded.digest}: install riskcheck {version}, with the same packs, to judge it again",
    )
    return False


def _inputs_given(predicate: dict[str, Json], request: RunRequest, protocol: _Protocol) -> bool:
    from riskcheck.commands.evidencing import inputs_of

    recorded = predicate["inputs"]
    assert isinstance(recorded, list)
    here: list[Json] = [
        {"kind": one.kind, "name": one.name, "digest": one.digest} for one in inputs_of(request)
    ]
    missing = [one for one in recorded if one not in here]
    extra = [one for one in here if one not in recorded]
    for one in missing:
        assert isinstance(one, dict)
        protocol.say(
            "unknown", f"input: the {one['kind']} with {one['digest']} was not given: --{one['kind']} FILE"
        )
    for one in extra:
        assert isinstance(one, dict)
        protocol.say("fails", f"input: the {one['kind']} with {one['digest']} is not what the run was given")
    if recorded and not missing and not extra:
        protocol.say("holds", "input: the files that the run was given")
    return not missing and not extra


def _rejudge(statement: dict[str, Json], request: RunRequest, opened: Opened, protocol: _Protocol) -> None:
    from riskcheck.commands.evidencing import statement_of
    from riskcheck.commands.running import judge_opened
    from riskcheck.evidence.reading import at, differences

    anew = statement_of(request, opened, judge_opened(request, opened))
    found = list(differences(dict(statement), dict(anew)))
    if not found:
        protocol.say(
            "holds", "judgement: made again at the recorded moment, it comes to the same in every field"
        )
        return
    excuse = _excuse(at(at(statement, "predicate"), "range"), at(at(anew, "predicate"), "range"), opened)
    for one in found[:MOST_DIFFERENCES]:
        protocol.say("unknown" if excuse else "fails", f"judgement: {one}")
    if len(found) > MOST_DIFFERENCES:
        protocol.say("note", f"judgement: {len(found) - MOST_DIFFERENCES} more differences")
    if excuse:
        protocol.say("note", f"judgement: {excuse}")


def _excuse(recorded: dict[str, Json], here: dict[str, Json], opened: Opened) -> str | None:
    """Why a judgement may come out differently though nobody touched the statement."""
    if recorded["history"] != here["history"]:
        was, now = recorded["history"], here["history"]
        return f"the history was {was} then and is {now} here, and evidence of soak needs it"
    if opened.policy.promotion == "branch":
        return "the policy promotes by branch, and other branches may have moved since"
    return None
