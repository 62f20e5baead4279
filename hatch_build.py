"""Puts the graph library of the HTML report into what is built.

`riskcheck/report/html/library.json` says which release of which library, with its digests. It is fetched from the
npm registry once, checked, and kept in ``vendor/`` of the checkout, where an editable install finds it. A source
distribution carries it, so that building a wheel from one needs no network. Where it cannot be had the build goes
on with a warning: the report then draws its graph without it, and says so.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import io
import json
import os
import re
import tarfile
import threading
import urllib.request
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SPECIFICATION = "riskcheck/report/html/library.json"
FOLDER = "vendor"
REGISTRY = "https://registry.npmjs.org/"
SECONDS_OF_SILENCE = 5
SECONDS = 20
"""For all of it: an installation by a hook must not wait for a network that does not answer."""
MOST_BYTES = 4_000_000


class LibraryUnavailable(Exception):
    """The library cannot be had, or is not the one that was asked for."""


class LibraryHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the library to a wheel as ``riskcheck/_data/vendor/``, to a source distribution as ``vendor/``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before each target is built. version: ``standard`` or ``editable``."""
        root = Path(self.root)
        specification = json.loads((root / SPECIFICATION).read_text("utf-8"))
        try:
            files = library(root / FOLDER, specification)
        except LibraryUnavailable as error:
            self.app.display_warning(
                f"{specification['name']} is left out: {error}. HTML reports draw their graphs without it."
            )
            return
        if version == "editable":
            return
        place = "riskcheck/_data/vendor" if self.target_name == "wheel" else FOLDER
        for file in files:
            build_data["force_include"][str(file)] = f"{place}/{file.name}"


def library(folder: Path, specification: dict[str, Any]) -> list[Path]:
    """The files of the library in `folder`, fetched where they are not there. Raises `LibraryUnavailable`."""
    wanted = {folder / name: one for name, one in specification["files"].items()}
    if all(file.is_file() and _sha256(file.read_bytes()) == one["sha256"] for file, one in wanted.items()):
        return list(wanted)
    archive = fetched(specification)
    try:
        folder.mkdir(exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            for file, one in wanted.items():
                member = tar.extractfile(one["member"])
                content = b"" if member is None else member.read()
                if _sha256(content) != one["sha256"]:
                    raise LibraryUnavailable(f"{one['member']} is not the file that was asked for")
                file.write_bytes(content)
    except (OSError, KeyError, tarfile.TarError) as error:
        raise LibraryUnavailable(f"cannot unpack it: {error}") from error
    return list(wanted)


def fetched(specification: dict[str, Any]) -> bytes:
    """The archive, checked against its digest, within `SECONDS`. Raises `LibraryUnavailable`.

    The registry is that of npm, or the one that NPM_CONFIG_REGISTRY names; urllib takes proxies and certificates
    from the environment.
    """
    settings = {name.lower(): one for name, one in os.environ.items()}
    registry = settings.get("npm_config_registry") or REGISTRY
    url = f"{registry.rstrip('/')}/{specification['archive']}"
    if not url.startswith(("https://", "http://")):
        raise LibraryUnavailable(f"{_shown(registry)} is no address of a registry")
    got: list[bytes | str] = []
    # In a thread, because a name with many addresses that do not answer costs the timeout of a socket for each.
    thread = threading.Thread(target=_download, args=(url, got), daemon=True)
    thread.start()
    thread.join(SECONDS)
    answer = got[0] if got else f"no answer within {SECONDS} s"
    if isinstance(answer, str):
        raise LibraryUnavailable(f"cannot fetch {_shown(url)}: {answer}")
    digest = base64.b64encode(hashlib.sha512(answer).digest()).decode()
    if f"sha512-{digest}" != specification["integrity"]:
        raise LibraryUnavailable(f"{_shown(url)} is not the archive that was asked for")
    return answer


def _download(url: str, got: list[bytes | str]) -> None:
    try:
        with urllib.request.urlopen(url, timeout=SECONDS_OF_SILENCE) as answer:  # noqa: S310 -- http(s), see above
            got.append(answer.read(MOST_BYTES))
    except (OSError, ValueError, http.client.HTTPException) as error:
        got.append(f"{type(error).__name__}: {_shown(str(error))}")


def _shown(address: str) -> str:
    """Without the password of a registry: what is warned of stands in the log of a build."""
    return re.sub(r"[^\s/@]{1,2000}@", "", address) if "@" in address else address


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
