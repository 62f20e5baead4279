"""The build hook that fetches the graph library: what it accepts, what it leaves out, and how long it waits."""

from __future__ import annotations

import base64
import hashlib
import io
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT, LICENCE = b"self.drawn = true", b"MIT"


def hook() -> Any:
    """`hatch_build.py`, which is no module of the package."""
    spec = spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["hatch_build"] = module
    spec.loader.exec_module(module)
    return module


def archive(script: bytes = SCRIPT) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in (("package/dist/x.min.js", script), ("package/LICENSE", LICENCE)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def specification(content: bytes, script: bytes = SCRIPT) -> dict[str, Any]:
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    return {
        "name": "x",
        "archive": "x/-/x-1.0.0.tgz",
        "integrity": f"sha512-{digest}",
        "files": {
            "x.min.js": {"member": "package/dist/x.min.js", "sha256": hashlib.sha256(script).hexdigest()},
            "x.LICENSE": {"member": "package/LICENSE", "sha256": hashlib.sha256(LICENCE).hexdigest()},
        },
    }


class Answer(BaseHTTPRequestHandler):
    def __init__(self, content: bytes, asked: list[str], pause: float, *args: Any) -> None:
        self.content, self.asked, self.pause = content, asked, pause
        super().__init__(*args)

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        for byte in (self.content[at : at + 1] for at in range(len(self.content))) if self.pause else ():
            time.sleep(self.pause)
            try:
                self.wfile.write(byte)
            except OSError:
                return
        if not self.pause:
            self.wfile.write(self.content)

    def log_message(self, *_: object) -> None:
        pass


Registry = Callable[..., list[str]]


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """Serves `content` as the registry; what it was asked for."""
    servers: list[ThreadingHTTPServer] = []

    def serve(content: bytes, pause: float = 0) -> list[str]:
        asked: list[str] = []
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Answer, content, asked, pause))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        monkeypatch.setenv("NPM_CONFIG_REGISTRY", f"http://127.0.0.1:{server.server_port}/npm/")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        return asked

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_the_library_is_fetched_once_and_kept(registry: Registry, tmp_path: Path) -> None:
    content = archive()
    asked = registry(content)
    for _ in range(2):
        files = hook().library(tmp_path / "vendor", specification(content))
        assert [file.read_bytes() for file in files] == [SCRIPT, LICENCE]
    assert asked == ["/npm/x/-/x-1.0.0.tgz"]


def test_an_edited_file_is_fetched_anew(registry: Registry, tmp_path: Path) -> None:
    content = archive()
    asked = registry(content)
    folder = tmp_path / "vendor"
    hook().library(folder, specification(content))
    (folder / "x.min.js").write_bytes(b"something else")
    hook().library(folder, specification(content))
    assert (folder / "x.min.js").read_bytes() == SCRIPT
    assert len(asked) == 2


def test_another_archive_is_refused(registry: Registry, tmp_path: Path) -> None:
    registry(archive(b"evil"))
    module = hook()
    with pytest.raises(module.LibraryUnavailable, match="is not the archive that was asked for"):
        module.library(tmp_path / "vendor", specification(archive()))
    assert not (tmp_path / "vendor").exists()


def test_another_file_in_the_right_archive_is_refused(registry: Registry, tmp_path: Path) -> None:
    content = archive(b"other")
    registry(content)
    module = hook()
    with pytest.raises(module.LibraryUnavailable, match="is not the file that was asked for"):
        module.library(tmp_path / "vendor", specification(content))


def test_no_network_is_told_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://127.0.0.1:1/")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    module = hook()
    with pytest.raises(module.LibraryUnavailable, match="cannot fetch"):
        module.library(tmp_path / "vendor", specification(archive()))


def test_a_registry_that_drips_is_not_waited_for(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    registry(archive(), pause=0.2)
    module = hook()
    monkeypatch.setattr(module, "SECONDS", 0.5)
    # Whoever waits for it gets it whole, after a minute.
    with pytest.raises(module.LibraryUnavailable, match="no answer within"):
        module.library(tmp_path / "vendor", specification(archive()))


@pytest.mark.parametrize("address", ["http://ci:s3cret@127.0.0.1:1/npm", "ftp://ci:s3cret@127.0.0.1/npm"])
def test_the_password_of_a_registry_is_not_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", address)
    module = hook()
    with pytest.raises(module.LibraryUnavailable) as caught:
        module.library(tmp_path / "vendor", specification(archive()))
    assert "s3cret" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_no_file_of_a_checked_repository_names_the_registry(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = registry(archive())
    (tmp_path / ".npmrc").write_text("registry=http://127.0.0.1:1/\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert hook().library(tmp_path / "vendor", specification(archive()))
    assert asked == ["/npm/x/-/x-1.0.0.tgz"]


def test_a_registry_is_an_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "file:///etc")
    module = hook()
    with pytest.raises(module.LibraryUnavailable, match="no address of a registry"):
        module.library(tmp_path / "vendor", specification(archive()))
