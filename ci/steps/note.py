"""Writes the report as a note of the merge request on GitLab: `python3 -I ci note FILE`.

https://docs.gitlab.com/api/notes/#merge-requests
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from steps.problem import StepError, one_line
from steps.upsert import Comment, report_at, upsert
from steps.web import Refused, ask, identity, objects, pages


class GitLab:
    """The notes of one merge request."""

    def __init__(self, api: str, project: str, number: str, token: str) -> None:
        self._api = api.rstrip("/")
        self._notes = f"{self._api}/projects/{project}/merge_requests/{number}/notes"
        self._headers = {"PRIVATE-TOKEN": token, "User-Agent": "riskcheck"}

    def own(self) -> str:
        (user,) = objects([ask("GET", f"{self._api}/user", self._headers)])
        return str(identity(user))

    def comments(self) -> Iterator[Comment]:
        for one in pages(f"{self._notes}?sort=asc&order_by=created_at", self._headers):
            author = one.get("author")
            writer = str(author.get("id", "")) if isinstance(author, dict) else ""
            yield Comment(identity(one), writer, str(one.get("body") or ""))

    def create(self, body: str) -> None:
        ask("POST", self._notes, self._headers, {"body": body})

    def update(self, comment: int, body: str) -> None:
        ask("PUT", f"{self._notes}/{comment}", self._headers, {"body": body})


def run(environ: Mapping[str, str], arguments: Sequence[str]) -> int:
    """Where there is no FILE, the note says that the change could not be judged. A note that cannot be written
    changes no verdict. Raises `StepError` for a wrong call."""
    if not arguments:
        raise StepError("usage: python3 -I ci note FILE")
    token = environ.get("RISKCHECK_GITLAB_TOKEN", "")
    names = ("CI_API_V4_URL", "CI_PROJECT_ID", "CI_MERGE_REQUEST_IID")
    api, project, number = (environ.get(name, "") for name in names)
    if not token or not api or not re.fullmatch(r"\d+ \d+", f"{project} {number}"):
        print(f"no note: it takes RISKCHECK_GITLAB_TOKEN and {', '.join(names)} of a merge request")
        return 0
    try:
        done = upsert(
            GitLab(api, project, number, token),
            report_at(Path(arguments[0])),
            environ.get("RISKCHECK_COMMENT_KEY", ""),
        )
    except (Refused, StepError) as error:
        print(f"no note: {one_line(str(error))}")
        return 0
    print(f"note: {done}")
    return 0
