"""Properties in the arguments of ``spark-submit``.

https://spark.apache.org/docs/latest/submitting-applications.html ; options that stand for properties:
https://github.com/apache/spark/blob/master/core/src/main/scala/org/apache/spark/deploy/SparkSubmitArguments.scala
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OPTIONS: Final = {
    "--driver-cores": "spark.driver.cores",
    "--driver-memory": "spark.driver.memory",
    "--executor-cores": "spark.executor.cores",
    "--executor-memory": "spark.executor.memory",
    "--master": "spark.master",
    "--num-executors": "spark.executor.instances",
    "--total-executor-cores": "spark.cores.max",
}
"""Option to the property it sets. An option of its own wins over ``--conf``."""

_CONF: Final = ("--conf", "-c")


def properties_in(arguments: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Property, value and position of what `arguments` set, the weaker before the stronger.

    Both ``--conf key=value`` and ``--conf=key=value`` are read. Shell text in one argument is not.
    """
    strong: list[tuple[str, str, int]] = []
    number = 0
    while number < len(arguments):
        name, equals, attached = arguments[number].partition("=")
        wanted = name in _CONF or name in OPTIONS
        if not wanted or (not equals and number + 1 >= len(arguments)):
            number += 1
            continue
        number += 0 if equals else 1
        value = attached if equals else arguments[number]
        if name in OPTIONS:
            strong.append((OPTIONS[name], value, number))
        else:
            key, assigned, content = value.partition("=")
            if assigned and key:
                yield key.strip(), content.strip(), number
        number += 1
    yield from strong
