"""Since when a lower environment has run a value, in real git repositories, whatever way the value took there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gitrepo import EPOCH, GitRepo
from tests.rollout.support import DAY, HOUR, evidence

POLICY = """\
version: 1
promotion: git
environments:
  - {name: staging, stage: staging, soak: 24h}
  - {name: production, stage: prod}
"""


def web(replicas: int | None, image: str = "registry.example/web:1.4.2") -> str:
    stated = "" if replicas is None else f"\n  replicas: {replicas}"
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:{stated}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: web, image: "{image}"}}]}}
"""


def overlay(*patched: str, resources: str = "../../base", **fields: str) -> str:
    lines = [f"resources: [{resources}]", *(f"{name}: {value}" for name, value in fields.items()), *patched]
    return "\n".join(lines) + "\n"


def replicas(count: int) -> str:
    return f"replicas: [{{name: web, count: {count}}}]"


BASE = {
    "riskcheck.yaml": POLICY,
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "base/web.yaml": web(3),
    "overlays/staging/kustomization.yaml": overlay(),
    "overlays/production/kustomization.yaml": overlay(replicas(3)),
}
STAGING, PRODUCTION = "overlays/staging/kustomization.yaml", "overlays/production/kustomization.yaml"


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return GitRepo(tmp_path / "repo")


def at(days: float) -> int:
    return EPOCH + int(days * DAY)


def test_an_edit_of_the_cells_own_overlay(repo: GitRepo) -> None:
    repo.commit(BASE, at=at(0))
    repo.commit({STAGING: overlay(replicas(2))}, at=at(4))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(7))
    told = evidence(repo)
    assert (told.found, told.detail) == (True, "staging has run it for 3d")
    assert told.since == "2023-11-18T22:13:20Z"
    assert told.lower == ("staging",)


def test_a_value_of_a_shared_file(repo: GitRepo) -> None:
    repo.commit(BASE, at=at(0))
    repo.commit({"base/web.yaml": web(2)}, at=at(5))
    repo.commit({STAGING: overlay("# unrelated")}, at=at(6))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    assert evidence(repo).detail == "staging has run it for 4d"


def test_an_override_that_was_removed_hid_the_shared_value_until_then(repo: GitRepo) -> None:
    repo.commit({**BASE, "base/web.yaml": web(2), STAGING: overlay(replicas(5))}, at=at(0))
    repo.commit({STAGING: overlay()}, at=at(8.5))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    told = evidence(repo)
    assert (told.found, told.detail) == (False, "staging got it 12h ago; 24h of soak are asked for")


def test_an_override_that_only_became_the_shared_value_did_not_break_the_run(repo: GitRepo) -> None:
    repo.commit(BASE, at=at(0))
    repo.commit({STAGING: overlay(replicas(2))}, at=at(2))
    repo.commit({STAGING: overlay(), "base/web.yaml": web(2)}, at=at(8))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    assert evidence(repo).detail == "staging has run it for 7d"


def test_a_value_that_flapped_counts_from_its_last_landing(repo: GitRepo) -> None:
    repo.commit({**BASE, STAGING: overlay(replicas(2))}, at=at(0))
    repo.commit({STAGING: overlay(replicas(4))}, at=at(5))
    repo.commit({STAGING: overlay(replicas(2))}, at=at(7))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    assert evidence(repo).detail == "staging has run it for 2d"


def test_a_value_that_staging_ran_long_enough_and_moved_on_from(repo: GitRepo) -> None:
    repo.commit(BASE, at=at(0))
    repo.commit({STAGING: overlay(replicas(2))}, at=at(2))
    repo.commit({STAGING: overlay(replicas(5))}, at=at(6))
    repo.commit({STAGING: overlay(replicas(7))}, at=at(8))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    told = evidence(repo)
    assert (told.found, told.detail) == (True, "staging ran it for 4d, until 3d ago, and has moved on")
    assert (told.since, told.lower) == ("2023-11-16T22:13:20Z", ())


def test_a_value_that_staging_ran_too_shortly(repo: GitRepo) -> None:
    repo.commit(BASE, at=at(0))
    repo.commit({STAGING: overlay(replicas(2))}, at=at(6))
    repo.commit({STAGING: overlay(replicas(5))}, at=at(6.5))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    told = evidence(repo)
    assert (told.found, told.detail) == (
        False,
        "staging ran it for 12h, until 2d ago; 24h of soak are asked for",
    )


