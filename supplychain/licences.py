"""Whether the licences of what the wheel contains and runs with allow what is done with it.

    python -m supplychain.licences build/riskcheck.cdx.json

All of these may be used, changed and passed on, also sold, if their text and names stay with them. What is only
installed beside riskcheck is not passed on by it. Tools of development are neither passed on nor needed by users.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

ALLOWED: Final = frozenset(
    {
        *("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "PSF-2.0"),
        # How some say it that give no SPDX name: https://pypi.org/classifiers/
        "License :: OSI Approved :: BSD License",
        "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0",  # numpy, with what it is built from
    }
)


def main() -> None:
    told = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    print(table(told), end="")
    if found := unsuitable(told):
        sys.exit("\n".join(found))


def licences(told: dict[str, Any]) -> dict[str, list[str]]:
    """Name of each component of a bill of materials to its licences, as SPDX has them."""
    return {
        one["name"]: sorted(
            each.get("expression") or each["license"].get("id") or each["license"]["name"]
            for each in one.get("licenses", ())
        )
        for one in told["components"]
    }


def unsuitable(told: dict[str, Any]) -> list[str]:
    """What somebody has to look at before it is released, in words."""
    found = []
    for name, stated in licences(told).items():
        if not stated:
            found.append(f"{name} states no licence")
        found += [f"{name} is under {one}, which is not in ALLOWED" for one in stated if one not in ALLOWED]
    return found


def table(told: dict[str, Any]) -> str:
    """One line for each component, by name. Versions are left out: the bill of materials has them."""
    rows = [f"| {name} | {', '.join(stated)} |\n" for name, stated in sorted(licences(told).items())]
    return "| Component | Licence |\n|---|---|\n" + "".join(rows)


if __name__ == "__main__":
    main()
