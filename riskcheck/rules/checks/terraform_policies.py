"""IAM policies of AWS, and what a new one grants beyond an old one.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.documents.hcl import EXPRESSION
from riskcheck.documents.scalars import plain_value
from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riskcheck.nodes import Value

Grade: TypeAlias = Literal["part", "wide", "total"]
"""How much a grant gives away, from least to most."""

_REDUCED: Final[dict[Grade, Grade]] = {"total": "wide", "wide": "part", "part": "part"}
"""What it comes to under conditions."""

_LONGEST: Final = 200_000
_MOST_STATEMENTS: Final = 200
_MOST_CONDITIONS: Final = 50

_POWERS: Final = frozenset({"iam", "sts", "organizations", "kms", "secretsmanager", "s3", "sso", "account"})
"""Services of which all rights on everything lead to all others, or to all data."""

_LEADING: Final = frozenset(
    f"iam:{action.lower()}"
    for action in (
        *(
            "PassRole",
            "CreatePolicyVersion",
            "SetDefaultPolicyVersion",
            "AttachRolePolicy",
            "AttachUserPolicy",
        ),
        *("AttachGroupPolicy", "PutRolePolicy", "PutUserPolicy", "PutGroupPolicy", "CreateAccessKey"),
        *("UpdateAssumeRolePolicy", "CreateLoginProfile", "UpdateLoginProfile", "AddUserToGroup"),
    )
) | {"sts:assumerole"}
"""Rights with which, on everything, one takes further ones."""

_TO_DATA: Final = frozenset(
    {
        *("secretsmanager:getsecretvalue", "kms:decrypt", "s3:getobject", "s3:putobject", "s3:deleteobject"),
        *(
            "s3:deletebucket",
            "s3:putbucketpolicy",
            "dynamodb:scan",
            "dynamodb:deletetable",
            "kms:creategrant",
        ),
    }
)
"""Rights to data and secrets that hold for a resource that can be named."""


class Grant(NamedTuple):
    """Something that is granted. key: equal for the same grant, wherever it stands. said: for people. node: where.
    places: the resources that it is on, where those are named. conditional: under conditions only."""

    key: tuple[str, ...]
    said: str
    grade: Grade
    node: Node
    places: frozenset[str] = frozenset()
    conditional: bool = False

    def includes(self, other: Grant) -> bool:
        """Whether nothing is granted by `other` that is not by this one."""
        if self.conditional and not other.conditional:
            return False
        if self.places and "*" not in self.places and not other.places <= self.places:
            return False
        return self.key == other.key or (bool(other.places) and fnmatchcase(other.key[0], self.key[0]))

    def beyond(self, old: Grant) -> Grant:
        """What this grants that `old` did not: of the same right on more resources by name, those, as a part."""
        more = self.places - old.places
        if not old.places or not more or "*" in more or not old.includes(self._replace(places=old.places)):
            return self
        return self._replace(said=f"{self.key[0]} on {_shown(more)}", grade="part", places=more)


class Statement(NamedTuple):
    """One statement, its names in lower case. except_: it names what it is *not* about. principals: ``*``, or
    ``AWS:…``; empty in policies of identities. conditions: ``operator:key`` to its values."""

    allows: bool
    actions: frozenset[str]
    except_: bool
    resources: frozenset[str]
    principals: frozenset[str]
    conditions: tuple[tuple[str, frozenset[str]], ...]
    node: Node

    @property
    def target(self) -> tuple[object, ...]:
        return (self.allows, self.actions, self.except_, self.resources, self.principals)


def statements_of(policy: Node | None) -> tuple[Statement, ...] | None:
    """The statements of a policy that is written as a value or as JSON text; None where it is not known."""
    if isinstance(policy, Scalar):
        return _of_text(policy)
    if not isinstance(policy, Mapping):
        return None
    held = policy.get("Statement")
    if isinstance(held, Scalar):
        return None
    nodes = list(held.items) if isinstance(held, Sequence) else [held] if held is not None else []
    return _read((plain_value(one, "yaml-1.2"), one) for one in nodes[:_MOST_STATEMENTS])


def _of_text(policy: Scalar) -> tuple[Statement, ...] | None:
    text = policy.raw
    if not text.lstrip().startswith("{") or len(text) > _LONGEST:
        return None
    from json import loads

    try:
        read = loads(text)
    except (ValueError, RecursionError):
        return None
    held = read.get("Statement") if isinstance(read, dict) else None
    items = held if isinstance(held, list) else [held] if isinstance(held, dict) else []
    return _read((one, policy) for one in items[:_MOST_STATEMENTS])


def _read(found: Iterable[tuple[Value, Node]]) -> tuple[Statement, ...] | None:
    statements = []
    for value, node in found:
        if not isinstance(value, dict):
            return None
        named = {key.lower(): held for key, held in value.items()}
        effect = named.get("effect")
        except_ = "notaction" in named or "notresource" in named or "notprincipal" in named
        statements.append(
            Statement(
                allows=not isinstance(effect, str) or effect.lower() != "deny",
                actions=_texts(named.get("action", named.get("notaction")), lower=True),
                except_=except_,
                resources=_texts(named.get("resource", named.get("notresource"))),
                principals=frozenset(_principals(named.get("principal", named.get("notprincipal")))),
                conditions=tuple(sorted(_conditions(named.get("condition")), key=lambda one: one[0])),
                node=node,
            )
        )
    return tuple(statements)


def _texts(value: Value, *, lower: bool = False) -> frozenset[str]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    texts = (one for one in items if isinstance(one, str))
    return frozenset(one.lower() if lower else one for one in texts)


def _principals(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for kind, held in value.items() if isinstance(value, dict) else ():
        for one in _texts(held):
            yield "*" if one == "*" and kind == "AWS" else f"{kind}:{one}"


def _conditions(value: Value) -> Iterator[tuple[str, frozenset[str]]]:
    if not isinstance(value, dict):
        if value is not None:
            yield "?", frozenset()
        return
    for operator, held in list(value.items())[:_MOST_CONDITIONS]:
        for key, values in held.items() if isinstance(held, dict) else ():
            items = values if isinstance(values, list) else [values]
            yield f"{operator}:{key}".lower(), frozenset(map(str, items))


def rights(statements: Iterable[Statement]) -> Iterator[Grant]:
    """The wide rights that a policy of an identity grants."""
    for statement in statements:
        if statement.allows:
            yield from _rights(statement)


def _rights(statement: Statement) -> Iterator[Grant]:
    everywhere = "*" in statement.resources
    where = "all resources" if everywhere else f"{_shown(statement.resources)}"
    conditional = bool(statement.conditions)
    places = frozenset({"*"}) if everywhere else statement.resources

    def grant(right: str, grade: Grade) -> Grant:
        reduced = _REDUCED[grade] if conditional else grade
        return Grant((right,), f"{right} on {where}", reduced, statement.node, places, conditional)

    if statement.except_:
        if everywhere and statement.actions:
            yield grant(f"all but {_shown(statement.actions)}", "total")
        return
    for action in sorted(statement.actions):
        service, _, name = action.partition(":")
        if action in ("*", "*:*"):
            yield grant("*", "total" if everywhere else "wide")
        elif name == "*":
            yield grant(action, "total" if everywhere and service in _POWERS else "wide")
        elif everywhere and (
            action in _LEADING or action in _TO_DATA or action in ("iam:put*", "iam:attach*")
        ):
            yield grant(action, "wide" if action in _LEADING else "part")


def openings(statements: Iterable[Statement]) -> Iterator[Grant]:
    """Who may use the thing that carries the policy: everybody, or other accounts."""
    for statement in statements:
        if not statement.allows:
            continue
        if "*" in statement.principals and not statement.conditions:
            said = f"{_shown(statement.actions)} for everybody"
            yield Grant(("everybody", *sorted(statement.actions)), said, "total", statement.node)
        elif statement.except_ and statement.principals and not statement.conditions:
            said = f"{_shown(statement.actions)} for all but {_shown(statement.principals)}"
            yield Grant(("all but", *sorted(statement.principals)), said, "total", statement.node)


def accounts(statements: Iterable[Statement]) -> dict[str, Node]:
    """The accounts that are let in, each with the statement that does."""
    found: dict[str, Node] = {}
    for statement in statements:
        for principal in statement.principals if statement.allows else ():
            kind, _, name = principal.partition(":")
            account = name if name.isdigit() else name.split(":")[4] if name.count(":") >= 5 else ""
            if kind == "AWS" and len(account) == 12 and account.isdigit():
                found.setdefault(account, statement.node)
    return found


def relaxed(old: Iterable[Statement], new: Iterable[Statement]) -> Iterator[Grant]:
    """Statements that hold under fewer conditions than before, and prohibitions that went."""
    before, after = list(old), list(new)
    for statement in after:
        same = [one for one in before if one.allows and one.target == statement.target]
        if not statement.allows or any(_is_weaker(one, statement) for one in same):
            continue
        found = [one for earlier in same for one in _relaxed(earlier, statement)]
        if found:
            name, grade = found[0]
            said = f"{_shown(statement.actions)}: the condition {name}"
            yield Grant(("condition", name), said, grade, statement.node)
    denied = [one for one in after if not one.allows]
    for statement in before:
        if not statement.allows and not any(_covers(one, statement) for one in denied):
            said = f"{_shown(statement.actions)} is no longer denied"
            yield Grant(("denied", *sorted(statement.actions)), said, "wide", statement.node)


def _is_weaker(one: Statement, other: Statement) -> bool:
    """Whether all that `other` asks for is enough for `one`, of the same rights."""
    asked = dict(other.conditions)
    return all(name in asked and _holds(asked[name], values) for name, values in one.conditions)


def _relaxed(old: Statement, new: Statement) -> Iterator[tuple[str, Grade]]:
    """The conditions that are asked for less, if in no other way more is. One more value by name lets in a part."""
    if not _is_weaker(new, old):
        return
    kept = dict(new.conditions)
    for name, values in old.conditions:
        if name not in kept:
            yield f"{name} is no longer asked for", "wide"
        elif kept[name] != values:
            more = kept[name] - values
            named = not any("*" in one or "?" in one or one.endswith("/0") for one in more)
            yield f"{name} may be {_shown(more)}", "part" if named else "wide"


def _holds(values: frozenset[str], asked: frozenset[str]) -> bool:
    """Whether each of `values` is one of those that are asked for, or within their patterns."""
    return all(any(one == other or fnmatchcase(one, other) for other in asked) for one in values)


def _covers(new: Statement, old: Statement) -> bool:
    """Whether a prohibition is still there, if perhaps in other words: of those nothing is said."""
    if new.except_ or old.except_:
        return True
    same = all(any(fnmatchcase(one, other) for other in new.actions) for one in old.actions)
    return same or bool(new.actions & old.actions)


def _shown(values: Iterable[str]) -> str:
    from riskcheck.phrases import listed

    return listed((one[:120] for one in sorted(values)), 2) or "nothing"


def is_open(node: Node | None) -> bool:
    """Whether a value stayed an expression as a whole."""
    return isinstance(node, Scalar) and node.tag == EXPRESSION and not node.raw.lstrip().startswith("{")
