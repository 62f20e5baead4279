"""Versions of Spark, Scala and Python that an application puts together (SPK-012)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from riskcheck.nodes import Mapping, Node, Scalar, Sequence
from riskcheck.phrases import listed
from riskcheck.records import NamedTuple
from riskcheck.regexes import regex
from riskcheck.rules.checks.kubernetes_images import parse_image
from riskcheck.rules.checks.kubernetes_objects import text, text_at
from riskcheck.rules.checks.weaknesses import Weakness, matches
from riskcheck.sparkapps import application_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.models import Change, Match
    from riskcheck.rules.context import CheckContext

_BASES: Final = frozenset({"spark", "spark-py", "spark-r", "pyspark", "spark-python"})
"""Last part of the names of images whose tag is the version of Spark, as that of ``apache/spark`` is."""

_NUMBER: Final = regex(r"v?([2-9])\.([0-9]{1,2})(?:\.|-|_|$)")
_NAMED: Final = regex(r"spark[-_]?v?([2-9])\.([0-9]{1,2})(?:\.|-|_|$)")
_SCALA: Final = regex(r"scala[-_]?(2\.1[0-9])")
_SUFFIX: Final = regex(r"_(2\.1[0-9])(?=[-:_.]|$)")
_OF_SPARK: Final = regex(r"(?:^|[/:])spark-[a-z0-9-]+_2\.1[0-9][-:]([2-9])\.([0-9]{1,2})\.")
_SCALA_SINCE_4: Final = "2.13"
"""Spark 4 is built for Scala 2.13 alone: https://spark.apache.org/releases/spark-release-4-0-0.html"""

_Version = tuple[int, int]


class _Role(NamedTuple):
    """name: ``driver`` or ``executor``. image: in force. node: where it is written."""

    name: str
    image: str
    node: Node


class _Misfit(NamedTuple):
    """A library that does not fit, and why."""

    reason: str
    node: Scalar


def version_skew(change: Change, context: CheckContext) -> Iterator[Match]:
    """Versions that do not go together, or another major one. Values: ``what``."""
    before, after = (application_of(one) for one in (change.resource_before, change.resource_after))
    if before is not None and after is not None:
        yield from matches(change, context, lambda: _problems(before, after))


def _problems(before: Mapping, after: Mapping) -> Iterator[Weakness]:
    yield from _major(before, after)
    skews = list(_against_images(before, after))
    yield from skews or _between_images(before, after)
    yield from _python(before, after)
    known = {(one.reason, one.node.raw) for one in _against_libraries(before)}
    new: dict[str, list[Scalar]] = {}
    for found in _against_libraries(after):
        if (found.reason, found.node.raw) not in known:
            new.setdefault(found.reason, []).append(found.node)
    for reason, nodes in new.items():
        names = listed([node.raw.rpartition("/")[2] for node in nodes], most=1)
        yield Weakness(f"{names}: {reason}", None, nodes[0])


def _major(before: Mapping, after: Mapping) -> Iterator[Weakness]:
    old, new = (text_at(one, "sparkVersion") for one in (before, after))
    was, becomes = _version(old), _version(new)
    if was is not None and becomes is not None and was[0] != becomes[0]:
        what = f"Spark goes from {old} to {new}, another major version"
        yield Weakness(what, before.get("sparkVersion"), after.get("sparkVersion"))


def _against_images(before: Mapping, after: Mapping) -> Iterator[Weakness]:
    """The version that the operator submits with and that of the image. Where the two agreed so far, the tag of an
    image of one's own says the version of Spark too."""
    old, new = (_version(text_at(one, "sparkVersion")) for one in (before, after))
    former = {role.name: role.image for role in _roles(before)}
    said: set[str] = set()
    for role in _roles(after):
        was = former.get(role.name)
        agreed = was is not None and old is not None and _leading(was) == old
        found = _of_image(role.image) or (_leading(role.image) if agreed else None)
        if new is None or found is None or found == new or role.image in said:
            continue
        there_already = was is not None and (_of_image(was) or old) != old
        if not there_already:
            said.add(role.image)
            stated = text_at(after, "sparkVersion")
            what = f"sparkVersion is {stated}, the image of the {role.name} is of Spark {_dotted(found)}"
            yield Weakness(what, None, role.node if was != role.image else after.get("sparkVersion"))


