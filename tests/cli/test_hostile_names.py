"""Names of files, folders and resources of a stranger, in all that is no report: proposals, waivers, baselines,
graphs, plans, evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import CLAIM, WEB
from tests.report.formats import read_github

PATH = "x\x1b[31m\u202e\u2028\n::error::z%0A::error::y"
NAME = "web</script><img src=x onerror=hit()>|`@team`![x](http://e.example)"


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    web = WEB.replace("{name: web, namespace", f"{{name: {json.dumps(NAME)}, namespace")
    catalog = (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
        f"metadata: {{name: {json.dumps(NAME)}}}\nspec: {{type: service, owner: {json.dumps('team ' + NAME)}}}\n"
    )
    files: dict[str, str | bytes | None] = {
        f"clusters/prod/{PATH}.yaml": web,
        f"clusters/{PATH} env/web.yaml": web,
        "clusters/staging/web.yaml": web,
        "clusters/prod/claim.yaml": CLAIM,
        "catalog-info.yaml": catalog,
    }
    made.commit(files)
    made.write(
        {
            f"clusters/prod/{PATH}.yaml": web.replace("replicas: 3", "replicas: 0"),
            "clusters/prod/claim.yaml": None,
        }
    )
    return made


@pytest.mark.parametrize(
    "arguments",
    [
        ("init", "--dry-run"),
        ("acknowledge", "--owner", "team-a", "--reason", "meant", "--until", "2027-01-31"),
        ("baseline", "write", "--output", "-"),
        ("graph",),
        ("graph", "--format", "mermaid"),
        ("graph", "--format", "dot"),
        ("plan",),
        ("plan", "--format", "json"),
        ("diff", "--explain"),
        ("diff", "--format", "sarif", "--evidence", "/dev/stdout"),
    ],
)
def test_none_of_them_is_more_than_text(repo: GitRepo, arguments: tuple[str, ...]) -> None:
    done = riskcheck(repo.path, *arguments)
    assert done.returncode in (0, 1), done.stderr
    for text in (done.stdout, done.stderr):
        assert not {one for one in text if not one.isprintable() and one != "\n"}
        assert read_github(text) == []
