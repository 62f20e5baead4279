"""Credentials that the change stores in plain text (GOV-007).

Changes hold no secrets: they are redacted when they are made. The nodes that they point to are as the files have
them. So what is judged here is the node, and what is told is its key and what kind of credential it looks like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.models import Location, Match
from riskcheck.nodes import Mapping, Scalar, Sequence, render_path
from riskcheck.records import NamedTuple
from riskcheck.redact import looks_secret

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import TypeAlias

    from riskcheck.models import Change
    from riskcheck.nodes import KeyPath, Node
    from riskcheck.rules.context import CheckContext
    from riskcheck.runfacts import ChangedText, RunFacts

    Judged: TypeAlias = dict[tuple[int, KeyPath, bool], list[tuple["Leaf", str]]]
    """What was said of the texts of a node, by its identity, its path and whether it is of a Secret."""

REFERRING: Final = frozenset(
    {
        *(
            "valueFrom",
            "secretKeyRef",
            "secretRef",
            "configMapKeyRef",
            "remoteRef",
            "secretStoreRef",
            "dataFrom",
        ),
        *("envFrom", "fieldRef", "imagePullSecrets", "existingSecret", "secretName"),
    }
)
"""Keys below which only names of secrets stand."""

SEALED: Final = frozenset(
    {
        *("SealedSecret", "ExternalSecret", "ClusterExternalSecret", "SecretStore", "ClusterSecretStore"),
        *("PushSecret", "SecretProviderClass", "VaultStaticSecret", "VaultDynamicSecret", "OnePasswordItem"),
        *("CustomResourceDefinition", "Certificate"),
    }
)
"""Kinds that hold secrets encrypted, or say where they are kept."""

ELSEWHERE: Final = frozenset(
    {
        *("test", "tests", "testdata", "fixtures", "__fixtures__", "mocks", "examples", "example", "samples"),
        *("sample", "docs", "e2e", "spec", "templates"),
    }
)
"""Folders of what nobody runs in earnest."""

VENDORED: Final = frozenset(
    {"node_modules", "vendor", "third_party", ".venv", "venv", ".terraform", "site-packages"}
)

ENDINGS: Final = (
    *(".yaml", ".yml", ".json", ".jsonc", ".toml", ".properties", ".env", ".ini", ".cfg", ".conf"),
    *(".tf", ".tfvars", ".hcl", ".xml"),
)

MARKS: Final = (
    *(
        "AKIA",
        "ASIA",
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "glpat-",
        "xox",
        "hooks.slack.com",
    ),
    *("dapi", "dose", "AIza", "npm_", "sk-", "hf_", "sha256~", "hvs.", "hvb.", ".eyJ", "PRIVATE KEY"),
)
"""One of these is in every text of which `secret_shapes` tells a form: most texts need no pattern."""

HOLDERS: Final = frozenset({"value", "default", "values"})
"""Keys that hold what the key, or the name, above them says."""

_SECRET_FIELDS: Final = frozenset({"data", "stringData"})


class Leaf(NamedTuple):
    """One text that the change brings. label: the key, or the name beside ``value``, that says what it is.
    encoded: it is base64, as in the `data` of a Secret. secret: its place alone says that it is secret."""

    path: KeyPath
    node: Scalar
    label: str
    encoded: bool = False
    secret: bool = False


def leaked(subject: RunFacts, context: CheckContext) -> Iterator[Match]:
    """Each place at which the change writes what looks like a credential. Values: ``what``, ``where``."""
    found: dict[tuple[str, int, int], tuple[Change, Leaf, str, dict[str, None]]] = {}
    known_leaves: Judged = {}
    for change in subject.changes:
        for leaf, what in _suspicious(change, known_leaves):
            node = leaf.node
            key = (node.source.path, node.file_line, node.column)
            known = found.setdefault(key, (change, leaf, what, {}))
            known[3][change.environment.name] = None
    before = _written_before(subject) if found else frozenset()
    for change, leaf, what, environments in found.values():
        if leaf.node.raw not in before:
            yield Match(
                {"what": what, "where": render_path(leaf.path) or leaf.label},
                node=leaf.node,
                environments=tuple(environments),
                resources=(change.resource.address,),
            )
    told = {(path, line) for path, line, _ in found}
    for text in subject.texts():
        if _is_configuration(text.path):
            yield from _in_lines(text, told)


def _in_lines(text: ChangedText, told: set[tuple[str, int]]) -> Iterator[Match]:
    """Credentials of known forms in new lines that no change of a value speaks for: comments, files that nothing
    deploys, documents that cannot be parsed."""
    lines = text.after.split("\n")
    known = set(text.before.split("\n"))
    new = [number for number, line in enumerate(lines, start=1) if line not in known]
    # The form of a private key shows on the line below its heading.
    written = "\n".join(line for number in new for line in lines[number - 1 : number + 1])
    if not any(mark in written for mark in MARKS):
        return
    from riskcheck.rules.checks.secret_shapes import credential

    for number in new:
        # A folded value may be told a line above: its key's.
        if {(text.path, number), (text.path, number - 1)} & told:
            continue
        line = lines[number - 1]
        what = credential("\n".join(lines[number - 1 : number + 1]) if "PRIVATE KEY" in line else line)
        if what is not None:
            yield Match(
                {"what": what, "where": "this line"},
                location=Location(text.path, "head", number, 1, number, len(line) + 1),
            )


def _is_configuration(path: str) -> bool:
    """Whether `path` is configuration that somebody wrote, wherever it lies."""
    *folders, name = path.lower().split("/")
    if not ELSEWHERE.isdisjoint(folders) or not VENDORED.isdisjoint(folders):
        return False
    return name.endswith(ENDINGS) or name.startswith(".env") or name in ("dockerfile", "jenkinsfile")


def _suspicious(change: Change, known: Judged) -> Collection[tuple[Leaf, str]]:
    """Those texts that head has and base had not which look like a secret, and what they look like.

    known: what was said of nodes before. One node arrives in as many environments as read its file.
    """
    after = change.resource_after
    node = change.node_after if change.path else after.body if after and change.kind == "added" else None
    if node is None or after is None or after.kind in SEALED:
        return ()
    secret = after.platform == "kubernetes" and after.kind == "Secret"
    key = (id(node), change.path, secret)
    if key not in known:
        steps = node.source.path.lower().split("/")[:-1]
        left_alone = not ELSEWHERE.isdisjoint(steps) or not REFERRING.isdisjoint(change.path)
        leaves = () if left_alone else _below(node, change.path, _label(change.path), secret)
        known[key] = [(leaf, what) for leaf in leaves if (what := _suspicion(leaf)) is not None]
    return known[key]


def _below(node: Node, path: KeyPath, label: str, secret: bool) -> Iterator[Leaf]:
    if isinstance(node, Scalar):
        inside = secret and bool(path) and path[0] in _SECRET_FIELDS
        yield Leaf(path, node, label, inside and path[0] == "data", inside)
    elif isinstance(node, Mapping):
        named = node.get("name")
        name = named.raw if isinstance(named, Scalar) else label
        for key, child in node.entries:
            if key.raw not in REFERRING:
                yield from _below(child, (*path, key.raw), name if key.raw in HOLDERS else key.raw, secret)
    elif isinstance(node, Sequence):
        for number, child in enumerate(node.items):
            named = child.get("name") if isinstance(child, Mapping) else None
            step = named.raw if isinstance(named, Scalar) else str(number)
            yield from _below(child, (*path, f"[{step}]"), label, secret)


def _label(path: KeyPath) -> str:
    """The key that says what stands at `path`: ``[API_TOKEN]`` for ``env[API_TOKEN].value``."""
    for step in reversed(path):
        if step not in HOLDERS:
            return step.strip("[]")
    return ""


def _suspicion(leaf: Leaf) -> str | None:
    """What the text looks like, in words; None for nothing secret."""
    text = leaf.node.raw
    if len(text) < 10 or leaf.node.tag not in (None, "!!str", "tag:yaml.org,2002:str"):
        return None
    plain = _decoded(text) if leaf.encoded else text
    said = (leaf.secret or looks_secret(leaf.label)) and "public" not in leaf.label.lower()
    if not said and not _may_be_credential(plain):
        return None
    from riskcheck.rules.checks import secret_shapes

    found = secret_shapes.credential(plain)
    if found is None and said:
        return "a random secret" if secret_shapes.secret_text(plain) else None
    return found


def _may_be_credential(text: str) -> bool:
    """Whether `text` has what every form has that `secret_shapes.credential` knows."""
    return ("@" in text and "://" in text) or any(mark in text for mark in MARKS)


def _decoded(text: str) -> str:
    """Base64 as text; "" where it is none, or holds no text."""
    from base64 import b64decode

    try:
        return b64decode("".join(text.split()), validate=True).decode("ascii").strip()
    except ValueError:
        return ""


def _written_before(subject: RunFacts) -> frozenset[str]:
    """The texts that the change takes away or leaves: what only moves is in the history already."""
    found: set[str] = set()
    for change in subject.changes:
        node = change.node_before
        if not change.path and change.resource_before is not None:
            node = change.resource_before.body
        if node is not None:
            found.update(leaf.node.raw for leaf in _below(node, change.path, "", secret=False))
    return frozenset(found)
