"""What ``terraform show -json`` and ``tofu show -json`` write of a saved plan.

https://developer.hashicorp.com/terraform/internals/json-format#plan-representation ,
https://github.com/hashicorp/terraform/blob/main/internal/command/jsonplan/plan.go . Of the file are read: its
changes, its drift and what says whether it is whole. Configuration, prior state and planned values, which repeat
them, are passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.documents.surrogates import paired
from riskcheck.errors import RunError
from riskcheck.planfiles.changes import planned_of, slot_of
from riskcheck.planfiles.masking import TooDeepError
from riskcheck.planfiles.model import DeploymentPlan, PlannedResource, PlanOutline
from riskcheck.planfiles.streaming import JsonStream, NotJsonError

if TYPE_CHECKING:
    from riskcheck.models import Action
    from riskcheck.planfiles.streaming import Reader

MAJOR: Final = "1"
HOW: Final = "write it with `terraform plan -out=plan.out && terraform show -json plan.out > plan.json`"
_LISTS: Final = frozenset({"resource_changes", "resource_drift", "deferred_changes", "checks"})
_VALUES: Final = frozenset({"format_version", "complete", "errored", "output_changes", "lineage", "@level"})
_PLAN_KEYS: Final = frozenset({"resource_changes", "planned_values", "configuration", "output_changes"})
_MOST_KEPT: Final = 300_000
"""Values of all changed resources together; those of unchanged ones, which are context, get half of it."""
_MOST_NAMED: Final = 200
_NOT_TEXT: Final = f"{{}}: is not text in UTF-8 or UTF-16; {HOW}"


def read_plan(source: str, file: Reader, environment: str | None) -> DeploymentPlan:
    """The plan in `file`. source: its path, for messages. environment: the one it was given for, if any.

    Raises `RunError` where the file is no such plan.
    """
    checked = _checked(source, file)
    reading = _Reading(source)
    try:
        stream = JsonStream(checked)
    except UnicodeDecodeError:
        raise RunError(_NOT_TEXT.format(source)) from None
    try:
        for key, value in stream.entries(_LISTS, _VALUES):
            reading.take(key, value)
    except NotJsonError as error:
        raise RunError(_not_json(source, stream.start, error)) from None
    except UnicodeDecodeError:
        raise RunError(_NOT_TEXT.format(source)) from None
    except (RecursionError, TooDeepError):
        raise RunError(f"{source}: is nested too deeply") from None
    except ValueError:
        raise RunError(f"{source}: holds a number of thousands of digits; {HOW}") from None
    reading.check()
    return DeploymentPlan(
        source,
        stream.digest,
        environment,
        reading.resources,
        reading.notes(),
        "terraform",
        reading.outline(),
    )


class _Checked:
    """A file whose first bytes were looked at."""

    def __init__(self, start: bytes, file: Reader) -> None:
        self._start = start
        self._file = file

    def read(self, size: int, /) -> bytes:
        if self._start:
            start, self._start = self._start[:size], self._start[size:]
            return start
        return self._file.read(size)


def _checked(source: str, file: Reader) -> _Checked:
    """Raises `RunError` for what is told by its first bytes."""
    start = file.read(64 * 1024)
    if start.startswith(b"PK\x03\x04"):
        raise RunError(
            f"{source}: is a plan as `terraform plan -out` saves it, which only Terraform can read; "
            f"convert it with `terraform show -json {source} > plan.json`"
        )
    if not start.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise RunError(f"{source}: is empty; {HOW}")
    return _Checked(start, file)


def _not_json(source: str, start: bytes, error: NotJsonError) -> str:
    place = f"{source}:{error.line}:{error.column}"
    if error.truncated:
        return f"{place}: the plan ends here, in the middle ({error.reason}); write it again, {HOW[9:]}"
    if b"Terraform will perform" in start or b"Terraform used the selected" in start or b"\x1b[" in start:
        return f"{source}: is what `terraform plan` prints for people; {HOW}"
    return f"{place}: is not JSON ({error.reason}); {HOW}"


class _Reading:
    """What was read of one file so far."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._keys: set[str] = set()
        self._found: dict[str, object] = {}
        self._strange: list[str] = []
        self._unkept = 0
        self._budget = {True: _MOST_KEPT, False: _MOST_KEPT // 2}
        self._drift: dict[str, tuple[str, ...]] = {}
        self._deferred: list[str] = []
        self._failing: list[str] = []
        self._managed = 0
        self.resources: dict[str, PlannedResource] = {}

    def take(self, key: str, value: object) -> None:
        """One element of a list, or the value of a key. Raises `RunError` for what belongs to another format."""
        self._keys.add(key)
        if key == "@level":
            raise RunError(
                f"{self._source}: is the log that `terraform plan -json` prints, which holds no values; {HOW}"
            )
        if key == "format_version":
            self._check_version(value)
        if key == "resource_changes":
            self._change(value)
        elif key == "resource_drift":
            self._drifted(value)
        elif key == "deferred_changes":
            below = value.get("resource_change") if isinstance(value, dict) else None
            self._deferred.append(_address(below) or "?")
        elif key == "checks":
            self._check(value)
        elif key in _VALUES:
            self._found[key] = value

    def check(self) -> None:
        """Raises `RunError` where what was read is no plan."""
        if "lineage" in self._keys:
            raise RunError(f"{self._source}: is a state, not a plan; {HOW}")
        if "plan" in self._keys and "format_version" not in self._keys:
            raise RunError(
                f"{self._source}: is a plan of a Databricks bundle; give it with --databricks-plan"
            )
        if "format_version" not in self._keys:
            raise RunError(f"{self._source}: has no `format_version`, so that it is no plan; {HOW}")
        if not self._keys & _PLAN_KEYS:
            raise RunError(f"{self._source}: shows a state, not a plan; {HOW}")

    def notes(self) -> tuple[str, ...]:
        """What of it was not understood."""
        told = []
        if self._strange:
            count, first = len(self._strange), self._strange[0]
            told.append(f"has {count} entries that are not understood, such as {first[:80]}")
        if self._unkept:
            told.append(
                f"is large: the values of {self._unkept} resources are not looked at, their actions are"
            )
        return tuple(told)

    def outline(self) -> PlanOutline:
        outputs = self._found.get("output_changes")
        return PlanOutline(
            managed=self._managed,
            complete=_flag(self._found.get("complete")),
            errored=self._found.get("errored") is True,
            deferred=tuple(self._deferred[:_MOST_NAMED]),
            failing=tuple(self._failing[:_MOST_NAMED]),
            outputs=tuple(_changed_outputs(outputs))[:_MOST_NAMED],
        )

    def _check_version(self, value: object) -> None:
        if not isinstance(value, str) or value.partition(".")[0] != MAJOR:
            shown = paired(str(value))[:20]
            raise RunError(
                f"{self._source}: is of format_version {shown}; only {MAJOR}.x is known here. Update riskcheck, "
                "or write the plan with a version of Terraform or OpenTofu that writes it"
            )

    def _change(self, value: object) -> None:
        planned = planned_of(value, self._fits)
        if planned is None:
            self._strange.append(_address(value) or "?")
            return
        if planned.state is None:  # a data source
            return
        if planned.state.deposed:
            return  # what an earlier replacement left behind is cleaned up: the resource itself stands beside it
        self._managed += 1
        slot = slot_of(planned)
        drifted = self._drift.get(slot, ())
        if drifted:
            planned = planned._replace(state=planned.state._replace(drifted=drifted))
        self.resources[slot] = planned

    def _fits(self, action: Action, before: object, after: object) -> bool:
        """Whether the values of one more resource are kept."""
        changed = action != "none"
        left = self._budget[changed]
        if left <= 0:
            self._unkept += changed
            return False
        self._budget[changed] = left - _size(before) - (_size(after) if changed else 0)
        return True

    def _drifted(self, value: object) -> None:
        planned = planned_of(value, lambda *_: False)
        if planned is not None and planned.state is not None:
            slot = slot_of(planned)
            fields = tuple(field.path for field in planned.fields) or ("",)
            self._drift[slot] = fields
            known = self.resources.get(slot)
            if known is not None and known.state is not None:
                self.resources[slot] = known._replace(state=known.state._replace(drifted=fields))

    def _check(self, value: object) -> None:
        if isinstance(value, dict) and value.get("status") in ("fail", "error"):
            address = value.get("address")
            shown = address.get("to_display") if isinstance(address, dict) else None
            self._failing.append(paired(shown) if isinstance(shown, str) else "?")


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _address(value: object) -> str:
    address = value.get("address") if isinstance(value, dict) else None
    return paired(address)[:300] if isinstance(address, str) else ""


def _changed_outputs(outputs: object) -> list[str]:
    if not isinstance(outputs, dict):
        return []
    return sorted(
        paired(name)
        for name, change in outputs.items()
        if isinstance(change, dict) and change.get("actions") != ["no-op"]
    )


def _size(value: object) -> int:
    """Values in `value`, itself included."""
    if isinstance(value, dict):
        return 1 + sum(map(_size, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(_size, value))
    return 1 + len(value) // 100 if isinstance(value, str) else 1
