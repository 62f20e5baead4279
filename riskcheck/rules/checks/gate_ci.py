"""Edits of CI definitions and hooks after which a change meets less resistance.

They work on the vocabulary into which the gate platform reads every CI system: jobs with ``needs``,
``environment``, ``approval``, ``may_fail``, ``condition`` and ``steps``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.cells import tell
from riskcheck.redact import redact_text
from riskcheck.rules.checks.gate_commands import Call, arguments, from_environment, relaxed, step_calls
from riskcheck.rules.checks.gate_values import Plain, Weakening, added, at, listed, part, removed, text, words
from riskcheck.shell import statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskcheck.nodes import KeyPath, Value

PULL_REQUESTS: Final = frozenset({"pull_request", "pull_request_target", "merge_group", "pr"})
NARROWING: Final = ("paths", "branches", "types")
_WRITES: Final = frozenset(
    {"contents", "actions", "checks", "statuses", "deployments", "id-token", "packages", "security-events"}
)
"""Permissions with which a workflow can change code, checks or deployments. Labels and comments cannot."""
_CHECK_WORDS: Final = re.compile(
    r"(?i)(?<![a-z])(?:test|tests|lint|check|checks|validate|verify|scan|audit|policy|policies|pytest|conftest|opa"
    r"|kyverno|kube-linter|kubeconform|yamllint|checkov|tfsec|trivy|mypy|ruff|gate)(?![a-z])"
)
_BRANCH: Final = re.compile(r"\bref\b|ref_name|SourceBranch|branch")
"""Conditions that ask which branch this is."""
_ALWAYS: Final = ("always()", "failure()", "!cancelled()", "succeededOrFailed()", "failed()")
_DEPLOY_NAMES: Final = re.compile(r"(?i)(?<![a-z])(?:deploy|deployment|release|promote|rollout)(?![a-z])")
_DEPLOY_COMMANDS: Final = re.compile(
    r"\b(?:bundle deploy|kubectl apply|helm upgrade|helmfile (?:apply|sync)|terraform apply|terragrunt apply"
    r"|argocd app sync|flux reconcile|pulumi up|(?:cdk|sam|serverless) deploy|make deploy)\b"
)
"""Names of jobs and steps, and commands in scripts, that put something into an environment."""


def weakenings(before: Plain, after: Plain, *, moved: bool = False) -> Iterator[Weakening]:
    """Every part of a CI definition that guards less in `after`; empty for a file that is not there.

    moved: another definition of the same change runs riskcheck that did not before.
    """
    old, new = _jobs(before), _jobs(after)
    yield from _calls(before, after, moved=moved)
    yield from _triggers(before, after)
    yield from _permissions(before, after)
    guards = _guards(before, old)
    for name, was in old.items():
        becomes = new.get(name)
        if becomes is not None:
            yield from _failures(name, was, becomes, name in guards)
            yield from _deployment(name, was, becomes)
    yield from _order(old, new)


def hook_weakenings(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Edits of riskcheck's hook in ``.pre-commit-config.yaml``."""
    if not before:
        return
    if not after:
        yield Weakening((), "the pre-commit hook riskcheck is removed")
        return
    for what in relaxed(arguments(before), arguments(after)):
        yield Weakening(at("args"), what)
    if text(after.get("entry")) != text(before.get("entry")) and "riskcheck" not in str(after.get("entry")):
        yield Weakening(at("entry"), "the hook riskcheck no longer runs riskcheck")
    stages = [words(one.get("stages")) or words(one.get("all.default_stages")) for one in (before, after)]
    if stages[1] and (not stages[0] or removed(stages[0], stages[1])):
        yield Weakening(at("stages"), f"the hook riskcheck only runs at {listed(stages[1])}")
    for key in ("files", "exclude", "all.files", "all.exclude"):
        if after.get(key) and after.get(key) != before.get(key):
            yield Weakening(at(key), f"the hook riskcheck runs for fewer files ({key.removeprefix('all.')})")
    for key in ("types", "types_or"):
        if added([], after.get(key)) and words(after.get(key)) != words(before.get(key)):
            yield Weakening(at(key), f"the hook riskcheck runs for fewer files ({key})")
    if after.get("skipped") and not before.get("skipped"):
        yield Weakening(at("skipped"), "pre-commit.ci skips the hook riskcheck")


def _jobs(definition: Plain) -> dict[str, dict[str, Value]]:
    return {name: part(job) for name, job in part(definition, "jobs").items()}


