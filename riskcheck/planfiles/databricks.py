"""What ``databricks bundle plan -o json`` writes.

https://github.com/databricks/cli/blob/7bbe285213/bundle/deployplan/plan.go: ``{plan_version, cli_version, plan:
{"resources.jobs.ingest": {action, changes: {<path>: {action, reason}}, …}}}``; ``permissions`` and ``grants`` of a
resource are entries of their own.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from riskcheck.documents.surrogates import paired
from riskcheck.errors import RunError
from riskcheck.models import ACTIONS
from riskcheck.planfiles.model import DeploymentPlan, PlannedField, PlannedResource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riskcheck.models import Action

NEWEST_VERSION: Final = 2
MOST_BYTES: Final = 100 * 1024 * 1024

_ACTIONS: Final[Mapping[str, Action]] = {
    "": "none",
    "skip": "none",
    "resize": "update",
    "update": "update",
    "update_id": "rename",
    "create": "create",
    "recreate": "recreate",
    "delete": "delete",
}
_APART: Final = frozenset({"permissions", "grants"})
_HOW: Final = "write it with `databricks bundle plan -t TARGET -o json`"


def read_plan(source: str, data: bytes, environment: str | None) -> DeploymentPlan:
    """The plan in `data`. source: its path, for messages. environment: the target it was given for, if any.

    Raises `RunError` where the file is no such plan.
    """
    if len(data) > MOST_BYTES:
        raise RunError(f"{source}: larger than {MOST_BYTES // 1024 // 1024} MiB; no bundle plan is")
    held = _parsed(source, data)
    entries = held.get("plan")
    if not isinstance(entries, dict):
        if "resource_changes" in held or "format_version" in held:
            raise RunError(f"{source}: is a Terraform plan, not one of a bundle; {_HOW}")
        raise RunError(f"{source}: has no `plan`; {_HOW}")
    notes = []
    version = held.get("plan_version")
    if isinstance(version, int) and version > NEWEST_VERSION:
        notes.append(f"is of plan_version {version}; what is known here ends at {NEWEST_VERSION}")
    resources: dict[str, PlannedResource] = {}
    strange: list[str] = []
    for key in sorted(entries):
        address, entry = _address(key), entries[key]
        planned = _planned(entry) if isinstance(entry, dict) else None
        if address is None or planned is None:
            strange.append(key)
        elif key.rpartition(".")[2] in _APART and key.count(".") > 2:
            # Losing a permission is an update of the resource that grants it.
            part = PlannedResource("none" if planned.action == "none" else "update", planned.fields)
            resources[address] = _graver(resources.get(address), part)
        else:
            resources[address] = _graver(resources.get(address), planned)
    if strange:
        notes.append(f"has {len(strange)} entries that are not understood, such as {paired(strange[0])[:80]}")
    told = environment or next(_targets(entries), None)
    return DeploymentPlan(source, f"sha256:{sha256(data).hexdigest()}", told, resources, tuple(notes))


def _parsed(source: str, data: bytes) -> dict[str, object]:
    # A PowerShell redirect writes UTF-16 with a mark, which json detects only without one.
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        held = json.loads(data.decode(encoding))
    except UnicodeDecodeError:
        raise RunError(f"{source}: is not text in UTF-8 or UTF-16; {_HOW}") from None
    except json.JSONDecodeError as error:
        raise RunError(f"{source}:{error.lineno}: is not JSON ({error.msg}); {_HOW}") from None
    except ValueError:
        raise RunError(f"{source}: holds a number of thousands of digits; {_HOW}") from None
    except RecursionError:
        raise RunError(f"{source}: is nested too deeply") from None
    if not isinstance(held, dict):
        raise RunError(f"{source}: is not a bundle plan; {_HOW}")
    return held


def _address(key: str) -> str | None:
    """``databricks:jobs.ingest`` of ``resources.jobs.ingest`` and of ``resources.jobs.ingest.permissions``."""
    parts = paired(key).split(".")
    if len(parts) < 3 or parts[0] != "resources" or not all(parts):
        return None
    return f"databricks:{parts[1]}.{parts[2]}"


def _planned(entry: Mapping[str, object]) -> PlannedResource | None:
    named = entry.get("action", "")
    action = _ACTIONS.get(named) if isinstance(named, str) else None
    if action is None:
        return None
    changes = entry.get("changes")
    fields = list(_fields(changes)) if isinstance(changes, dict) else []
    fields.sort(key=lambda field: (-ACTIONS.index(field.action), field.path))
    return PlannedResource(action, tuple(fields), entry.get("gone") is True)


def _fields(changes: Mapping[str, object]) -> Iterator[PlannedField]:
    for path, change in changes.items():
        if isinstance(change, dict):
            action = _ACTIONS.get(str(change.get("action", "")))
            if action not in (None, "none"):
                yield PlannedField(paired(path), action, paired(str(change.get("reason") or "")))


def _graver(one: PlannedResource | None, other: PlannedResource) -> PlannedResource:
    if one is None or ACTIONS.index(other.action) > ACTIONS.index(one.action):
        return other
    return one


def _targets(entries: Mapping[str, object]) -> Iterator[str]:
    """Targets by the default place of a bundle's state: ``…/.bundle/<bundle>/<target>/state/metadata.json``."""
    for entry in entries.values():
        state = entry.get("new_state") if isinstance(entry, dict) else None
        value = state.get("value") if isinstance(state, dict) else None
        deployment = value.get("deployment") if isinstance(value, dict) else None
        path = deployment.get("metadata_file_path") if isinstance(deployment, dict) else None
        if isinstance(path, str) and path.endswith("/state/metadata.json") and "/.bundle/" in path:
            parts = path.split("/.bundle/", 1)[1].split("/")
            if len(parts) == 4:
                yield parts[1]