def test_a_value_that_staging_went_back_from_was_tried_and_failed(repo: GitRepo) -> None:
    repo.commit(BASE, at=at(0))
    repo.commit({STAGING: overlay(replicas(2))}, at=at(2))
    repo.commit({STAGING: overlay()}, at=at(6))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    told = evidence(repo)
    assert not told.found
    assert told.detail == "staging ran it for 4d, until 3d ago, and went back to what it had before"


def test_whether_a_shallow_clone_hides_an_earlier_run_is_unknown(repo: GitRepo, tmp_path: Path) -> None:
    repo.commit(BASE, at=at(0))
    repo.commit({STAGING: overlay(replicas(2))}, at=at(2))
    repo.commit({STAGING: overlay(replicas(5))}, at=at(6))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    told = evidence(repo.clone(tmp_path / "shallow", "--depth=2"))
    assert not told.found
    assert told.detail == (
        "staging does not run this value (5 there); whether it did is unknown: the history is cut off "
        "(shallow clone)"
    )


def test_what_staging_has_not_run_lately(repo: GitRepo) -> None:
    repo.commit(BASE, at=at(0))
    repo.commit({STAGING: overlay(replicas(5))}, at=at(70))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(90))
    assert evidence(repo).detail == "staging has not lately run this value (5 there)"


def test_a_value_that_was_reverted_and_landed_again_counts_from_then(repo: GitRepo) -> None:
    repo.commit(BASE, at=at(0))
    second = repo.commit({STAGING: overlay(replicas(2))}, at=at(1))
    repo.git("revert", "--no-edit", second, environ={"GIT_COMMITTER_DATE": f"@{at(2)} +0000"})
    repo.clock = at(8.25)
    repo.git("cherry-pick", second, environ={"GIT_COMMITTER_DATE": f"@{at(8.25)} +0000"})
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    told = evidence(repo)
    assert (told.found, told.detail) == (False, "staging got it 18h ago; 24h of soak are asked for")


def test_a_folder_that_was_renamed_is_followed(repo: GitRepo) -> None:
    old = {path.replace("overlays/", "envs/"): text for path, text in BASE.items()}
    repo.commit({**old, "envs/staging/kustomization.yaml": overlay(replicas(2), *_LONG)}, at=at(0))
    moved: dict[str, str | None] = {path: None for path in old if path not in BASE}
    repo.commit({**moved, **BASE, STAGING: overlay(replicas(2), *_LONG)}, at=at(6))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    assert evidence(repo).detail == "staging has run it for 9d"


_LONG = tuple(f"# line {number} of what makes the file known again" for number in range(20))


def test_a_manifest_that_was_renamed_is_followed(repo: GitRepo) -> None:
    repo.commit({**BASE, "base/web.yaml": web(2)}, at=at(0))
    repo.commit(
        {
            "base/web.yaml": None,
            "base/deployment.yaml": web(2),
            "base/kustomization.yaml": "resources: [deployment.yaml]\n",
        },
        at=at(6),
    )
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    assert evidence(repo).detail == "staging has run it for 9d"


def test_an_image_that_a_transformer_sets(repo: GitRepo) -> None:
    def images(tag: str) -> str:
        return f'images: [{{name: registry.example/web, newTag: "{tag}"}}]'

    image = ("spec", "template", "spec", "containers", "[web]", "image")
    repo.commit({**BASE, PRODUCTION: overlay(images("1.4.2"))}, at=at(0))
    repo.commit({STAGING: overlay(images("1.5.0"))}, at=at(3))
    repo.commit({STAGING: overlay(), "base/web.yaml": web(3, "registry.example/web:1.5.0")}, at=at(5))
    repo.commit({PRODUCTION: overlay(images("1.5.0"))}, at=at(9))
    assert evidence(repo, image).detail == "staging has run it for 6d"


def test_a_list_item_is_known_by_its_name_and_not_by_its_place(repo: GitRepo) -> None:
    def sidecar(tag: str, first: bool) -> str:
        own = 'name: web, image: "registry.example/web:1.4.2"'
        proxy = f'name: proxy, image: "registry.example/proxy:{tag}"'
        both = f"{{{proxy}}}, {{{own}}}" if first else f"{{{own}}}, {{{proxy}}}"
        return web(3).replace(f"{{{own}}}", both)

    files = {"clusters/staging/web.yaml": sidecar("2", False), "clusters/prod/web.yaml": sidecar("1", False)}
    repo.commit({"riskcheck.yaml": POLICY, **files}, at=at(0))
    repo.commit({"clusters/staging/web.yaml": sidecar("2", True)}, at=at(8))
    repo.commit({"clusters/prod/web.yaml": sidecar("2", False)}, at=at(9))
    assert evidence(repo).detail == "staging has run it for 9d"