def _between_images(before: Mapping, after: Mapping) -> Iterator[Weakness]:
    if not _differ(before) and _differ(after):
        driver, executor = _roles(after)
        what = f"the driver runs {_short(driver.image)}, the executors {_short(executor.image)}"
        yield Weakness(what, None, executor.node)


def _differ(spec: Mapping) -> bool:
    """Whether driver and executors run different versions of one image, or of Spark."""
    roles = list(_roles(spec))
    if len(roles) < 2:
        return False
    driver, executor = (one.image for one in roles)
    if _repository(driver) == _repository(executor):
        return driver != executor
    versions = {_of_image(driver), _of_image(executor)}
    return None not in versions and len(versions) == 2


def _python(before: Mapping, after: Mapping) -> Iterator[Weakness]:
    old, new = (text_at(one, "pythonVersion") for one in (before, after))
    if old == "3" and new == "2":
        what = "Python goes from 3 to 2"
        yield Weakness(what, before.get("pythonVersion"), after.get("pythonVersion"))


def _against_libraries(spec: Mapping) -> Iterator[_Misfit]:
    """Libraries built for another Scala than the image, than each other, or for another Spark."""
    stated = _version(text_at(spec, "sparkVersion"))
    scala = _scala(spec, stated)
    first: str | None = None
    for node in _libraries(spec):
        suffix, of_spark = _SUFFIX.search(node.raw), _OF_SPARK.search(node.raw)
        if suffix is not None:
            first = first or suffix[1]
            if scala is not None and suffix[1] != scala:
                yield _Misfit(f"built for Scala {suffix[1]}, Spark runs on {scala}", node)
                continue
            if scala is None and suffix[1] != first:
                yield _Misfit(f"built for Scala {suffix[1]}, other libraries for {first}", node)
        if of_spark is not None and stated is not None and (int(of_spark[1]), int(of_spark[2])) != stated:
            yield _Misfit(f"made for another Spark than {_dotted(stated)}", node)


def _scala(spec: Mapping, stated: _Version | None) -> str | None:
    for role in _roles(spec):
        found = _SCALA.search(_tag(role.image))
        if found is not None:
            return found[1]
    return _SCALA_SINCE_4 if stated is not None and stated[0] >= 4 else None


def _libraries(spec: Mapping) -> Iterator[Scalar]:
    for path in (("deps", "jars"), ("deps", "packages")):
        node = spec.at(*path)
        for item in node.items if isinstance(node, Sequence) else ():
            if isinstance(item, Scalar):
                yield item
    main = spec.get("mainApplicationFile")
    if isinstance(main, Scalar):
        yield main


def _roles(spec: Mapping) -> Iterator[_Role]:
    shared = spec.get("image")
    for name in ("driver", "executor"):
        own = spec.at(name, "image")
        node = own if text(own) else shared
        image = text(node)
        if node is not None and image:
            yield _Role(name, image, node)


def _of_image(image: str) -> _Version | None:
    """The version of Spark where the name of the image says that its tag is one."""
    tag = _tag(image)
    named = _NAMED.search(tag)
    if named is not None:
        return int(named[1]), int(named[2])
    return _leading(image) if _repository(image).rpartition("/")[2] in _BASES else None


def _leading(image: str) -> _Version | None:
    return _version(_tag(image))


def _version(stated: str | None) -> _Version | None:
    found = _NUMBER.match(stated or "")
    return (int(found[1]), int(found[2])) if found is not None else None


def _tag(image: str) -> str:
    return parse_image(image).tag or ""


def _repository(image: str) -> str:
    return parse_image(image).name


def _short(image: str) -> str:
    return image.rpartition("/")[2]


def _dotted(version: _Version) -> str:
    return f"{version[0]}.{version[1]}"