def _steps(job: Plain) -> dict[str, dict[str, Value]]:
    return {name: part(step) for name, step in part(job, "steps").items()}


def runs_riskcheck(definition: Plain) -> bool:
    """Whether any job calls riskcheck."""
    return bool(_all_calls(definition))


def _calls(before: Plain, after: Plain, *, moved: bool) -> Iterator[Weakening]:
    """riskcheck is called less often, or what it says counts less. A call under a new name is compared, too."""
    held, left = _all_calls(before), _all_calls(after)
    new_places = [place for place in left if place not in held]
    for place, (was, env) in held.items():
        path = at("jobs", place[0], "steps", place[1])
        becomes = left.get(place) or (left[new_places.pop(0)] if new_places else None)
        if becomes is None:
            if not moved:
                yield Weakening(path, f"job {place[0]} no longer runs riskcheck")
            continue
        for one, other in zip(was, becomes[0], strict=False):
            for what in relaxed({**env, **one.options}, {**becomes[1], **other.options}):
                yield Weakening((*path, "run"), what)
            if other.masked and not one.masked:
                yield Weakening((*path, "run"), "the exit code of riskcheck is thrown away")
        if len(becomes[0]) < len(was):
            yield Weakening((*path, "run"), f"job {place[0]} runs riskcheck less often")
        yield from _skippable(place, _jobs(before), _jobs(after))


_Calls = dict[tuple[str, str], tuple[list[Call], dict[str, str]]]


def _all_calls(definition: Plain) -> _Calls:
    """(job, step) to its calls of riskcheck, with what variables ask for."""
    found: _Calls = {}
    for name, job in _jobs(definition).items():
        for label, step in _steps(job).items():
            held = step_calls(step)
            if held:
                env = {**part(definition, "env"), **part(job, "env"), **part(step, "env")}
                found[name, label] = (held, from_environment(env))
    return found


def _skippable(
    place: tuple[str, str], old: Mapping[str, Plain], new: Mapping[str, Plain]
) -> Iterator[Weakening]:
    """A condition on the job or the step that runs riskcheck, where there was none."""
    name, label = place
    if name not in new:
        return
    pairs = [(at("jobs", name, "condition"), old[name], new[name])]
    steps = _steps(old[name]).get(label), _steps(new[name]).get(label)
    if steps[0] is not None and steps[1] is not None:
        pairs.append((at("jobs", name, "steps", label, "condition"), steps[0], steps[1]))
    for path, was, becomes in pairs:
        stated = becomes.get("condition")
        if stated is not None and stated != was.get("condition") and not _regardless(stated):
            narrower = (
                was.get("condition") is None
                or "never" in str(stated)
                or str(stated).strip() in ("false", "False")
            )
            if narrower:
                yield Weakening(path, f"riskcheck only runs under a condition in job {name}")


def _triggers(before: Plain, after: Plain) -> Iterator[Weakening]:
    """The definition that runs riskcheck runs for fewer changes."""
    if not after or not runs_riskcheck(before):
        return
    was, becomes = part(before, "triggers"), part(after, "triggers")
    for event in was:
        if event in PULL_REQUESTS and event not in becomes:
            yield Weakening(at("triggers", event), f"riskcheck no longer runs on {event}")
    for event in was:
        if event not in becomes or event not in PULL_REQUESTS | {"push"}:
            continue
        held, left = part(was, event), part(becomes, event)
        for key in NARROWING:
            narrowed = left.get(key) is not None and (
                held.get(key) is None or bool(removed(held.get(key), left.get(key)))
            )
            more = added(held.get(f"{key}-ignore"), left.get(f"{key}-ignore"))
            if narrowed or more:
                which = key if narrowed else f"{key}-ignore"
                yield Weakening(at("triggers", event, which), f"riskcheck runs for fewer {key} on {event}")


