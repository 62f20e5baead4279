"""One kustomization at work: resources, generators, components, transformers, in kustomize's own order.

https://github.com/kubernetes-sigs/kustomize/blob/kustomize/v5.5.0/api/internal/target/kusttarget.go
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, TypeAlias

from riskcheck.models import Limitation, Setting, location_of
from riskcheck.nodes import Mapping, Node, Scalar, Sequence, Source
from riskcheck.platforms.kubernetes.edit import is_true, text
from riskcheck.platforms.kubernetes.kustomize import jsonpatch, transform
from riskcheck.platforms.kubernetes.kustomize.fields import (
    BUILT_IN,
    CLAIM_LABELS,
    Field,
    Fields,
    merged_fields,
    stated,
)
from riskcheck.platforms.kubernetes.kustomize.patches import (
    Patch,
    Selection,
    patched,
    read_inline,
    standing_in,
)
from riskcheck.platforms.kubernetes.kustomize.paths import is_remote, resolve
from riskcheck.platforms.kubernetes.kustomize.patterns import UnsupportedPatternError
from riskcheck.platforms.kubernetes.kustomize.shape import faults_of, mappings, strings
from riskcheck.platforms.kubernetes.objects import Id, KubeObject
from riskcheck.trees import UnreadableError

if TYPE_CHECKING:
    from riskcheck.platforms.kubernetes.kustomize import generate
    from riskcheck.platforms.kubernetes.kustomize.accumulation import Build
    from riskcheck.platforms.kubernetes.kustomize.build import Builder

_Change: TypeAlias = Callable[[KubeObject], KubeObject]

MAX_OBJECTS: Final = 20_000
"""Objects of one overlay: two prefixed copies of a base that has two prefixed copies of a base … add up."""

_PLUGINS: Final = (
    "generators",
    "transformers",
    "helmCharts",
    "helmChartInflationGenerator",
)


class Step:
    """One kustomization at work on one accumulation."""

    def __init__(self, builder: Builder, build: Build, directory: str, path: str, root: Mapping) -> None:
        self.builder = builder
        self.build = build
        self.directory = directory
        self.path = path
        self.root = root

    def run(self) -> None:
        """Adds what the kustomization names and applies it to all that has accumulated."""
        for message, node in faults_of(self.root):
            self._limit("invalid", message, node)
        for field in ("resources", "bases"):
            for node in strings(self.root.get(field)):
                self._resource(node)
        self._configure()
        schema = self.root.get("openapi")
        if isinstance(schema, Mapping) and text(schema.get("path")):
            self._limit(
                "unsupported", "openapi schemas are not read: lists of such kinds are replaced", schema
            )
        self._generate("configMapGenerator", "ConfigMap")
        self._generate("secretGenerator", "Secret")
        for name in _PLUGINS:
            unsupported = self.root.get(name)
            if unsupported is not None and (not isinstance(unsupported, Sequence) or unsupported.items):
                self.build.incomplete[self.directory] = self.root
                self._limit("unsupported", f"{name} are not evaluated", self.root.key(name) or unsupported)
        for node in strings(self.root.get("components")):
            self._component(node)
        if not self.build.full:
            self._transform()
            self._declare_vars()

    def _configure(self) -> None:
        """Where to look, from here on: the built-in places, those of ``configurations`` and ``crds``, and what the
        kustomizations below go by."""
        named = strings(self.root.get("configurations"))
        definitions = strings(self.root.get("crds"))
        if not named and not definitions:
            self.build.fields = self.build.fields or BUILT_IN
            return
        from riskcheck.platforms.kubernetes.kustomize import configuration

        known = self.build.fields or configuration.NOTHING
        roots = [root for node in named for root in self._roots(node) if isinstance(root, Mapping)]
        crds = [root for node in definitions for root in self._roots(node) if isinstance(root, Mapping)]
        try:
            own = configuration.merged((BUILT_IN, *map(configuration.stated_in, roots)))
            declared = [configuration.declared_in(root) for root in crds]
            self.build.fields = configuration.merged((known, own, *declared))
        except configuration.ConflictError as conflict:
            self.build.fields = self.build.fields or BUILT_IN
            self._limit("invalid", str(conflict), (named or definitions)[0])

    def _declare_vars(self) -> None:
        declared = mappings(self.root.get("vars"))
        if declared:
            from riskcheck.platforms.kubernetes.kustomize import variables

            for message, node in variables.declare(self.build, declared):
                self._limit("var", message, node)

    # Resources

    def _resource(self, node: Scalar) -> None:
        target = self._local(node)
        if target is None:
            return
        entry = self.builder.tree.entry(target) if target else None
        if entry is not None:
            self.build.read.add(target)
            self._add(self.builder.manifests.objects(target, self.build.limitations), node)
            return
        if self.builder.kustomization_in(target) is None:
            self._limit("missing", f"{node.raw} does not exist", node)
            return
        below = self.builder.accumulate(target)
        self.build.absorb(below)
        self._add(below.objects, node)

    def _component(self, node: Scalar) -> None:
        target = self._local(node)
        if target is None:
            return
        if self.builder.kustomization_in(target) is None:
            self._limit("missing", f"{node.raw} has no kustomization", node)
            return
        before = {id(found) for found in self.build.objects}
        self.builder.into(self.build, target)
        setting = Setting("component", node)
        self.build.objects = [
            found
            if id(found) in before
            else self._changed(found, lambda one: one.evolve(setting=setting), (node, "component"))
            for found in self.build.objects
        ]

    def _local(self, node: Scalar) -> str | None:
        """The path of the tree that `node` names; None, with a limitation, where it is elsewhere."""
        target = resolve(self.directory, node.raw)
        if target is not None and (
            self.builder.tree.entry(target) is not None or self.builder.kustomization_in(target) is not None
        ):
            return target
        if is_remote(node.raw):
            self.build.incomplete[self.directory] = self.root
            self._limit("remote-base", f"{node.raw} is not fetched", node)
            return None
        if target is None:
            self._limit("outside-tree", f"{node.raw} lies outside the tree", node)
        return target

    def _add(self, objects: Iterable[KubeObject], node: Node) -> None:
        if self.build.full:
            return
        present = {_key(found) for found in self.build.objects}
        for found in objects:
            key = _key(found)
            if key in present:
                self._limit("conflict", f"{found.kind} {found.name} is already there", node)
                continue
            if len(present) >= MAX_OBJECTS:
                self.build.full = True
                message = f"more than {MAX_OBJECTS:,} objects"
                self.build.limit(
                    Limitation(self.path, "too-large", message, None, self.builder.tree.side, failed=True),
                )
                return
            present.add(key)
            self.build.objects.append(found)

    # Generators

    def _generate(self, field: str, kind: str) -> None:
        options = self.root.get("generatorOptions")
        options = options if isinstance(options, Mapping) else None
        stated_here = mappings(self.root.get(field))
        if not stated_here:
            return
        from riskcheck.platforms.kubernetes.kustomize import generate

        for arguments in stated_here:
            try:
                self._meet(generate.generate(kind, arguments, options, self._content), arguments)
            except generate.GeneratorError as error:
                self._limit("generator", str(error), error.node)
            except UnreadableError as error:
                self._limit(error.kind, f"{error.path}: {error.message}", arguments)

    def _content(self, node: Scalar, written: str) -> tuple[bytes, Source]:
        target = resolve(self.directory, written)
        if not target:
            from riskcheck.platforms.kubernetes.kustomize import generate

            raise generate.GeneratorError(f"{written} lies outside the tree", node)
        content = self.builder.tree.read(target)
        self.build.read.add(target)
        return content, Source(target, self.builder.tree.side)

    def _meet(self, generated: generate.Generated, node: Node) -> None:
        new = generated.made
        present = self.build.objects
        known = [number for number, found in enumerate(present) if _was(found, new)]
        if generated.behavior in ("merge", "replace"):
            if len(known) != 1:
                if self.build.complete:
                    self._limit("generator", f"{len(known)} objects {new.name} to {generated.behavior}", node)
                elif not known:
                    new.partial = True
                    present.append(new)
                return
            from riskcheck.platforms.kubernetes.kustomize import generate

            present[known[0]] = generate.combined(present[known[0]], generated)
        elif known:
            self._limit("conflict", f"{new.kind} {new.name} is already there", node)
        else:
            present.append(new)

    # Transformers

    def _transform(self) -> None:
        root, fields = self.root, self.build.fields
        assert fields is not None
        for node in strings(root.get("patchesStrategicMerge")):
            self._patch(node, self._documents_of(node), None, Patch())
        self._patches("patches", remember=True)
        namespace = root.get("namespace")
        if isinstance(namespace, Scalar) and text(namespace):
            self._each(
                lambda found: transform.set_namespace(found, namespace, fields.namespace),
                *(namespace, fields, "namespace"),
            )
        prefix, suffix = root.get("namePrefix"), root.get("nameSuffix")
        if isinstance(prefix, Scalar) and text(prefix):
            self._each(
                lambda found: transform.add_prefix(found, prefix, fields.prefix), *(prefix, fields, "prefix")
            )
        if isinstance(suffix, Scalar) and text(suffix):
            self._each(
                lambda found: transform.add_suffix(found, suffix, fields.suffix), *(suffix, fields, "suffix")
            )
        for label in mappings(root.get("labels")):
            self._pairs(label.get("pairs"), _label_fields(label, fields), label, fields)
        self._pairs(root.get("commonLabels"), fields.common_labels, fields, "labels")
        self._pairs(root.get("commonAnnotations"), fields.annotations, fields, "annotations")
        self._patches("patchesJson6902", remember=False)
        for replicas in mappings(root.get("replicas")):
            self._replicas(replicas, fields.replicas)
        self._images(fields.images)
        self._replacements()

    def _each(self, change: _Change, *by: object) -> None:
        """by: see `_changed`."""
        self.build.objects = [self._changed(found, change, by) for found in self.build.objects]

    def _changed(self, found: KubeObject, change: _Change, by: tuple[object, ...]) -> KubeObject:
        """by: all that tells what `change` does, besides the object that it is given."""
        twins = self.builder.twins
        return change(found) if twins is None else twins.made(lambda: change(found), found, *by)

    def _pairs(self, pairs: Node | None, fields: tuple[Field, ...], *by: object) -> None:
        if isinstance(pairs, Mapping) and pairs.entries:
            self._each(lambda found: transform.set_pairs(found, pairs, fields), pairs, *by)

    def _replicas(self, replicas: Mapping, fields: tuple[Field, ...]) -> None:
        name, count = text(replicas.get("name")), replicas.get("count")
        if not isinstance(count, Scalar):
            return
        hit = False
        for number, found in enumerate(self.build.objects):
            ids = (*found.previous, found.id)
            matching = tuple(
                field
                for field in fields
                if any(
                    known.name == name and field.of.selects(found.group, found.version, known.kind)
                    for known in ids
                )
            )
            if matching:
                hit = True
                self.build.objects[number] = transform.set_replicas(found, count, matching)
        if not hit and self.build.complete:
            self._limit("patch-target", f"no workload {name} to set replicas of", replicas)

    def _images(self, fields: tuple[Field, ...]) -> None:
        changes: list[transform.ImageChange] = []
        for image in (*mappings(self.root.get("images")), *mappings(self.root.get("imageTags"))):
            try:
                changes.append(transform.image_changer(image))
            except UnsupportedPatternError as error:
                self._limit("unsupported", str(error), image)
        if changes:
            stated_here = (self.root.get("images"), self.root.get("imageTags"))
            self._each(lambda found: transform.set_images(found, changes, fields), *stated_here, fields)

    def _replacements(self) -> None:
        entries = mappings(self.root.get("replacements"))
        if not entries:
            return
        from riskcheck.platforms.kubernetes.kustomize import replace

        for entry in entries:
            path = entry.get("path")
            stated_here: list[Mapping] = [entry]
            if isinstance(path, Scalar):
                stated_here = []
                for root in self._roots(path):
                    stated_here += mappings(root) if isinstance(root, Sequence) else []
                    stated_here += [root] if isinstance(root, Mapping) else []
            for replacement in stated_here:
                try:
                    self.build.objects = replace.apply(self.build.objects, replacement)
                except replace.ReplacementError as error:
                    self._limit("replacement", str(error), replacement)

    # Patches

    def _patches(self, field: str, remember: bool) -> None:
        for entry in mappings(self.root.get(field)):
            path, inline = entry.get("path"), entry.get("patch")
            target = entry.get("target")
            options = entry.get("options")
            try:
                selection = Selection(target) if isinstance(target, Mapping) else None
            except UnsupportedPatternError as error:
                self._limit("patch", str(error), target or entry)
                continue
            how = Patch.of(options if isinstance(options, Mapping) else None, remember)
            setting = Setting("patch", entry) if selection is not None else None
            hits = 0
            if isinstance(inline, Scalar) and inline.raw.strip():
                hits = self._patch(inline, self._inline(inline), selection, how, setting)
            elif isinstance(path, Scalar):
                hits = self._patch(path, self._roots(path), selection, how, setting)
            if not hits and target is not None and selection is not None and self.build.complete:
                self.build.unmatched[id(entry)] = entry
                self._limit(
                    "patch-unmatched", "the patch selects no object, which kustomize passes over", target
                )

    def _documents_of(self, node: Scalar) -> list[Node]:
        """An entry of ``patchesStrategicMerge``: a patch, or the path of one."""
        return self._inline(node) if "\n" in node.raw or ": " in node.raw else self._roots(node)

    def _inline(self, node: Scalar) -> list[Node]:
        twins, documents = self.builder.twins, self.builder.documents
        if twins is None:
            roots, problem = read_inline(node, documents)
        else:
            roots, problem = twins.made(lambda: read_inline(node, documents), node)
            for root in roots:
                root.source.side = node.source.side
        if problem is not None:
            self._limit("parse-error", problem, node)
        return roots

    def _roots(self, node: Scalar) -> list[Node]:
        """The documents of the file that `node` names."""
        target = resolve(self.directory, node.raw)
        if not target or self.builder.tree.entry(target) is None:
            if is_remote(node.raw):
                self.build.incomplete[self.directory] = self.root
                self._limit("remote-base", f"{node.raw} is not fetched", node)
            else:
                self._limit("missing", f"{node.raw} does not exist", node)
            return []
        self.build.read.add(target)
        return self.builder.manifests.roots(target, self.build.limitations)

    def _patch(
        self,
        node: Node,
        roots: list[Node],
        selection: Selection | None,
        how: Patch,
        setting: Setting | None = None,
    ) -> int:
        """How many objects all of `roots` met; at least 1 where one of them is wrong."""
        met = 0
        for root in roots:
            try:
                objects, hits = patched(self.build.objects, root, selection, how, setting, self.builder.twins)
            except (jsonpatch.PatchError, UnsupportedPatternError) as error:
                self._limit("patch", str(error), node)
                met += 1
                continue
            self.build.objects = objects
            met += hits
            if hits:
                continue
            if self.build.complete:
                if selection is None:
                    self._limit("patch-target", "the patch matches no object", node)
                continue
            unseen = standing_in(root, selection)
            if unseen is not None:
                self._add([unseen], node)
        return met if roots else 1

    def _limit(self, kind: str, message: str, node: Node) -> None:
        place = location_of(node)
        self.build.limit(Limitation(place.path, kind, message, place.line, place.side))


def _key(found: KubeObject) -> tuple[str, str, Id]:
    return (found.group, found.version, found.id)


def _was(found: KubeObject, new: KubeObject) -> bool:
    """Whether `found` is, or was, what `new` is called."""
    same = (found.group, found.version) == (new.group, new.version)
    return same and any(known == new.id for known in (*found.previous, found.id))


def _label_fields(label: Mapping, fields: Fields) -> tuple[Field, ...]:
    chosen = [stated(label.get("fields")), fields.labels]
    if is_true(label.get("includeSelectors")):
        chosen.append(fields.common_labels)
    else:
        if is_true(label.get("includeTemplates")):
            chosen.append(fields.template_labels)
        if is_true(label.get("includeVolumeClaimTemplates")):
            chosen.append(CLAIM_LABELS)
        chosen.append((Field(("metadata", "labels"), create=True),))
    return merged_fields(*chosen)