def test_an_item_without_a_name_may_stand_elsewhere(repo: GitRepo) -> None:
    def args(*given: str) -> str:
        return web(3).replace('1.4.2"}', f'1.4.2", args: [{", ".join(given)}]}}')

    files = {
        "clusters/staging/web.yaml": args("-a", "-b", "-v=2"),
        "clusters/prod/web.yaml": args("-a", "-v=1"),
    }
    repo.commit({"riskcheck.yaml": POLICY, **files}, at=at(0))
    repo.commit({"clusters/staging/web.yaml": args("-b", "-v=2", "-a")}, at=at(8))
    repo.commit({"clusters/prod/web.yaml": args("-a", "-v=2")}, at=at(9))
    assert evidence(repo).detail == "staging has run it for 9d"


def test_what_stands_at_the_place_of_an_unnamed_item_is_not_taken_for_a_way_back(repo: GitRepo) -> None:
    def args(*given: str) -> str:
        return web(3).replace('1.4.2"}', f'1.4.2", args: [{", ".join(given)}]}}')

    files = {
        "clusters/staging/web.yaml": args("-a", "-b", "-v=1"),
        "clusters/prod/web.yaml": args("-a", "-v=1"),
    }
    repo.commit({"riskcheck.yaml": POLICY, **files}, at=at(0))
    repo.commit({"clusters/staging/web.yaml": args("-a", "-b", "-v=2")}, at=at(3))
    repo.commit({"clusters/staging/web.yaml": args("-a", "-b", "-v=3")}, at=at(8))
    repo.commit({"clusters/prod/web.yaml": args("-a", "-v=2")}, at=at(9))
    assert evidence(repo).detail == "staging ran it for 5d, until 24h ago, and has moved on"


def test_a_generated_name_does_not_hide_what_it_names(repo: GitRepo) -> None:
    def generator(level: str, more: str = "") -> str:
        return overlay(configMapGenerator=f'[{{name: settings, literals: ["LEVEL={level}"{more}]}}]')

    repo.commit({**BASE, STAGING: generator("debug"), PRODUCTION: generator("debug")}, at=at(0))
    repo.commit({STAGING: generator("info")}, at=at(5))
    repo.commit({STAGING: generator("info", ', "MORE=1"')}, at=at(8))
    repo.commit({PRODUCTION: generator("info")}, at=at(9))
    assert evidence(repo, ("data", "LEVEL")).detail == "staging has run it for 4d"


def test_a_generated_name_is_compared_without_the_digest(repo: GitRepo) -> None:
    def generator(level: str) -> str:
        return overlay(configMapGenerator=f'[{{name: settings, literals: ["LEVEL={level}"]}}]')

    repo.commit({**BASE, STAGING: generator("a"), PRODUCTION: generator("b")}, at=at(0))
    repo.commit({PRODUCTION: generator("c")}, at=at(9))
    assert evidence(repo, ("metadata", "name")).detail == "staging has run it for 9d"
    assert evidence(repo, ("data", "LEVEL")).detail == "staging has never run this value (a there)"


BUNDLE = """\
bundle: {name: orders}
variables:
  retries: {default: DEFAULT}
resources:
  jobs:
    nightly:
      name: nightly
      tasks:
        - task_key: load
          max_retries: VALUE
          notebook_task: {notebook_path: /load}
targets:
  staging:
    mode: production
    workspace: {host: https://staging.example}STAGING
  prod:
    mode: production
    workspace: {host: https://prod.example}PROD
"""


def bundle(
    value: str = "${var.retries}", default: int = 3, staging: int | None = None, prod: int | None = None
) -> dict[str, str]:
    text = BUNDLE.replace("DEFAULT", str(default)).replace("VALUE", value)
    for name, count in (("STAGING", staging), ("PROD", prod)):
        text = text.replace(name, "" if count is None else f"\n    variables: {{retries: {count}}}")
    return {"databricks.yml": text, "riskcheck.yaml": POLICY.replace("production,", "prod,")}


def test_a_variable_through_all_the_ways_it_can_be_given(repo: GitRepo) -> None:
    repo.commit(bundle(default=3, staging=5, prod=3), at=at(0))
    repo.commit(bundle(default=3, staging=1, prod=3), at=at(2))
    repo.commit(bundle(default=1, prod=3), at=at(6))
    repo.commit(bundle(value="1", default=1, prod=3).copy() | _prod_job(3), at=at(7))
    repo.commit(bundle(value="1", default=1, prod=3) | _prod_job(1), at=at(9))
    assert evidence(repo).detail == "staging has run it for 7d"