def _permissions(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Code from a fork meets a token that can write."""
    if _dangerous(after) and not _dangerous(before):
        path = at("triggers", "pull_request_target")
        if "pull_request_target" in part(before, "triggers"):
            path = at("permissions")
        yield Weakening(path, f"pull_request_target runs with {listed(_dangerous(after))}")


def _dangerous(definition: Plain) -> list[str]:
    """What a workflow that forks trigger may write, or that it checks their code out with any such token."""
    if "pull_request_target" not in part(definition, "triggers"):
        return []
    found: dict[str, None] = {}
    for job in _jobs(definition).values():
        stated = job.get("permissions", definition.get("permissions"))
        writes = [name for name, access in part(stated).items() if access == "write"]
        if stated == "write-all":
            writes = ["all permissions"]
        found.update(dict.fromkeys(f"write access to {name}" for name in writes if name in _WRITES))
        if stated == "write-all":
            found["write access to everything"] = None
        if (writes or stated is None) and _checks_out_head(job):
            found["the code of the pull request checked out"] = None
    return list(found)


def _checks_out_head(job: Plain) -> bool:
    for step in _steps(job).values():
        ref = str(part(step, "inputs").get("ref", ""))
        if "checkout" in str(step.get("uses", "")) and "pull_request.head" in ref:
            return True
    return False


def _guards(before: Plain, old: Mapping[str, Plain]) -> set[str]:
    """Jobs whose failure stops something: those that run riskcheck, and those a deployment waits for."""
    found = {name for name, _ in _all_calls(before)}
    for name, job in old.items():
        if _deploys(name, job):
            found |= _closure(name, old) | {name}
    return found


def _deploys(name: str, job: Plain) -> bool:
    """Whether a job deploys somewhere that is not plainly a lower stage."""
    environment = text(job.get("environment"))
    if environment is not None:
        return tell(environment).stage not in ("dev", "staging")
    if tell(name).stage in ("dev", "staging"):
        return False
    steps = _steps(job)
    return bool(_DEPLOY_NAMES.search(name)) or any(_is_deploy(label, step) for label, step in steps.items())


def _is_deploy(label: str, step: Plain) -> bool:
    """Whether a step deploys, by its name or its script."""
    script = " ".join(str(step.get("run") or "").split())
    return bool(_DEPLOY_COMMANDS.search(script) or (script and _DEPLOY_NAMES.search(label)))


def _closure(name: str, jobs: Mapping[str, Plain]) -> set[str]:
    """All jobs that `name` waits for, directly or not."""
    found: set[str] = set()
    waiting = words(jobs.get(name, {}).get("needs"))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(words(jobs.get(one, {}).get("needs")))
    return found


def _failures(name: str, was: Plain, becomes: Plain, guard: bool) -> Iterator[Weakening]:
    """A job or step whose failure no longer counts."""
    checks = guard or _CHECK_WORDS.search(name) is not None
    if checks and _truthy(becomes.get("may_fail")) and not _truthy(was.get("may_fail")):
        yield Weakening(at("jobs", name, "may_fail"), f"job {name} may fail")
    held = _steps(was)
    for label, step in _steps(becomes).items():
        known = held.get(label)
        if known is None:
            continue
        words_ = " ".join((label, str(step.get("run", "")), str(step.get("uses", ""))))
        if not (_CHECK_WORDS.search(words_) or step_calls(known)):
            continue
        path = at("jobs", name, "steps", label)
        if _truthy(step.get("may_fail")) and not _truthy(known.get("may_fail")):
            yield Weakening((*path, "may_fail"), f"step {redact_text(label)} of job {name} may fail")
        if guard and not step_calls(known):
            for command in _newly_masked(str(known.get("run", "")), str(step.get("run", ""))):
                yield Weakening(
                    (*path, "run"), f"the failure of `{redact_text(command)}` in job {name} is ignored"
                )


def _newly_masked(before: str, after: str) -> Iterator[str]:
    """Commands that stand unchanged but for what follows them: ``|| true``."""
    if "||" not in after:
        return
    counted = {statement.words for statement in statements(before) if statement.ends != "||"}
    for statement in statements(after):
        if (
            statement.ends == "||"
            and statement.words in counted
            and _CHECK_WORDS.search(" ".join(statement.words))
        ):
            yield " ".join(statement.words)[:80]


def _deployment(name: str, was: Plain, becomes: Plain) -> Iterator[Weakening]:
    """A deployment that loses its protected environment, its approval, or the condition on its branch."""
    environment = text(was.get("environment"))
    stage = tell(environment).stage if environment is not None else None
    # An environment whose name tells no stage may be anything from a preview to a package index.
    if stage in ("prod", "canary") or (environment is not None and stage is None and _deploys(name, becomes)):
        left = text(becomes.get("environment"))
        if left is None:
            yield Weakening(
                at("jobs", name, "environment"), f"job {name} no longer uses environment {environment}"
            )
        elif stage == "prod" and tell(left).stage not in ("prod", "canary") and not _may_be_prod(left):
            what = f"job {name} uses environment {left} instead of {environment}"
            yield Weakening(at("jobs", name, "environment"), what)
    if was.get("approval") and not becomes.get("approval") and _deploys(name, was):
        yield Weakening(at("jobs", name, "approval"), f"job {name} no longer waits for an approval")
    if not _deploys(name, was):
        return
    yield from _unconditioned(at("jobs", name), f"job {name}", was, becomes)
    if (
        _regardless(becomes.get("condition"))
        and not _regardless(was.get("condition"))
        and words(becomes.get("needs"))
    ):
        yield Weakening(at("jobs", name, "condition"), f"job {name} runs although a job it needs has failed")
    if _BRANCH.search(str(becomes.get("condition") or "")):
        return
    held = _steps(was)
    for label, step in _steps(becomes).items():
        if label in held and _is_deploy(label, step):
            path = at("jobs", name, "steps", label)
            yield from _unconditioned(path, f"step {redact_text(label)} of job {name}", held[label], step)


def _may_be_prod(environment: str) -> bool:
    """Whether an expression may still come out as production: ``${{ inputs.dry && 'dev' || 'prod' }}``."""
    return "${{" in environment and any(
        tell(word).stage == "prod" for word in re.findall(r"[\w-]+", environment)
    )


def _unconditioned(path: KeyPath, what: str, was: Plain, becomes: Plain) -> Iterator[Weakening]:
    if becomes.get("condition") is None and _BRANCH.search(str(was.get("condition") or "")):
        yield Weakening((*path, "condition"), f"{what} deploys from any branch")


def _order(old: Mapping[str, Plain], new: Mapping[str, Plain]) -> Iterator[Weakening]:
    """Deployments that no longer wait for a check, an approval or a lower stage. A job that only got another name,
    or whose steps another job on the way took over, is still waited for."""
    freed: dict[tuple[KeyPath, str], list[str]] = {}
    for name, was in old.items():
        if name not in new or not _deploys(name, was):
            continue
        still = _closure(name, new)
        done = {piece for one in still | {name} for piece in _work(new.get(one, {}))}
        for lost in sorted(_closure(name, old) - still):
            if lost in old and _guards_something(lost, old[lost]) and not _work(old[lost]) <= done:
                freed.setdefault((_where_lost(lost, old, new), lost), []).append(name)
    grouped: dict[tuple[KeyPath, str], list[str]] = {}
    for (path, lost), names in freed.items():
        grouped.setdefault((path, listed(names)), []).append(lost)
    for (path, deployments), jobs in grouped.items():
        many = "jobs" if "," in deployments else "job"
        wait = "wait" if many == "jobs" else "waits"
        yield Weakening(path, f"{many} {deployments} no longer {wait} for {listed(jobs)}")


def _guards_something(name: str, job: Plain) -> bool:
    """Whether a job is more than a build: a check, an approval, a deployment to a lower stage."""
    environment = text(job.get("environment"))
    lower = environment is not None and tell(environment).stage in ("dev", "staging", "canary")
    if job.get("approval") or job.get("calls") or lower:
        return True
    labels = " ".join([name, *(f"{label} {step.get('uses') or ''}" for label, step in _steps(job).items())])
    return _CHECK_WORDS.search(labels) is not None or any(step_calls(step) for step in _steps(job).values())


def _where_lost(lost: str, old: Mapping[str, Plain], new: Mapping[str, Plain]) -> KeyPath:
    """Where `lost` stopped being waited for: its own removal, or the ``needs`` that led to it."""
    if lost not in new:
        return at("jobs", lost)
    for name, job in old.items():
        dropped = removed(job.get("needs"), new[name].get("needs")) if name in new else []
        if any(lost == one or lost in _closure(one, old) for one in dropped):
            return at("jobs", name, "needs")
    return at("jobs")


def _work(job: Plain) -> set[str]:
    """What a job does: its commands, actions without their versions, what it calls, where it deploys, whether it
    waits for a person."""
    found = {str(job["calls"]).partition("@")[0]} if job.get("calls") else set()
    if job.get("approval"):
        found.add("approval")
    if job.get("environment"):
        found.add(f"environment {job['environment']}")
    for step in _steps(job).values():
        if step.get("run"):
            found.add(" ".join(str(step["run"]).split()))
        elif step.get("uses"):
            found.add(str(step["uses"]).partition("@")[0])
    return found


def _regardless(condition: Value) -> bool:
    plain = str(condition or "").replace(" ", "")
    return any(word in plain for word in _ALWAYS)


def _truthy(value: Value) -> bool:
    return value is not None and str(value).lower() not in ("false", "no", "")
