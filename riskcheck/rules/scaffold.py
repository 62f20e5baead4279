"""A new rule and its cases: they work as written, so that the author starts from green."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from riskcheck.drafts import write_whole
from riskcheck.errors import RunError
from riskcheck.rules.load import builtin_folder, files_below, readable_rules
from riskcheck.rules.reading import CODE_PATTERN, ID_PATTERN

if TYPE_CHECKING:
    from pathlib import Path

_PACK_PATTERN: Final = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"

_RULE: Final = """\
# schemas/rule.schema.json of riskcheck describes every key; docs/writing-rules.md explains them.
id: {id}
code: {code}
# What happened, in the past tense, without advice.
title: {title}
# P0..P3 as for one production cell of an ordinary service; where it is and who hangs off it comes on top.
severity: P2
escalate: # the worst that holds wins
  - {{when: after == 0, to: P1}}
confidence: high # high | medium | low
reversibility: reversible # reversible | delayed | lossy | irreversible
category: platform # who is paged: platform | data | model | governance | security | network | cost
match: # which changes it looks at; what is left out matches all
  platform: kubernetes
  kind: [Deployment, StatefulSet]
  path: spec.template.spec.terminationGracePeriodSeconds # * one key, ** any depth, [] any item, {{a,b}} either
  change: modified # added | removed | modified | moved, or a list
when: after < before # CEL; numbers are doubles
message: "{{key}} goes from {{before}} to {{after}}"
why: >-
  What goes wrong, and how.
fix: >-
  What to do instead, or what makes it safe.
evidence: {{canary: [promoted, split], rollback: [revert]}} # what mitigates it
false_positives:
  - What looks alike and must stay silent. A silent case proves it.
references:
  - https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
since: "0.1"
"""

_CASES: Final = """\
# Each case is a base tree, an edit, and the places that must be named - exactly these - or the reason for silence.
cases:
  - name: the grace period is halved
    base: &base
      clusters/prod/web.yaml: |
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              terminationGracePeriodSeconds: 60
              containers: [{name: web, image: registry.example/web:1.4.2}]
    edit: # head is base with these replacements; or give the whole `head`
      - {path: clusters/prod/web.yaml, old: "Seconds: 60", new: "Seconds: 30"}
    fires: ["clusters/prod/web.yaml:9"] # "base:path:line" for what is gone
    severity: P2

  - name: nothing is left of it
    base: *base
    edit:
      - {path: clusters/prod/web.yaml, old: "Seconds: 60", new: "Seconds: 0"}
    fires: ["clusters/prod/web.yaml:9"]
    severity: P1

  - name: the grace period grows
    silent: more time to finish takes nothing away
    base: *base
    edit:
      - {path: clusters/prod/web.yaml, old: "Seconds: 60", new: "Seconds: 90"}
"""


class ScaffoldError(RunError):
    """The rule cannot be written there; the message says why and what to do."""


def scaffold(name: str, into: Path, code: str | None) -> tuple[Path, Path]:
    """Writes the rule ``pack/id`` and its cases below `into`. code: None for the next free one of the pack.

    Raises `ScaffoldError`; an existing file is never written over.
    """
    pack, _, rule_id = name.partition("/")
    if not re.fullmatch(_PACK_PATTERN, pack) or not re.fullmatch(ID_PATTERN, rule_id):
        raise ScaffoldError(
            f"{name} is not PACK/ID: lower-case words joined by '-', two or more in the id: network/route-removed"
        )
    if code is not None and not re.fullmatch(CODE_PATTERN, code):
        raise ScaffoldError(f"{code} is not a code such as K8S-001")
    folder = into / pack
    paths = (folder / f"{rule_id}.yaml", folder / f"{rule_id}.test.yaml")
    for path in paths:
        if path.exists():
            raise ScaffoldError(f"{path} exists already")
    code, title = code or _next_code(pack, into), rule_id.replace("-", " ").capitalize()
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(str(paths[0]), _RULE.format(id=rule_id, code=code, title=title).encode(), over=False)
    write_whole(str(paths[1]), _CASES.encode(), over=False)
    return paths


def _next_code(pack: str, into: Path) -> str:
    """The next number of the family that the pack's rules have, or the first of a family named after it."""
    builtin, _ = readable_rules(files_below(builtin_folder()), bounded=False)
    own, _ = readable_rules(files_below(into) if into.is_dir() else (), bounded=True)
    rules = (*builtin.values(), *own.values())
    families = sorted(rule.code.rpartition("-")[0] for rule in rules if rule.pack == pack)
    family = families[-1] if families else re.sub("[^A-Z0-9]", "", pack.upper())[:4].ljust(2, "X")
    numbers = [int(rule.code.rpartition("-")[2]) for rule in rules if rule.code.startswith(f"{family}-")]
    return f"{family}-{max(numbers, default=0) + 1:03}"