def _prod_job(retries: int) -> dict[str, str]:
    """The last step before: the job states the value, and production overrides it."""
    text = bundle(value="1", default=1, prod=3)["databricks.yml"]
    tasks = f"[{{task_key: load, max_retries: {retries}}}]"
    return {"databricks.yml": text + f"    resources: {{jobs: {{nightly: {{tasks: {tasks}}}}}}}\n"}


def test_a_target_override_that_was_dropped_is_where_the_default_landed(repo: GitRepo) -> None:
    repo.commit(bundle(default=1, staging=5, prod=3), at=at(0))
    repo.commit(bundle(default=1, prod=3), at=at(7))
    repo.commit(bundle(default=1, prod=1), at=at(9))
    retries = ("tasks", "[load]", "max_retries")
    assert evidence(repo, retries).detail == "staging has run it for 2d"


def test_a_placeholder_that_nobody_here_fills_is_unknown(repo: GitRepo) -> None:
    open_value = "${var.nowhere}"
    job = "    resources: {jobs: {nightly: {tasks: [{task_key: load, max_retries: 3}]}}}\n"
    before = bundle(value=open_value)
    repo.commit({**before, "databricks.yml": before["databricks.yml"] + job}, at=at(0))
    repo.commit(before, at=at(9))
    told = evidence(repo)
    assert not told.found
    assert "unknown: it holds a placeholder" in told.detail


API = web(1).replace("name: web, namespace", "name: api, namespace")


def test_a_resource_as_a_whole_that_staging_has(repo: GitRepo) -> None:
    both = overlay(resources="../../base, api.yaml")
    repo.commit(BASE, at=at(0))
    repo.commit(
        {STAGING: both, "overlays/staging/api.yaml": API.replace("replicas: 1", "replicas: 4")}, at=at(2)
    )
    repo.commit({"overlays/staging/api.yaml": API}, at=at(4))
    repo.commit(
        {
            PRODUCTION: overlay(replicas(3), resources="../../base, api.yaml"),
            "overlays/production/api.yaml": API,
        },
        at=at(9),
    )
    assert evidence(repo).detail == "staging has run it for 5d"


def test_a_resource_as_a_whole_that_staging_has_in_a_namespace_of_its_own(repo: GitRepo) -> None:
    both = overlay(resources="../../base, api.yaml")
    namespaced = API.replace("name: api, namespace: ", "name: api, namespace: staging-")
    assert namespaced != API
    repo.commit(BASE, at=at(0))
    repo.commit({STAGING: both, "overlays/staging/api.yaml": namespaced}, at=at(4))
    repo.commit(
        {
            PRODUCTION: overlay(replicas(3), resources="../../base, api.yaml"),
            "overlays/production/api.yaml": API,
        },
        at=at(9),
    )
    assert evidence(repo).detail == "staging has run it for 5d"


def test_a_resource_as_a_whole_that_staging_has_otherwise(repo: GitRepo) -> None:
    both = overlay(resources="../../base, api.yaml")
    repo.commit(BASE, at=at(0))
    repo.commit(
        {STAGING: both, "overlays/staging/api.yaml": API.replace("replicas: 1", "replicas: 4")}, at=at(2)
    )
    repo.commit(
        {
            PRODUCTION: overlay(replicas(3), resources="../../base, api.yaml"),
            "overlays/production/api.yaml": API,
        },
        at=at(9),
    )
    told = evidence(repo)
    assert (told.found, told.detail) == (False, "staging has it with other values (spec.replicas)")


def test_a_resource_that_staging_lost_first(repo: GitRepo) -> None:
    both = overlay(resources="../../base, api.yaml")
    production = overlay(replicas(3), resources="../../base, api.yaml")
    files = {"overlays/staging/api.yaml": API, "overlays/production/api.yaml": API}
    repo.commit({**BASE, **files, STAGING: both, PRODUCTION: production}, at=at(0))
    repo.commit({STAGING: overlay(), "overlays/staging/api.yaml": None}, at=at(3))
    repo.commit({PRODUCTION: BASE[PRODUCTION], "overlays/production/api.yaml": None}, at=at(9))
    told = evidence(repo)
    assert (told.found, told.detail) == (True, "staging has been without it for 6d")


