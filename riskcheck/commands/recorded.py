"""The run that a statement is about, asked for once more."""

from __future__ import annotations

import os
from calendar import timegm
from time import strptime
from typing import TYPE_CHECKING

from riskcheck.errors import RunError
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from riskcheck.commands.running import RunRequest
    from riskcheck.report.json import Json
    from riskcheck.sources.spec import RangeSpec


class Material(NamedTuple):
    """What a verifier has at hand. rejudge: judge again, not only compare digests."""

    repo: str
    from_dir: str | None = None
    to_dir: str | None = None
    config: str | None = None
    approvals: str | None = None
    databricks_plans: tuple[str, ...] = ()
    terraform_plans: tuple[str, ...] = ()
    rejudge: bool = True


def request_of(predicate: dict[str, Json], material: Material) -> RunRequest:
    """The run that the statement is about, to be made again at its moment.

    predicate: as the schema asks. Raises `RunError` where something that the run was given is not at hand.
    """
    from riskcheck.commands.running import RunRequest
    from riskcheck.evidence.reading import MOMENT, at
    from riskcheck.opening import state_environ
    from riskcheck.sources.spec import RangeSpec

    options, run = at(predicate, "options"), at(predicate, "run")
    spec = RangeSpec(
        root=os.path.abspath(material.repo),
        paths=_texts(at(predicate, "range")["paths"]),
        environ=state_environ(),
        clock=timegm(strptime(str(run["as_of"]), MOMENT)),
    )
    fail_on = options["fail_on"]
    return RunRequest(
        spec=_ranged(spec, at(predicate, "range"), material),
        format="json",
        fail_on=None if fail_on is None else str(fail_on),
        config=_config(predicate["policy"], material),
        select=_texts(options["select"]),
        ignore=_texts(options["ignore"]),
        waivers=bool(options["waivers"]),
        approvals=material.approvals,
        databricks_plans=material.databricks_plans,
        terraform_plans=material.terraform_plans,
        hook=bool(options["hook"]),
        exit_zero=bool(run["exit_zero"]),
    )


def _ranged(spec: RangeSpec, recorded: dict[str, Json], material: Material) -> RangeSpec:
    from riskcheck.evidence.reading import at

    sides = {name: at(recorded, name) for name in ("base", "head", "deciding")}
    ids = {name: at(side, "digest") for name, side in sides.items()}
    kind = sides["head"]["kind"]
    if kind == "directory":
        if material.from_dir is None or material.to_dir is None:
            raise RunError("two directories were compared: name copies of them with --from and --to")
        return spec._replace(
            root=os.getcwd(),
            from_dir=os.path.abspath(material.from_dir),
            to_dir=os.path.abspath(material.to_dir),
        )
    if kind in ("index", "worktree"):
        return spec._replace(staged=kind == "index")
    base = ids["base"].get("gitCommit") or ids["base"]["gitTree"]
    head, deciding = ids["head"].get("gitCommit"), ids["deciding"].get("gitCommit")
    if head is None:
        raise RunError("the run was about a branch that is deleted: nothing was judged")
    if deciding is None or deciding == base:
        return spec._replace(revision=f"{base}..{head}")
    return spec._replace(base=str(deciding), head=str(head))


def _config(policy: Json, material: Material) -> str | None:
    from riskcheck.filenames import POLICIES

    if not isinstance(policy, dict):
        return None
    if policy["read_from"] == "file":
        if material.config is None:
            raise RunError(
                f"the policy {policy['path']} was a file outside of the repository: give it with --config"
            )
        return os.path.abspath(material.config)
    path = str(policy["path"])
    if os.path.isabs(path):
        raise RunError(f"the policy is said to be in the repository, at {path}, which is no path of one")
    return None if path in POLICIES else path


def _texts(values: Json) -> tuple[str, ...]:
    assert isinstance(values, list)
    return tuple(str(one) for one in values)
