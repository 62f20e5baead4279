"""A software bill of materials of the wheel: CycloneDX 1.6, JSON.

    python -m supplychain.sbom FILE

The wheel is built and installed with all extras at the locked versions into an environment of its own;
cyclonedx-py describes what is then there, with licences and who needs whom. Added here: the digests of the wheel
and of the files that were installed, and the graph library, which no package index knows of. Neither a time nor a
number of its own is in it: the same commit gives the same bytes on the same system and Python.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Final

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name, parse_wheel_filename

from supplychain.lock import ROOT, asked, project

VERSION: Final = "1.6"
LIBRARY: Final = ROOT / "riskcheck/report/html/library.json"

Json = dict[str, Any]


def main() -> None:
    out = Path(sys.argv[1])
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(rendered(document()), encoding="utf-8")
    print(f"{out}: {len(json.loads(out.read_text('utf-8'))['components'])} components")


def document() -> Json:
    """The bill of the wheel that this checkout makes. Ends the process where that cannot be built or installed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _run("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
        (wheel,) = folder.glob("*.whl")
        environment = folder / "venv"
        # Without pip, which is no part of what runs.
        _run("-m", "venv", "--without-pip", str(environment))
        python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        installed = _installed(python, folder / "installed.json", wheel)
        told = _described(python, folder / "bom.json")
        with zipfile.ZipFile(wheel) as packed:
            drawn = any(name.startswith("riskcheck/_data/vendor/") for name in packed.namelist())
    _complete(told, wheel.name, installed)
    if drawn:
        _add_library(told)
    return told


def _installed(python: Path, report: Path, wheel: Path) -> dict[str, str]:
    """Installs the wheel and what it runs with. Name of each package to the SHA-256 of what it came from."""
    pip = ["-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check"]
    locks = [name for name in asked(project()) if name not in ("build", "dev")]
    files = [part for name in locks for part in ("--requirement", f"requirements/{name}.txt")]
    _run(*pip, "--report", str(report), "--require-hashes", *files)
    found: dict[str, str] = {}
    for one in json.loads(report.read_text("utf-8"))["install"]:
        digest = one["download_info"]["archive_info"]["hashes"]["sha256"]
        found[canonicalize_name(one["metadata"]["name"])] = digest
    _run(*pip, "--no-deps", str(wheel))
    return {**found, "riskcheck": hashlib.sha256(wheel.read_bytes()).hexdigest()}


def _described(python: Path, out: Path) -> Json:
    command = ["-m", "cyclonedx_py", "environment", "--output-reproducible", "--output-format", "JSON"]
    command += [
        "--spec-version",
        VERSION,
        "--mc-type",
        "application",
        "--pyproject",
        str(ROOT / "pyproject.toml"),
    ]
    _run(*command, "--output-file", str(out), str(python))
    told: Json = json.loads(out.read_text("utf-8"))
    return told


def _complete(told: Json, wheel: str, installed: dict[str, str]) -> None:
    """Adds version and digests."""
    version = str(parse_wheel_filename(wheel)[1])
    root = told["metadata"]["component"]
    root |= {"version": version, "purl": f"pkg:pypi/riskcheck@{version}"}
    for one in (root, *told["components"]):
        one["hashes"] = [{"alg": "SHA-256", "content": installed[canonicalize_name(one["name"])]}]


def _add_library(told: Json) -> None:
    library = _library()
    told["components"].append(library)
    told["dependencies"].append({"ref": library["bom-ref"]})
    (needs,) = (one for one in told["dependencies"] if one["ref"] == told["metadata"]["component"]["bom-ref"])
    needs["dependsOn"] = sorted([*needs["dependsOn"], library["bom-ref"]])


def _library() -> Json:
    """The graph library that is built in."""
    told = json.loads(LIBRARY.read_text("utf-8"))
    algorithm, _, digest = told["integrity"].partition("-")
    assert algorithm == "sha512"
    purl = f"pkg:npm/{told['name']}@{told['version']}"
    address = f"https://registry.npmjs.org/{told['archive']}"
    archive = {"alg": "SHA-512", "content": base64.b64decode(digest).hex()}
    return {
        "bom-ref": purl,
        "type": "library",
        "name": told["name"],
        "version": told["version"],
        "purl": purl,
        "licenses": [{"license": {"id": told["license"]}}],
        "externalReferences": [{"type": "distribution", "url": address, "hashes": [archive]}],
        "components": [
            {
                "bom-ref": f"{purl}#{one['member']}",
                "type": "file",
                "name": f"riskcheck/_data/vendor/{name}",
                "hashes": [{"alg": "SHA-256", "content": one["sha256"]}],
            }
            for name, one in sorted(told["files"].items())
        ],
    }


def rendered(told: Json) -> str:
    """`told` as JSON text. Raises `ValueError` where it does not keep to the schema of CycloneDX."""
    text = json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    wrong = JsonStrictValidator(SchemaVersion.from_version(VERSION)).validate_str(text)
    if wrong is not None:
        raise ValueError(f"not CycloneDX {VERSION}: {wrong}")
    return text


def _run(*arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"python {' '.join(arguments)}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