def test_a_resource_that_staging_still_has(repo: GitRepo) -> None:
    production = overlay(replicas(3), resources="../../base, api.yaml")
    files = {"overlays/staging/api.yaml": API, "overlays/production/api.yaml": API}
    repo.commit(
        {**BASE, **files, STAGING: overlay(resources="../../base, api.yaml"), PRODUCTION: production},
        at=at(0),
    )
    repo.commit({PRODUCTION: BASE[PRODUCTION], "overlays/production/api.yaml": None}, at=at(9))
    assert evidence(repo).detail == "staging still has it"


def test_another_component_without_the_resource_proves_nothing(repo: GitRepo) -> None:
    common = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: common, namespace: shop}\ndata: {a: b}\n"

    def component(folder: str, *names: str) -> dict[str, str]:
        resources = {"common.yaml": common, "api.yaml": API}
        kept = {name: text for name, text in resources.items() if name in names}
        listed = ", ".join(names)
        return {
            f"{folder}/kustomization.yaml": f"resources: [{listed}]\n",
            **{f"{folder}/{name}": text for name, text in kept.items()},
        }

    repo.commit(
        {
            "riskcheck.yaml": POLICY,
            **component("env/staging/web", "common.yaml", "api.yaml"),
            **component("env/staging/batch", "common.yaml"),
            **component("env/production/web", "common.yaml", "api.yaml"),
        },
        at=at(0),
    )
    repo.commit(
        {**component("env/production/web", "common.yaml"), "env/production/web/api.yaml": None}, at=at(9)
    )
    assert evidence(repo).detail == "staging still has it"


def test_a_component_that_staging_lost_with_its_folder(repo: GitRepo) -> None:
    def component(stage: str) -> dict[str, str]:
        folder = f"components/api/{stage}"
        return {f"{folder}/kustomization.yaml": "resources: [api.yaml]\n", f"{folder}/api.yaml": API}

    repo.commit({"riskcheck.yaml": POLICY, **component("staging"), **component("production")}, at=at(0))
    repo.commit(dict.fromkeys(component("staging")), at=at(3))
    repo.commit({"components/api/README.md": "gone from staging\n"}, at=at(4))
    repo.commit(dict.fromkeys(component("production")), at=at(9))
    told = evidence(repo)
    assert (told.found, told.detail) == (True, "staging has been without it for 6d")


def test_a_resource_that_staging_never_had(repo: GitRepo) -> None:
    production = overlay(replicas(3), resources="../../base, api.yaml")
    repo.commit({**BASE, "overlays/production/api.yaml": API, PRODUCTION: production}, at=at(0))
    repo.commit({PRODUCTION: BASE[PRODUCTION], "overlays/production/api.yaml": None}, at=at(90))
    told = evidence(repo)
    assert (told.found, told.detail) == (False, "staging never had it")


def test_a_resource_that_staging_lost_long_ago(repo: GitRepo) -> None:
    both = overlay(resources="../../base, api.yaml")
    production = overlay(replicas(3), resources="../../base, api.yaml")
    files = {"overlays/staging/api.yaml": API, "overlays/production/api.yaml": API}
    repo.commit({**BASE, **files, STAGING: both, PRODUCTION: production}, at=at(0))
    repo.commit({STAGING: overlay(), "overlays/staging/api.yaml": None}, at=at(3))
    repo.commit({PRODUCTION: BASE[PRODUCTION], "overlays/production/api.yaml": None}, at=at(90))
    assert evidence(repo).detail == "staging has been without it for 87d"


def test_a_key_that_staging_dropped_first(repo: GitRepo) -> None:
    files = {"clusters/staging/web.yaml": web(3), "clusters/prod/web.yaml": web(3)}
    repo.commit({"riskcheck.yaml": POLICY, **files}, at=at(0))
    repo.commit({"clusters/staging/web.yaml": web(None)}, at=at(6))
    repo.commit({"clusters/prod/web.yaml": web(None)}, at=at(9))
    assert evidence(repo).detail == "staging has run it for 3d"


def test_an_edit_on_a_branch_counts_from_its_merge(repo: GitRepo) -> None:
    repo.commit(BASE, at=at(0))
    repo.branch("feature")
    repo.commit({STAGING: overlay(replicas(2))}, at=at(1))
    repo.checkout("main")
    repo.commit({"README.yaml": "a: 1\n"}, at=at(2))
    repo.merge("feature", at=at(8))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9.5))
    assert evidence(repo).detail == "staging has run it for 36h"


