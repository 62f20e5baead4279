"""A small server that speaks the part of the APIs of GitHub and GitLab that comments need."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Forge:
    """What the server holds. comments: oldest first, in the shape of the forge. fail: path pattern to the
    status that it answers with, as often as the number says."""

    def __init__(self, user: dict[str, Any] | None) -> None:
        self.user = user
        self.comments: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.fail: dict[str, tuple[int, int]] = {}
        self.url = ""
        self.redirect = ""

    def add(self, author: str | int, body: str) -> int:
        number = 1000 + len(self.comments)
        self.comments.append(
            {"id": number, "user": {"login": author}, "author": {"id": author}, "body": body, "type": "Bot"}
        )
        return number

    def bodies(self, author: str | int) -> list[str]:
        return [one["body"] for one in self.comments if one["user"]["login"] == author]

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        self.requests.append((method, path))
        for pattern, (status, times) in self.fail.items():
            if re.search(pattern, f"{method} {path}") and times:
                self.fail[pattern] = (status, times - 1)
                return status, {"message": "Resource not accessible by integration"}
        if path.endswith("/user"):
            return (200, self.user) if self.user else (403, {"message": "not accessible by integration"})
        if method == "GET":
            page, size = int(query["page"][0]), int(query["per_page"][0])
            return 200, self.comments[(page - 1) * size : page * size]
        me: Any = (self.user or {}).get("login") or (self.user or {}).get("id") or "github-actions[bot]"
        if method == "POST":
            return 201, {"id": self.add(me, body["body"])}
        number = int(path.rpartition("/")[2])
        (one,) = [one for one in self.comments if one["id"] == number]
        one["body"] = body["body"]
        return 200, one


@contextmanager
def serving(forge: Forge) -> Iterator[Forge]:
    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            token = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or ""
            forge.tokens.add(token)
            if forge.redirect:
                self.send_response(302)
                self.send_header("Location", forge.redirect)
                self.end_headers()
                return
            status, answer = forge.answer(self.command, self.path, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = do_PUT = _handle

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    forge.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield forge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
