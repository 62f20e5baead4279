"""The protocol's side: documents come in, diagnostics and hovers go out.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""

from __future__ import annotations

import gc
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer

from riskcheck import __version__
from riskcheck.errors import RunError
from riskcheck.lsp.judging import judge, root_of
from riskcheck.lsp.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from riskcheck.lsp.shown import Remark, Shown, Weight
    from riskcheck.lsp.texts import Encoding, Span

AT_ONCE: Final = 0.05
WHILE_TYPING: Final = 0.4
"""Seconds in which nothing more is typed before unsaved text is judged."""
_SEVERITY: Final[dict[Weight, types.DiagnosticSeverity]] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


class Server(LanguageServer):
    """Findings of every repository that a folder or an open document lies in."""

    def __init__(self) -> None:
        super().__init__("riskcheck", __version__)
        self._turns: Turns[Shown] = Turns(self._prepare, self._publish)
        self._remarks: dict[str, dict[str, list[Remark]]] = {}
        self._said: dict[str, str] = {}

    def look(self, path: str, delay: float) -> None:
        """Has the repository of `path` judged."""
        root = root_of(path)
        if root is not None:
            self._turns.ask(root, delay)
        elif os.path.isdir(path):
            self._log(path, f"{path} is in no git repository: nothing is compared there")

    def watch(self) -> None:
        """Asks to be told of files that change without the editor: a checkout, a commit."""
        workspace = self.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace is not None else None
        if watching is None or not watching.dynamic_registration:
            return
        patterns = ("**/*", "**/.git/HEAD", "**/.git/logs/HEAD")
        options = types.DidChangeWatchedFilesRegistrationOptions(
            [types.FileSystemWatcher(pattern) for pattern in patterns]
        )
        self.client_register_capability(
            types.RegistrationParams(
                [types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)]
            )
        )

    def look_at_folders(self) -> None:
        """Has the repositories of all folders of the workspace judged."""
        folders = [folder.uri for folder in self.workspace.folders.values()]
        if not folders and self.workspace.root_uri:
            folders = [self.workspace.root_uri]
        for uri in folders:
            if (path := _path(uri)) is not None:
                self.look(path, AT_ONCE)

    def look_at(self, uri: str, delay: float) -> None:
        """Has the repository of a document judged."""
        if (path := _path(uri)) is not None:
            self.look(path, delay)

    def leave(self, folders: Iterable[str]) -> None:
        """Takes back what is shown of the repositories of folders that left the workspace."""
        for path in filter(None, map(_path, folders)):
            root = root_of(path)
            for shown in self._remarks.pop(root or "", {}):
                self._send(root or "", shown, [])

    def explanations(self, uri: str, position: types.Position) -> list[Remark]:
        """What is shown at a place."""
        path = _path(uri)
        root = root_of(path) if path is not None else None
        if path is None or root is None:
            return []
        remarks = self._remarks.get(root, {}).get(_below(root, path), [])
        return [one for one in remarks if one.span.line <= position.line <= one.span.end_line]

    def end(self) -> None:
        """Starts no more runs."""
        self._turns.end()

    def report_server_error(self, error: Exception, source: object) -> None:
        """Errors go to the log: a person who types is not interrupted."""
        self._say(types.MessageType.Error, f"internal error: {type(error).__name__}: {error}")

    def _prepare(self, root: str) -> Callable[[], Shown]:
        texts = {}
        for document in list(self.workspace.text_documents.values()):
            path = _path(document.uri)
            if path is not None and root_of(path) == root:
                texts[_below(root, path)] = document.source
        return partial(_judged, root, texts, self._unit())

    def _unit(self) -> Encoding:
        encoding = self.workspace.position_encoding
        if encoding == types.PositionEncodingKind.Utf8:
            return "utf-8"
        return "utf-32" if encoding == types.PositionEncodingKind.Utf32 else "utf-16"

    def _publish(self, root: str, result: Shown | Exception) -> None:
        if isinstance(result, Exception):
            kind = "the run could not be made" if isinstance(result, RunError) else "internal error"
            said = str(result) if isinstance(result, RunError) else f"{type(result).__name__}: {result}"
            self._log(root, f"{kind}: {said}", types.MessageType.Error)
            return
        try:
            self._show(root, result)
        except Exception as error:  # noqa: BLE001  # the next run must still be shown
            self.report_server_error(error, type(self))

    def _show(self, root: str, result: Shown) -> None:
        by_path: dict[str, list[Remark]] = {}
        for one in result.remarks:
            if one.path:
                by_path.setdefault(one.path, []).append(one)
        gone = self._remarks.get(root, {}).keys() - by_path.keys()
        self._remarks[root] = by_path
        for path in sorted(gone):
            self._send(root, path, [])
        for path, remarks in by_path.items():
            self._send(root, path, remarks)
        self._log(root, f"{os.path.basename(root)}: {result.status}")

    def _send(self, root: str, path: str, remarks: list[Remark]) -> None:
        diagnostics = [
            types.Diagnostic(
                range=_range(one.span),
                message=one.message,
                severity=_SEVERITY[one.weight],
                code=one.code,
                code_description=types.CodeDescription(one.href) if one.href else None,
                source="riskcheck",
                related_information=[
                    types.DiagnosticRelatedInformation(
                        types.Location(self._uri(root, near.path), _range(near.span)), near.role
                    )
                    for near in one.beside
                ],
            )
            for one in remarks
        ]
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(self._uri(root, path), diagnostics)
        )

    def _uri(self, root: str, path: str) -> str:
        """As the editor spells it where the document is open: some compare the text."""
        whole = os.path.join(root, *path.split("/"))
        for document in self.workspace.text_documents.values():
            if _path(document.uri) == whole:
                return str(document.uri)
        for folder in self.workspace.folders.values():
            real = _path(folder.uri)
            if real is not None and whole.startswith(real + os.sep):
                whole = os.path.join(uris.to_fs_path(folder.uri) or real, whole[len(real) + 1 :])
                break
        return Path(whole).as_uri()

    def _log(self, root: str, text: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Says `text` once, until there is something else to say."""
        if self._said.get(root) != text:
            self._said[root] = text
            self._say(kind, text)

    def _say(self, kind: types.MessageType, text: str) -> None:
        from riskcheck.report.safe import plain

        self.window_log_message(types.LogMessageParams(kind, f"riskcheck: {plain(text)}"))


def _judged(root: str, texts: dict[str, str], unit: Encoding) -> Shown:
    try:
        return judge(root, texts, unit)
    finally:
        # Cycles are not collected while a run is made, as in every command; this process lives on, so after it.
        gc.collect()


def _path(uri: str) -> str | None:
    """The file that `uri` names, links resolved; None for what is no file of this machine: an unnamed document, a
    name that no file can have, another machine, which only to look for would tell it who is asking."""
    try:
        if not uri.startswith("file:") or urlsplit(uri).netloc not in ("", "localhost"):
            return None
        path = uris.to_fs_path(uri)
        return os.path.realpath(path) if path and os.path.isabs(path) else None
    except ValueError:
        return None


def _below(root: str, path: str) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/")


def _range(span: Span) -> types.Range:
    return types.Range(
        types.Position(span.line, span.character), types.Position(span.end_line, span.end_character)
    )
