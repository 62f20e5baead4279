"""A real client of the language server, which runs as a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from tests.gitrepo import GitRepo

ROOT = Path(__file__).parents[2]
PATIENCE = 30
"""Seconds in which an answer comes, on a busy machine."""

Session = Callable[["Client"], Awaitable[None]]


class Client(LanguageClient):
    """An editor: it remembers what it was told last of each file, and all that was logged."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.shown: dict[str, list[types.Diagnostic]] = {}
        self.logged: list[str] = []
        self.heard = asyncio.Event()
        self.code: int | None = None

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
        def published(params: types.PublishDiagnosticsParams) -> None:
            self.shown[params.uri] = list(params.diagnostics)
            self.heard.set()

        @self.feature(types.WINDOW_LOG_MESSAGE)  # type: ignore[untyped-decorator]
        def logged(params: types.LogMessageParams) -> None:
            self.logged.append(params.message)
            self.heard.set()

    async def until(self, holds: Callable[[], object]) -> None:
        """Waits until the server has said what makes it hold."""

        async def wait() -> None:
            while not holds():
                self.heard.clear()
                await self.heard.wait()

        try:
            await asyncio.wait_for(wait(), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"never held; shown: {self.shown}, logged: {self.logged}") from None

    def codes(self, path: Path) -> list[object]:
        return [one.code for one in self.shown.get(path.as_uri(), [])]

    def open(self, path: Path, text: str | None = None) -> None:
        item = types.TextDocumentItem(
            path.as_uri(), "yaml", 1, path.read_text("utf-8") if text is None else text
        )
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def edit(self, path: Path, text: str, version: int = 2) -> None:
        """Types: nothing is saved."""
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version, path.as_uri()),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def close(self, path: Path) -> None:
        self.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(path.as_uri()))
        )

    def changed_on_disk(self, path: Path) -> None:
        """Says that a watched file changed."""
        event = types.FileEvent(path.as_uri(), types.FileChangeType.Changed)
        self.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    async def hover(self, path: Path, line: int) -> str:
        found = await self.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(path.as_uri()), types.Position(line, 3))
        )
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value


def session(
    repo: GitRepo,
    steps: Session,
    *folders: Path,
    encodings: list[types.PositionEncodingKind | str] | None = None,
    command: tuple[str, ...] = ("-m", "riskcheck", "lsp"),
) -> Client:
    """Starts the server, does `steps`, and ends it as an editor does. folders: of the workspace."""

    async def run() -> Client:
        client = Client()
        environ = {**repo.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(repo.path.parent / "cache")}
        environ["SYSTEMROOT"] = os.environ.get("SYSTEMROOT", "")
        await client.start_io(sys.executable, *command, cwd=repo.path, env=environ)
        await client.initialize_async(
            types.InitializeParams(
                types.ClientCapabilities(
                    general=types.GeneralClientCapabilities(position_encodings=encodings)
                ),
                workspace_folders=[
                    types.WorkspaceFolder(one.as_uri(), one.name) for one in folders or (repo.path,)
                ],
            )
        )
        client.initialized(types.InitializedParams())
        try:
            await steps(client)
        finally:
            await asyncio.wait_for(client.shutdown_async(None), PATIENCE)
            client.exit(None)
            await asyncio.wait_for(client._server.wait(), PATIENCE)  # type: ignore[union-attr]
            client.code = client._server.returncode  # type: ignore[union-attr]
            await client.stop()  # type: ignore[no-untyped-call]
        return client

    return asyncio.run(run())