def test_a_staging_edit_that_base_does_not_reach_is_no_soak(repo: GitRepo) -> None:
    repo.commit(BASE, at=at(0))
    repo.commit({STAGING: overlay(replicas(2))}, at=at(3))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    told = evidence(repo, revision="HEAD~2..HEAD")
    assert (told.found, told.detail) == (False, "staging has never run this value (3 there)")


def test_a_landing_in_the_future_is_no_soak_and_says_so(repo: GitRepo) -> None:
    repo.commit(BASE, at=at(0))
    repo.commit({STAGING: overlay(replicas(2))}, at=at(20))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    told = evidence(repo)
    assert not told.found
    assert told.detail == (
        "staging got it at 2023-12-04T22:13:20Z, in the future: some clock is ahead, so no soak counts"
    )


def test_a_date_beyond_the_calendar_breaks_nothing(repo: GitRepo) -> None:
    repo.commit(BASE, at=at(0))
    repo.commit({STAGING: overlay(replicas(2))}, at=at(9) + 10**12)
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    assert "in the future" in evidence(repo).detail


def test_what_a_shallow_clone_cannot_know_is_unknown(repo: GitRepo, tmp_path: Path) -> None:
    repo.commit({**BASE, STAGING: overlay(replicas(2))}, at=at(0))
    repo.commit({"README.yaml": "a: 1\n"}, at=at(8))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    told = evidence(repo.clone(tmp_path / "shallow", "--depth=2"))
    assert not told.found
    assert told.detail == (
        "staging runs this value; since when is unknown: the history is cut off (shallow clone)"
    )
    assert evidence(repo).found


def test_what_a_partial_clone_cannot_read_is_unknown(repo: GitRepo, tmp_path: Path) -> None:
    repo.commit(BASE, at=at(0))
    repo.commit({STAGING: overlay("# once", replicas(2))}, at=at(2))
    repo.commit({STAGING: overlay("# twice", replicas(2))}, at=at(8.5))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(9))
    copy = repo.clone(tmp_path / "partial", "--filter=blob:none", "--no-checkout")
    for revision in ("HEAD", "HEAD~1"):
        for line in repo.git("ls-tree", "-r", revision).splitlines():
            path = line.partition("\t")[2]
            content = repo.git("show", f"{revision}:{path}") + "\n"
            copy.git("hash-object", "-w", "--stdin", stdin=content.encode())
    told = evidence(copy)
    assert not told.found
    assert told.detail.endswith("overlays/staging/kustomization.yaml held cannot be read in this clone")


def test_a_value_older_than_a_month_is_not_followed_further(repo: GitRepo) -> None:
    repo.commit({**BASE, STAGING: overlay(replicas(2))}, at=at(0))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(100))
    assert evidence(repo).detail == "staging has run it for at least 30d"


def test_a_history_too_long_to_read_back_is_at_least_as_old_as_what_was_read(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskcheck.rollout.landing.MOST_COMMITS", 3)
    repo.commit({**BASE, STAGING: overlay(replicas(2))}, at=at(0))
    for number in range(8):
        repo.commit({STAGING: overlay(replicas(2), f"# {number}")}, at=at(8) + number * HOUR)
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(8.5))
    told = evidence(repo)
    assert not told.found
    assert told.detail == (
        "staging runs it for 8h at least; its history is too long to be read back further, and 24h of soak are "
        "asked for"
    )
    repo.commit({PRODUCTION: overlay(replicas(3))}, at=at(11))
    repo.commit({PRODUCTION: overlay(replicas(2))}, at=at(12))
    assert evidence(repo).detail == "staging has run it for at least 3d"


def test_what_is_taken_over_from_newer_commits_is_taken_over_only_where_all_of_it_is_equal(
    repo: GitRepo,
) -> None:
    nested = {
        "middle/kustomization.yaml": "resources: [../base]\n",
        STAGING: overlay(resources="../../middle"),
        PRODUCTION: overlay(replicas(9), resources="../../middle"),
    }
    repo.commit({**BASE, **nested}, at=at(0))
    repo.commit({"base/web.yaml": web(2)}, at=at(3))
    repo.commit({STAGING: overlay("# one", resources="../../middle")}, at=at(4))
    repo.commit({"middle/kustomization.yaml": "resources: [../base]\nnamePrefix: ''\n"}, at=at(5))
    repo.commit({PRODUCTION: overlay(replicas(2), resources="../../middle")}, at=at(9))
    assert evidence(repo).detail == "staging has run it for 6d"
