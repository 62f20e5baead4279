"""Deployment commands in CI steps: whether they wait for what they deploy, and undo it when it fails.

https://helm.sh/docs/helm/helm_upgrade/ (Helm 4 calls ``--atomic`` ``--rollback-on-failure``) ;
https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_status/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.records import NamedTuple
from riskcheck.rules.checks.gate_jobs import jobs_of, steps_of
from riskcheck.rules.checks.gate_values import Weakening, at, text
from riskcheck.shell import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.nodes import KeyPath
    from riskcheck.rules.checks.gate_values import Plain

_UNDOES: Final = ("--atomic", "--rollback-on-failure")
_WAITS: Final = ("--wait", "--wait-for-jobs")
_FLAGS: Final = frozenset(
    {
        *_UNDOES,
        *_WAITS,
        "--install",
        "-i",
        "--debug",
        "--dry-run",
        "--force",
        "--force-replace",
        "--create-namespace",
        "--reuse-values",
        "--reset-values",
        "--reset-then-reuse-values",
        "--cleanup-on-fail",
        "--dependency-update",
        "--devel",
        "--verify",
        "--no-hooks",
        "--skip-crds",
        "--skip-schema-validation",
        "--disable-openapi-validation",
        "--render-subchart-notes",
        "--hide-notes",
        "--hide-secret",
        "--enable-dns",
        "--insecure-skip-tls-verify",
        "--pass-credentials",
        "--plain-http",
        "--take-ownership",
        "--server-side",
        "-w",
        "--watch",
        "-A",
        "--all-namespaces",
        "--all",
    }
)
"""Options that take no value."""
_OFF: Final = frozenset({"false", "hookOnly"})
_SAID: Final = {0: "does not wait for its pods", 1: "does not undo a release that fails"}


class Command(NamedTuple):
    """A command that deploys. name: what it deploys. care: 2 undoes a failed release, 1 waits for it, 0 neither."""

    name: str
    care: int
    path: KeyPath


def waits_removed(before: Plain, after: Plain) -> Iterator[Weakening]:
    """Commands of CI definition `after` that take less care than in `before`."""
    old, new = _releases(before), _releases(after)
    for name, command in new.items():
        was = old.get(name)
        if was is not None and command.care < was.care:
            yield Weakening(command.path, f"helm upgrade {name} {_SAID[command.care]} any more")
    yield from _watched(before, after)


def _releases(definition: Plain) -> dict[str, Command]:
    """The least careful command of each release."""
    found: dict[str, Command] = {}
    for path, words in _commands(definition):
        if words[0].rpartition("/")[2] != "helm" or "--dry-run" in words or len(words) < 3:
            continue
        if words[1] not in ("upgrade", "install"):
            continue
        name = " ".join(_arguments(words[2:])[:1])
        known = found.get(name)
        if name and (known is None or _care(words) < known.care):
            found[name] = Command(name, _care(words), path)
    return found


def _care(words: tuple[str, ...]) -> int:
    given = {word.partition("=")[0] for word in words if word.partition("=")[2] not in _OFF}
    if not given.isdisjoint(_UNDOES):
        return 2
    return int(not given.isdisjoint(_WAITS))


def _watched(before: Plain, after: Plain) -> Iterator[Weakening]:
    """A job that goes on deploying, and no longer asks whether the rollout was completed."""
    old, new = jobs_of(before), jobs_of(after)
    still = {name for job in new for name in _status(after, job)}
    for job in old:
        if job not in new or not any(_applies(words) for _, words in _commands(after, job)):
            continue
        for name in _status(before, job):
            if name not in still:
                steps = at("jobs", job, "steps")
                yield Weakening(steps, f"job {job} no longer waits for the rollout of {name}")
                still.add(name)


def _status(definition: Plain, job: str) -> list[str]:
    """What ``kubectl rollout status`` watches in a job."""
    found = []
    for _, words in _commands(definition, job):
        if words[0].rpartition("/")[2] in ("kubectl", "oc") and "rollout" in words and "status" in words:
            named = [word for word in _arguments(words[1:]) if word not in ("rollout", "status")]
            found.append("/".join(named) or "what it deploys")
    return found


def _applies(words: tuple[str, ...]) -> bool:
    tool = words[0].rpartition("/")[2]
    return tool in ("kubectl", "oc") and not {"apply", "set", "patch", "restart", "replace"}.isdisjoint(words)


def _commands(definition: Plain, only: str | None = None) -> Iterator[tuple[KeyPath, tuple[str, ...]]]:
    """Simple commands of all scripts, or of those of one job, with the path of the script."""
    for name, job in jobs_of(definition).items():
        for label, step in steps_of(job).items() if only in (None, name) else ():
            script = text(step.get("run")) or ""
            if "helm" in script or "rollout" in script or "kubectl" in script or "oc " in script:
                for statement in statements(script):
                    yield at("jobs", name, "steps", label, "run"), statement.words


def _arguments(words: tuple[str, ...]) -> list[str]:
    """Words that are neither options nor their values."""
    found, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = "=" not in word and word not in _FLAGS
        else:
            found.append(word)
    return found
