"""What the container of a driver or an executor comes to: heap, overhead, off-heap and Python memory.

Formulas: ``BasicDriverFeatureStep`` and ``ResourceProfile.getResourcesForClusterManager`` of
https://github.com/apache/spark (Kubernetes and YARN alike): an explicit overhead replaces the derived one, which is
the factor of the heap, rounded down to MiB, and at least the floor. Factors:
https://spark.apache.org/docs/latest/configuration.html (``spark.{driver,executor}.memoryOverheadFactor``,
``spark.executor.minMemoryOverhead`` since 4.0) and
https://spark.apache.org/docs/latest/running-on-kubernetes.html (``spark.kubernetes.memoryOverheadFactor``: 0.4 for
what is no JVM application). The limit of the operator replaces that of the container:
https://github.com/kubeflow/spark-operator/blob/38082f33/internal/webhook/sparkpod_defaulter.go
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.records import NamedTuple
from riskcheck.spark.settings import MEMORY_LIMIT, Setting, Settings
from riskcheck.spark.sizes import MIB, size_in_bytes, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

Role: TypeAlias = Literal["driver", "executor"]

JVM_FACTOR: Final = 0.1
OTHER_FACTOR: Final = 0.4
FLOOR: Final = 384
"""MiB of overhead that are derived at least."""
DEFAULT_HEAP: Final = 1024
"""MiB of heap where nothing states it."""

_MOST: Final = 2**40
"""MiB above which a number is no memory."""


class Part(NamedTuple):
    """One part of a container. mib: its size. because: where it comes from, for people. setting: what states it."""

    name: str
    mib: int
    because: str
    setting: Setting | None = None


class Footprint(NamedTuple):
    """A container, if the application is written in `language` (``jvm`` or ``python``; R is as Python).

    parts: heap and overhead first. limit: what it is killed at, in MiB, where the operator is told another one.
    """

    role: Role
    language: Literal["jvm", "other"]
    parts: tuple[Part, ...]
    stated_limit: Part | None = None

    @property
    def total(self) -> int:
        """MiB that the container asks for."""
        return sum(part.mib for part in self.parts)

    @property
    def limit(self) -> int:
        """MiB at which it is killed."""
        return self.stated_limit.mib if self.stated_limit is not None else self.total

    def __str__(self) -> str:
        """``17.6 GiB (heap 16g, overhead 10 %)``."""
        return f"{spelled(self.limit * MIB)} ({', '.join(_spelled(part) for part in self.shown)})"

    @property
    def shown(self) -> tuple[Part, ...]:
        return (self.stated_limit,) if self.stated_limit is not None else self.parts


def footprints(settings: Settings, role: Role) -> tuple[Footprint, ...]:
    """What the container may come to, one for each language that the application may be written in; () where some
    part is not known, or where no container is made of it (on Databricks the node type decides)."""
    if settings.manager == "databricks" or (role == "driver" and settings.client):
        return ()
    wanted: dict[str, tuple[Literal["jvm", "other"], ...]] = {
        "jvm": ("jvm",),
        "python": ("other",),
        "r": ("other",),
    }
    found = (_footprint(settings, role, one) for one in wanted.get(settings.language, ("jvm", "other")))
    complete = [one for one in found if one is not None]
    if len({one.parts for one in complete}) == 1:
        return tuple(complete[:1])
    return tuple(complete)


def heap(settings: Settings, role: Role) -> Part | None:
    """The heap; None where it is not known. Where nothing states it, Spark's own default."""
    return _stated(settings, "heap", f"spark.{role}.memory", DEFAULT_HEAP)


def _footprint(settings: Settings, role: Role, language: Literal["jvm", "other"]) -> Footprint | None:
    parts = list(_parts(settings, role, language))
    limit = None
    if MEMORY_LIMIT[role] in settings.values:
        limit = _limit(settings.values[MEMORY_LIMIT[role]])
        if limit is None:
            return None
    found = tuple(part for part in parts if part is not None)
    return Footprint(role, language, found, limit) if len(found) == len(parts) else None


def _parts(settings: Settings, role: Role, language: str) -> Iterator[Part | None]:
    size = heap(settings, role)
    yield size
    yield None if size is None else overhead(settings, role, size.mib, language)
    if role == "executor":
        enabled = settings.flag("spark.memory.offHeap.enabled", default=False)
        if enabled is None:
            yield None
        elif enabled:
            yield _stated(settings, "off-heap", "spark.memory.offHeap.size", 0)
        if language == "other" and settings.language in ("python", "unknown"):
            python = _stated(settings, "Python", "spark.executor.pyspark.memory", 0)
            if python is None or python.mib:
                yield python


def overhead(settings: Settings, role: Role, heap_mib: int, language: str) -> Part | None:
    """What the container has beside the heap; None where it is not known."""
    key = f"spark.{role}.memoryOverhead"
    if key in settings.values:
        return _stated(settings, "overhead", key, 0)
    factor = _factor(settings, role, language)
    floor = _stated(settings, "", f"spark.{role}.minMemoryOverhead", FLOOR)
    if factor is None or floor is None:
        return None
    value, setting = factor
    derived = int(value * heap_mib)
    if derived < floor.mib:
        return Part("overhead", floor.mib, f"at least {floor.mib} MiB", floor.setting)
    return Part("overhead", derived, f"{value * 100:.4g} %", setting)


def _factor(settings: Settings, role: Role, language: str) -> tuple[float, Setting | None] | None:
    for key in (f"spark.{role}.memoryOverheadFactor", "spark.kubernetes.memoryOverheadFactor"):
        setting = settings.values.get(key)
        if setting is not None:
            try:
                value = float(setting.text) if setting.is_known else -1.0
            except ValueError:
                return None
            return (value, setting) if 0 <= value <= 100 else None
    return (OTHER_FACTOR if language == "other" else JVM_FACTOR), None


def _stated(settings: Settings, name: str, key: str, default: int) -> Part | None:
    setting = settings.values.get(key)
    if setting is None:
        return Part(name, default, "default")
    size = settings.bytes(key)
    mib = None if size is None else size // MIB
    if mib is None or mib > _MOST:
        return None
    bare = setting.text.strip().isdecimal()
    return Part(name, mib, spelled(mib * MIB) if bare else setting.text, setting)


def _limit(setting: Setting) -> Part | None:
    """A limit of the container: sizes as Spark has them, or Kubernetes quantities."""
    from riskcheck.quantities import NANO, quantity_nanos

    if not setting.is_known:
        return None
    size = size_in_bytes(setting.text)
    if size is None or setting.text.strip()[-1:].isdecimal():
        nanos = quantity_nanos(setting.text)
        size = None if nanos is None else nanos // NANO
    return None if size is None or size < 0 else Part("limit", size // MIB, setting.text, setting)


def _spelled(part: Part) -> str:
    return f"{part.name} {spelled(part.mib * MIB) if part.because == 'default' else part.because}"
