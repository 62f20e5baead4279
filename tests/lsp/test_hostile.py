"""The language server with documents, places and messages that no editor should send."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types

from riskcheck.lsp.server import _path
from tests.gitrepo import GitRepo
from tests.lsp.client import ROOT, Client, session
from tests.lsp.test_server import FEWER
from tests.manifests import WEB


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"clusters/prod/web.yaml": WEB})
    return made


ODD = (
    "untitled:Untitled-1",
    "file://evil.example/share/x.yaml",
    "file:///a%00b.yaml",
    "file:relative.yaml",
    "file://[::1/x.yaml",
    "file:",
    "git:/x.yaml?ref",
    "https://evil.example/x.yaml",
    "vscode-notebook-cell:/x#0",
    "",
)


@pytest.mark.parametrize("uri", ODD)
def test_what_is_no_file_of_this_machine_is_none(uri: str) -> None:
    assert _path(uri) is None


def opened(client: Client, uri: str, text: str = "a: 1\n") -> None:
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "yaml", 1, text))
    )


def test_odd_documents_and_places_keep_nothing_from_being_shown(repo: GitRepo) -> None:
    web = repo.path / "clusters/prod/web.yaml"
    outside = repo.path.parent / "outside.yaml"
    outside.write_text("kind: x\n", "utf-8")

    async def steps(client: Client) -> None:
        for uri in (
            *ODD,
            f"{repo.path.as_uri()}/../outside.yaml",
            f"{repo.path.as_uri()}/%2e%2e/%2e%2e/etc/passwd",
        ):
            opened(client, uri)
        opened(client, (repo.path / "huge.yaml").as_uri(), "a: [" * 200_000)
        client.open(web, FEWER)
        await client.until(lambda: "K8S-001" in client.codes(web))
        document = types.VersionedTextDocumentIdentifier(2, web.as_uri())
        for line, character in ((0, 2**31 - 1), (10**6, 10**6), (4, 99)):
            span = types.Range(types.Position(line, character), types.Position(line, character))
            change = types.TextDocumentContentChangePartial(span, "\U0001f600")
            client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
            assert await client.hover(web, line) is not None
        client.edit(web, FEWER, 9)
        await client.until(lambda: "K8S-001" in client.codes(web))
        assert all(str(repo.path) in uri for uri in client.shown)

    assert session(repo, steps).code == 0


def test_a_flood_of_edits_is_judged_a_few_times(repo: GitRepo) -> None:
    web = repo.path / "clusters/prod/web.yaml"

    async def steps(client: Client) -> None:
        client.open(web)
        for number in range(500):
            client.edit(web, FEWER if number % 2 else WEB, number + 2)
        await asyncio.wait_for(client.until(lambda: "K8S-001" in client.codes(web)), 30)

    assert session(repo, steps).code == 0


def test_a_repository_that_goes_away_ends_nothing(repo: GitRepo) -> None:
    web = repo.path / "clusters/prod/web.yaml"

    async def steps(client: Client) -> None:
        client.open(web, FEWER)
        await client.until(lambda: "K8S-001" in client.codes(web))
        (repo.path / ".git").rename(repo.path / "git")
        (repo.path / ".git").write_text("gitdir: /proc/self/nowhere\n", "utf-8")
        client.changed_on_disk(web)
        await client.until(lambda: any("the run could not be made" in one for one in client.logged))
        (repo.path / ".git").unlink()
        (repo.path / "git").rename(repo.path / ".git")
        client.edit(web, WEB, 3)
        await client.until(lambda: client.codes(web) == [])

    assert session(repo, steps).code == 0


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.mark.parametrize(
    "message",
    [
        framed(b"{"),
        framed(b"[]"),
        framed(b"\xff\xfe"),
        framed(b'{"jsonrpc": "2.0", "id": 5, "method": "no/such"}'),
        framed(b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": 5}}'),
        framed(b"[" * 100_000),
        b"Content-Length: x\r\n\r\n{}",
        b"Content-Length: -5\r\n\r\n{}",
    ],
)
def test_a_message_that_is_none_is_passed_over_or_ends_the_server(repo: GitRepo, message: bytes) -> None:
    """It says no word of a traceback on stdout, which is the protocol's, and does not hang."""
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}
    bye = [{"jsonrpc": "2.0", "id": 2, "method": "shutdown"}, {"jsonrpc": "2.0", "method": "exit"}]
    sent = (
        framed(json.dumps(hello).encode())
        + message
        + b"".join(framed(json.dumps(one).encode()) for one in bye)
    )
    done = subprocess.run(
        [sys.executable, "-m", "riskcheck", "lsp"],
        input=sent,
        cwd=repo.path,
        env={**repo.environ, "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        capture_output=True,
        timeout=30,
    )
    assert done.stdout.startswith(b"Content-Length: ")
    assert b"Traceback" not in done.stdout
