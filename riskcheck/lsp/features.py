"""Which messages of the editor lead to what."""

from __future__ import annotations

from lsprotocol import types

from riskcheck.lsp.server import AT_ONCE, WHILE_TYPING, Server


def make_server() -> Server:
    """A server that answers what it says that it can."""
    server = Server()

    @server.feature(types.INITIALIZED)
    def initialized(given: Server, params: types.InitializedParams) -> None:
        given.watch()
        given.look_at_folders()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(given: Server, params: types.DidOpenTextDocumentParams) -> None:
        given.look_at(params.text_document.uri, AT_ONCE)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(given: Server, params: types.DidChangeTextDocumentParams) -> None:
        given.look_at(params.text_document.uri, WHILE_TYPING)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(given: Server, params: types.DidSaveTextDocumentParams) -> None:
        given.look_at(params.text_document.uri, AT_ONCE)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(given: Server, params: types.DidCloseTextDocumentParams) -> None:
        given.look_at(params.text_document.uri, AT_ONCE)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def on_disk(given: Server, params: types.DidChangeWatchedFilesParams) -> None:
        for one in params.changes:
            given.look_at(one.uri, WHILE_TYPING)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders(given: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
        given.leave([one.uri for one in params.event.removed])
        given.look_at_folders()

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(given: Server, params: types.HoverParams) -> types.Hover | None:
        found = given.explanations(params.text_document.uri, params.position)
        if not found:
            return None
        text = "\n---\n\n".join(dict.fromkeys(one.markdown for one in found))
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))

    @server.feature(types.SHUTDOWN)
    def shutdown(given: Server, params: None) -> None:
        given.end()

    return server
