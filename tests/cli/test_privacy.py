"""Nobody is named, whatever a repository says: not in a report, a plan, a graph, nor in what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskcheck.commands import FORMATS
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB

SECRET = "S3cr3tV4lue9x7Q"
BASE = {
    "clusters/prod/web.yaml": WEB,
    "riskcheck.yaml": "version: 1\nservices: [{name: web, paths: ['clusters/**']}]\n",
    "CODEOWNERS": "* @jdoe jdoe@people.example\n/clusters/ @jdoe\n/db/ @acme/db @jdoe\n",
    "catalog-info.yaml": (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: web}\n"
        "spec:\n  type: service\n  owner: user:default/jdoe\n"
    ),
    "db/catalog-info.yaml": (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: db}\n"
        "spec: {type: service, owner: jdoe@people.example, dependencyOf: [component:web]}\n"
    ),
    "service.datadog.yaml": (
        "schema-version: v2.2\ndd-service: db\nteam: jdoe@people.example\n"
        "contacts: [{type: email, contact: jdoe@people.example, name: Jo Doe}]\n"
    ),
    "cortex.yaml": (
        "openapi: 3.0.1\ninfo:\n  x-cortex-tag: web\n  x-cortex-owners:\n"
        "    - {type: email, email: jdoe@people.example}\n    - {type: EMAIL, name: Jo Doe}\n"
    ),
    "databricks.yml": (
        "bundle: {name: lake}\ntargets:\n  prod: {mode: production, run_as: {user_name: jdoe@people.example}}\n"
        "resources:\n  jobs:\n    nightly:\n      name: nightly\n"
        "      email_notifications: {on_failure: [jdoe@people.example]}\n"
        "      permissions: [{user_name: jdoe@people.example, level: CAN_MANAGE}]\n"
        "      tasks: [{task_key: a, notebook_task: {notebook_path: /Users/jdoe@people.example/a}}]\n"
    ),
    ".github/workflows/deploy.yml": (
        "on: push\njobs:\n  prod:\n    environment: prod\n    runs-on: ubuntu-latest\n"
        f"    steps: [{{run: 'deploy --token {SECRET}'}}, {{name: 'login --password={SECRET}', run: login}}]\n"
    ),
    "clusters/prod/namespace.yaml": (
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  annotations:\n"
        "    openshift.io/requester: jdoe\n    example.org/created-by: Jo Doe\n    owner: team-shop\n"
    ),
    "clusters/prod/quota.yaml": (
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, annotations: {maintainers: jdoe}}\n"
        "spec: {resources: {requests: {storage: 1Gi}}}\n"
    ),
    "config/prod/app.yaml": "oncall: jdoe@people.example\nreplicas: 3\n",
}
NAMES = ("jdoe", "Jo Doe", "people.example", "asmith", SECRET)


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit(BASE)
    changed = {
        path: text.replace("jdoe", "asmith").replace(SECRET, f"{SECRET}New") for path, text in BASE.items()
    }
    made.write({**changed, "CODEOWNERS": "/db/ @acme/db\n", "clusters/prod/namespace.yaml": None})
    return made


@pytest.mark.parametrize(
    "arguments",
    [
        ("diff", "--explain"),
        *(("diff", "--format", one) for one in FORMATS),
        ("plan",),
        ("plan", "--format", "markdown"),
        ("plan", "--format", "json"),
        ("graph",),
        ("graph", "--format", "json"),
        ("graph", "--format", "html"),
        ("graph", "--format", "dot"),
        ("graph", "--format", "mermaid"),
        ("graph", "--changed"),
        ("lint", "--explain"),
        *(("lint", "--format", one) for one in FORMATS),
        ("init", "--dry-run"),
        ("acknowledge", "--owner", "team-a", "--reason", "meant", "--until", "2027-01-31"),
        ("baseline", "write", "--output", "-"),
    ],
)
def test_no_command_names_a_person_or_shows_a_secret(repo: GitRepo, arguments: tuple[str, ...]) -> None:
    if arguments[0] == "init":
        repo.write({"riskcheck.yaml": None})
    result = riskcheck(repo.path, *arguments)
    assert result.returncode in (0, 1), result.stderr
    shown = [line for line in result.stdout.splitlines() if any(name in line for name in NAMES)]
    assert shown == []
    kept = Path(repo.environ["HOME"]).rglob("*")
    found = [
        file.name for file in kept if file.is_file() and any(n.encode() in file.read_bytes() for n in NAMES)
    ]
    assert found == []


def test_what_is_said_of_a_person_says_so(repo: GitRepo) -> None:
    shown = riskcheck(repo.path, "diff").stdout
    assert "job nightly runs as user [mail address] instead of user [another mail address]" in " ".join(
        shown.split()
    )
    assert "* [an individual] [an individual]" in shown
