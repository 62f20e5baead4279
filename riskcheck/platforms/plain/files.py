"""Which files hold configuration that people write, and which are made by tools or are no configuration at all."""

from __future__ import annotations

from typing import Final

from riskcheck.documents.store import format_of

_FOREIGN: Final = frozenset(
    {
        ".git",
        ".terraform",
        ".venv",
        "__fixtures__",
        "fixtures",
        "node_modules",
        "site-packages",
        "testdata",
        "third_party",
        "vendor",
        "venv",
    }
)
_LOCKS: Final = frozenset(
    {
        ".terraform.lock.hcl",
        "bun.lock",
        "cargo.lock",
        "chart.lock",
        "composer.lock",
        "conda-lock.yml",
        "deno.lock",
        "flake.lock",
        "gemfile.lock",
        "npm-shrinkwrap.json",
        "package-lock.json",
        "packages.lock.json",
        "pdm.lock",
        "pipfile.lock",
        "pnpm-lock.yaml",
        "poetry.lock",
        "pubspec.lock",
        "uv.lock",
        "yarn.lock",
    }
)
_TEXTS: Final = frozenset({"csv", "list", "lst", "txt"})
_SPARK: Final = "spark"


def is_configuration(path: str) -> bool:
    """Whether a path may be configuration: of a format that is read, neither vendored, a lock nor a fixture."""
    *directories, name = path.lower().split("/")
    return (
        format_of(path) not in (None, "hcl")
        and name not in _LOCKS
        and not name.endswith((".lock", ".lock.json", ".lock.yaml", ".min.json"))
        and _FOREIGN.isdisjoint(directories)
    )


def may_be_address_list(path: str) -> bool:
    """Whether it may be a list of addresses in text, told from its name: ``allowlist.txt``, ``ip-whitelist``."""
    *directories, name = path.lower().split("/")
    stem, _, ending = name.rpartition(".")
    plain = name if ending not in _TEXTS else stem
    return "." not in plain and "list" in plain and _FOREIGN.isdisjoint(directories)


def holds_spark_defaults(path: str) -> bool:
    """Whether it is by its name a file of Spark properties, which ``spark-submit`` takes as they are:
    ``spark-defaults.conf``, ``spark-prod.properties``."""
    name = path.rpartition("/")[2].lower()
    return format_of(path) == "properties" and (name.endswith(".conf") or name.startswith(_SPARK))
