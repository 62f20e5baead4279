"""Writes the report as a comment of the pull request on GitHub.

https://docs.github.com/en/rest/issues/comments
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from steps.event import from_fork, number_of
from steps.judge import FILES
from steps.places import folder, given
from steps.problem import StepError, command
from steps.upsert import Comment, not_judged, report_at, upsert
from steps.web import Refused, ask, identity, objects, pages

ACTIONS: Final = "github-actions[bot]"
"""Who writes with the token of a job; that token may not ask who it is."""


class GitHub:
    """The comments of one pull request."""

    def __init__(self, api: str, repository: str, number: int, token: str, author: str) -> None:
        self._api = api.rstrip("/")
        self._repository = f"{self._api}/repos/{repository}"
        self._number = number
        self._author = author
        self._headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
            "User-Agent": "riskcheck",
        }

    def own(self) -> str:
        if self._author:
            return self._author
        try:
            (user,) = objects([ask("GET", f"{self._api}/user", self._headers)])
            return str(user.get("login") or ACTIONS)
        except Refused as refused:
            if refused.status in (401, 403):
                return ACTIONS
            raise

    def comments(self) -> Iterator[Comment]:
        url = f"{self._repository}/issues/{self._number}/comments"
        for one in pages(url, self._headers):
            yield Comment(identity(one), _login(one), str(one.get("body") or ""))

    def create(self, body: str) -> None:
        url = f"{self._repository}/issues/{self._number}/comments"
        ask("POST", url, self._headers, {"body": body})

    def update(self, comment: int, body: str) -> None:
        ask("PATCH", f"{self._repository}/issues/comments/{comment}", self._headers, {"body": body})


def run(environ: Mapping[str, str], _: Sequence[str]) -> int:
    """A comment that cannot be written changes no verdict: it is said, and the job summary has the same."""
    number = number_of(environ)
    if number is None:
        print(
            command("notice", "no comment: the event is of no pull request; the job summary has the report")
        )
        return 0
    repository = environ.get("GITHUB_REPOSITORY", "")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise StepError("GITHUB_REPOSITORY is not set: this step runs in a job of GitHub Actions")
    token = environ.get("RISKCHECK_TOKEN", "")
    api = environ.get("GITHUB_API_URL") or "https://api.github.com"
    forge = GitHub(api, repository, number, token, given(environ, "comment-author"))
    try:
        done = upsert(forge, _body(environ), given(environ, "comment-key"))
    except (Refused, StepError) as error:
        why = f"no comment: {error}; the job summary has the report"
        if isinstance(error, Refused) and error.status in (401, 403, 404):
            why += f". {_permission(environ)}"
        print(command("warning", why))
        return 0
    print(f"comment: {done}")
    return 0


def _body(environ: Mapping[str, str]) -> str:
    """The report, or that there is none: a verdict about an earlier state of the change must not stay."""
    if environ.get("JUDGED", "success") not in ("success", "failure"):
        return not_judged("")
    return report_at(folder(environ) / FILES["markdown"])


def _permission(environ: Mapping[str, str]) -> str:
    if from_fork(environ):
        return "A pull request from a fork gets a token that only reads; docs/ci.md shows the second workflow"
    return "The job needs `permissions: pull-requests: write`"


def _login(one: Mapping[str, Any]) -> str:
    user = one.get("user")
    return str(user.get("login") or "") if isinstance(user, dict) else ""
