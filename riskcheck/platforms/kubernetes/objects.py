"""Kubernetes objects: what an API server would be handed, whatever file it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeGuard

from riskcheck.nodes import Mapping, Node, Sequence
from riskcheck.platforms.kubernetes.edit import text
from riskcheck.platforms.kubernetes.scopes import is_cluster_scoped
from riskcheck.records import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Setting

NOT_OBJECTS: Final = frozenset(
    {
        "audit.k8s.io",
        "backstage.io",
        "config.kubernetes.io",
        "kind.x-k8s.io",
        "kubeadm.k8s.io",
        "kubelet.config.k8s.io",
        "kubeproxy.config.k8s.io",
        "kubescheduler.config.k8s.io",
        "kustomize.config.k8s.io",
        "apiserver.config.k8s.io",
        "client.authentication.k8s.io",
        "openslo",
        "score.dev",
        "skaffold",
    }
)
"""API groups of files that tools read and no API server stores."""

NO_NAMESPACE: Final = "_non_namespaceable_"
"""Effective namespace of cluster-scoped objects. Not a legal name, so it cannot clash."""


_IDENTIFYING: Final = ("metadata", "apiVersion", "kind")
"""Fields that tell which object it is."""


class Id(NamedTuple):
    """An identity that an object has or had. namespace: the effective one (``default`` where none is given)."""

    namespace: str
    name: str
    kind: str


class KubeObject:
    """One object and what kustomize remembers about it. Never mutated: `evolve` makes the next state.

    previous: identities before each renaming or move, oldest first. prefixes, suffixes: those added, innermost
    first. hashed: its name gets a content hash at the end. origin: the document or list item that declares it.
    generated: made by a generator. first_name: as first declared, before any prefix. partial: known only from what
    patches say, since the rest is out of reach. vars: names of the kustomize variables that take their value here.
    settings: those of kustomizations that had a hand in it.
    """

    __slots__ = (
        "body",
        "first_name",
        "generated",
        "group",
        "hashed",
        "id",
        "kind",
        "name",
        "namespace",
        "origin",
        "partial",
        "prefixes",
        "previous",
        "settings",
        "suffixes",
        "vars",
        "version",
    )

    def __init__(
        self,
        body: Mapping,
        origin: Node,
        *,
        generated: bool = False,
        hashed: bool = False,
        partial: bool = False,
    ) -> None:
        self.origin = origin
        self.previous: tuple[Id, ...] = ()
        self.prefixes: tuple[str, ...] = ()
        self.suffixes: tuple[str, ...] = ()
        self.hashed = hashed
        self.generated = generated
        self.partial = partial
        self.vars: tuple[str, ...] = ()
        self.settings: tuple[Setting, ...] = ()
        self._read(body)
        self.first_name = self.name

    def _read(self, body: Mapping) -> None:
        self.body = body
        self.group, self.version = split_api_version(text(body.get("apiVersion")))
        self.kind = text(body.get("kind"))
        self.name, self.namespace = name_of(body)
        self._identify()

    def _identify(self) -> None:
        clusterwide = is_cluster_scoped(self.api_version, self.kind)
        self.id = Id(NO_NAMESPACE if clusterwide else self.namespace or "default", self.name, self.kind)

    def evolve(
        self,
        body: Mapping | None = None,
        *,
        remember: bool = False,
        prefixes: tuple[str, ...] | None = None,
        suffixes: tuple[str, ...] | None = None,
        variables: tuple[str, ...] | None = None,
        setting: Setting | None = None,
    ) -> KubeObject:
        """The next state; with `remember`, the present identity joins the previous ones."""
        copy = KubeObject.__new__(KubeObject)
        copy.origin, copy.first_name = self.origin, self.first_name
        copy.hashed, copy.generated, copy.partial = self.hashed, self.generated, self.partial
        copy.previous = (*self.previous, self.id) if remember else self.previous
        copy.prefixes = self.prefixes if prefixes is None else prefixes
        copy.suffixes = self.suffixes if suffixes is None else suffixes
        copy.vars = self.vars if variables is None else variables
        copy.settings = self.settings if setting is None else (*self.settings, setting)
        if body is None or all(body.get(key) is self.body.get(key) for key in _IDENTIFYING):
            copy.body = self.body if body is None else body
            copy.group, copy.version, copy.kind = self.group, self.version, self.kind
            copy.name, copy.namespace, copy.id = self.name, self.namespace, self.id
        else:
            copy._read(body)
        return copy

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def cluster_scoped(self) -> bool:
        """Certainly cluster-scoped; a kind that is not built in counts as namespaced."""
        return self.id.namespace == NO_NAMESPACE

    @property
    def effective_namespace(self) -> str:
        return self.id.namespace

    @property
    def first_id(self) -> Id:
        return self.previous[0] if self.previous else self.id

    def __repr__(self) -> str:
        return f"KubeObject({self.kind} {self.namespace}/{self.name})"


def split_api_version(api_version: str) -> tuple[str, str]:
    """``apps/v1`` into group and version; the core group is ``""``."""
    group, slash, version = api_version.partition("/")
    return (group, version) if slash else ("", group)


def name_of(body: Mapping) -> tuple[str, str]:
    """Name and namespace; an object named by the API server is known by its ``generateName``."""
    metadata = body.get("metadata")
    if not isinstance(metadata, Mapping):
        return "", ""
    name = text(metadata.get("name"))
    if not name:
        prefix = text(metadata.get("generateName"))
        name = f"{prefix}*" if prefix else ""
    return name, text(metadata.get("namespace"))


def is_claimed(node: Node | None) -> TypeGuard[Mapping]:
    """Whether `node` says that it is an object: it has apiVersion and kind, of no tool's own group."""
    if not isinstance(node, Mapping):
        return False
    api_version, kind = text(node.get("apiVersion")), text(node.get("kind"))
    return bool(api_version and kind) and split_api_version(api_version)[0] not in NOT_OBJECTS


def has_broken_metadata(node: Mapping) -> bool:
    """Whether ``metadata`` is there and names nothing: it is no mapping, or its name no text. Files of tools have
    none at all."""
    metadata = node.get("metadata")
    if isinstance(metadata, Mapping):
        return metadata.get("name") is not None and not name_of(node)[0]
    return metadata is not None


def is_list(node: Mapping) -> bool:
    return text(node.get("kind")).endswith("List") and isinstance(node.get("items"), Sequence)


def claimed_in(root: Node | None) -> Iterator[Mapping]:
    """What one document says are objects, named or not, the items of (nested) lists each for itself."""
    pending: list[Node | None] = [root]
    while pending:
        node = pending.pop(0)
        if not is_claimed(node):
            continue
        items = node.get("items") if is_list(node) else None
        if isinstance(items, Sequence):
            pending.extend(items.items)
        else:
            yield node


def objects_in(root: Node | None) -> Iterator[KubeObject]:
    """The objects of one document that an API server would store: those with a name."""
    for node in claimed_in(root):
        if name_of(node)[0]:
            yield KubeObject(node, node)


def pairs_of(found: KubeObject, field: str) -> dict[str, str]:
    """Labels or annotations of an object."""
    node = found.body.at("metadata", field)
    return {key.raw: text(value) for key, value in node.entries} if isinstance(node, Mapping) else {}
