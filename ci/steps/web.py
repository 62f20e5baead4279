"""Requests to the API of GitHub or GitLab."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any, Final

from steps.problem import StepError, one_line

TIMEOUT: Final = 20.0
"""Seconds."""
LARGEST: Final = 32 * 1024 * 1024
MOST_PAGES: Final = 50
PAGE: Final = 100
_TRIES: Final = 3


class Refused(Exception):
    """status: of HTTP. The request was understood and not granted."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would take the token along, wherever it leads."""

    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)


def ask(method: str, url: str, headers: Mapping[str, str], body: object = None) -> Any:
    """The answer as JSON. Raises `Refused`, and `StepError` where there is no answer.

    Only questions are repeated: who writes twice leaves two comments.
    """
    if not url.startswith(("https://", "http://")):
        raise StepError(f"{url} is no address of an API")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310 - checked above
        url, data=data, method=method, headers={"Content-Type": "application/json", **headers}
    )
    for attempt in range(_TRIES):
        try:
            with _OPENER.open(request, timeout=TIMEOUT) as answer:
                return json.loads(answer.read(LARGEST) or b"null")
        except urllib.error.HTTPError as error:
            if method == "GET" and error.code >= 500 and attempt + 1 < _TRIES:
                time.sleep(attempt + 1)
                continue
            raise Refused(error.code, _words(error)) from None
        except (OSError, ValueError, RecursionError, http.client.HTTPException) as error:
            raise StepError(f"{method} {url.partition('?')[0]}: {one_line(str(error))}") from None
    raise AssertionError("unreachable")


def pages(url: str, headers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The objects of a list that comes in pages. Raises as `ask` and `objects`."""
    query = f"{url}{'&' if '?' in url else '?'}per_page={PAGE}"
    for page in range(1, MOST_PAGES + 1):
        listed = objects(ask("GET", f"{query}&page={page}", headers))
        yield from listed
        if len(listed) < PAGE:
            return


def objects(answer: object) -> list[dict[str, Any]]:
    """`answer` as a list of objects. Raises `StepError`."""
    if isinstance(answer, list) and all(isinstance(one, dict) for one in answer):
        return answer
    raise StepError("the API answered with something else than was asked for")


def identity(one: Mapping[str, Any]) -> int:
    """The number of a comment or an account. Raises `StepError`."""
    found = one.get("id")
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    raise StepError("the API answered with something else than was asked for")


def _words(error: urllib.error.HTTPError) -> str:
    """What the API says, in few words."""
    try:
        said = json.loads(error.read(100_000))
        message = str(said.get("message") or said.get("error") or "") if isinstance(said, dict) else ""
    except (OSError, ValueError, RecursionError, http.client.HTTPException):
        message = ""
    return f"HTTP {error.code} {one_line(message[:200])}".strip()
