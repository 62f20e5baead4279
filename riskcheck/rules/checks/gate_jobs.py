"""CI jobs as the gate platform gives them: what they do, what waits for them, whether they deploy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.cells import tell
from riskcheck.regexes import regex
from riskcheck.rules.checks.gate_commands import step_calls
from riskcheck.rules.checks.gate_values import part, text, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riskcheck.nodes import Value
    from riskcheck.rules.checks.gate_values import Plain

CHECK_WORDS: Final = regex(
    r"(?i)(?<![a-z])(?:test|tests|lint|check|checks|validate|verify|scan|audit|policy|policies|pytest|conftest|opa"
    r"|kyverno|kube-linter|kubeconform|yamllint|checkov|tfsec|trivy|mypy|ruff|gate)(?![a-z])"
)
"""Names of jobs and steps, and commands, that check something."""
_ALWAYS: Final = ("always()", "failure()", "!cancelled()", "succeededOrFailed()", "failed()")
_DEPLOY_NAMES: Final = regex(r"(?i)(?<![a-z])(?:deploy|deployment|release|promote|rollout)(?![a-z])")
_DEPLOY_COMMANDS: Final = regex(
    r"\b(?:bundle deploy|kubectl apply|helm upgrade|helmfile (?:apply|sync)|terraform apply|terragrunt apply"
    r"|argocd app sync|flux reconcile|pulumi up|(?:cdk|sam|serverless) deploy|make deploy)\b"
)
"""Names of jobs and steps, and commands in scripts, that put something into an environment."""


def jobs_of(definition: Plain) -> dict[str, dict[str, Value]]:
    return {name: part(job) for name, job in part(definition, "jobs").items()}


def steps_of(job: Plain) -> dict[str, dict[str, Value]]:
    return {name: part(step) for name, step in part(job, "steps").items()}


class Waits:
    """Which jobs each job waits for, directly or not. Sets are kept as bits: definitions may be large."""

    def __init__(self, jobs: Mapping[str, Plain]) -> None:
        self._names = list(jobs)
        number = {name: index for index, name in enumerate(self._names)}
        self._needs = [
            list(dict.fromkeys(number[need] for need in words(job.get("needs")) if need in number))
            for job in jobs.values()
        ]
        self._number = number
        self._known: dict[int, int] = {}

    def of(self, name: str) -> set[str]:
        """All jobs that `name` waits for; none for a job that does not exist."""
        bits = self._bits(self._number[name]) if name in self._number else 0
        return {one for index, one in enumerate(self._names) if bits >> index & 1}

    def led_to(self, needs: Iterable[str]) -> int:
        """The jobs `needs` and all that they wait for, to be asked with `holds`."""
        found = 0
        for need in needs:
            if need in self._number:
                found |= 1 << self._number[need] | self._bits(self._number[need])
        return found

    def holds(self, found: int, name: str) -> bool:
        """Whether job `name` is among those of `led_to`."""
        return bool(found >> self._number[name] & 1)

    def _bits(self, wanted: int) -> int:
        """Worked out from the first jobs on. What waits for itself, which no system accepts, is cut there."""
        if wanted in self._known:
            return self._known[wanted]
        waiting, begun = [wanted], set()
        while waiting:
            one = waiting[-1]
            begun.add(one)
            open_ = [need for need in self._needs[one] if need not in self._known and need not in begun]
            if one not in self._known and open_:
                waiting.extend(open_)
                continue
            waiting.pop()
            bits = 0
            for need in self._needs[one]:
                bits |= 1 << need | self._known.get(need, 0)
            self._known.setdefault(one, bits)
        return self._known[wanted]


def deploys(name: str, job: Plain) -> bool:
    """Whether a job deploys somewhere that is not plainly a lower stage."""
    environment = text(job.get("environment"))
    if environment is not None:
        return tell(environment).stage not in ("dev", "staging")
    if tell(name).stage in ("dev", "staging"):
        return False
    steps = steps_of(job)
    return bool(_DEPLOY_NAMES.search(name)) or any(is_deploy(label, step) for label, step in steps.items())


def is_deploy(label: str, step: Plain) -> bool:
    """Whether a step deploys, by its name or its script."""
    script = " ".join(str(step.get("run") or "").split())
    return bool(_DEPLOY_COMMANDS.search(script) or (script and _DEPLOY_NAMES.search(label)))


def guards_something(name: str, job: Plain) -> bool:
    """Whether a job is more than a build: a check, an approval, a deployment to a lower stage."""
    environment = text(job.get("environment"))
    lower = environment is not None and tell(environment).stage in ("dev", "staging", "canary")
    if job.get("approval") or job.get("calls") or lower:
        return True
    labels = " ".join([name, *(f"{label} {step.get('uses') or ''}" for label, step in steps_of(job).items())])
    return CHECK_WORDS.search(labels) is not None or any(step_calls(step) for step in steps_of(job).values())


def only_checks(name: str, job: Plain) -> bool:
    """Whether a job guards by its result alone: it runs no riskcheck, waits for nobody, and is no lower stage that
    a change comes up through."""
    environment = text(job.get("environment"))
    place = environment if environment is not None else name if job.get("calls") else None
    lower = place is not None and tell(place).stage in ("dev", "staging", "canary")
    return not (job.get("approval") or lower or any(step_calls(step) for step in steps_of(job).values()))


def still_guard(held: Iterable[str], jobs: Mapping[str, Plain]) -> bool:
    """Whether any job of `held` guards something, and fails when it does."""
    return any(
        guards_something(one, jobs[one]) and not truthy(jobs[one].get("may_fail"))
        for one in held
        if one in jobs
    )


def work_of(job: Plain) -> set[str]:
    """What a job does: its commands, actions without their versions, what it calls, where it deploys, whether it
    waits for a person."""
    found = {str(job["calls"]).partition("@")[0]} if job.get("calls") else set()
    if job.get("approval"):
        found.add("approval")
    if job.get("environment"):
        found.add(f"environment {job['environment']}")
    for step in steps_of(job).values():
        if step.get("run"):
            found.add(" ".join(str(step["run"]).split()))
        elif step.get("uses"):
            found.add(str(step["uses"]).partition("@")[0])
    return found


def truthy(value: Value) -> bool:
    return value is not None and str(value).lower() not in ("false", "no", "")


def regardless(condition: Value) -> bool:
    plain = str(condition or "").replace(" ", "")
    return any(word in plain for word in _ALWAYS)


def heeds(condition: Value, needs: Iterable[str]) -> bool:
    """Whether a condition that holds whatever happened asks itself what became of all the jobs `needs`."""
    plain = re.sub(r"\s", "", str(condition or ""))
    if "!failure()" in plain or re.search(r"!contains\(needs\.\*\.result,'failure'\)", plain):
        return True
    asked = set(re.findall(r"needs(?:\.|\[')([\w-]+)(?:'\])?\.result", plain))
    return asked >= set(needs) and re.search(r"'[\w,]*success|!='failure'", plain) is not None
