"""Every way we know in which a pull request could weaken its own gate, and edits that only look like it.

One line a way: what is done, to which files, and what is said of it. `docs/gate.md` is the same table in words;
a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tests.acceptance.own_gate.repository import OWN_RULE, POLICY, PRE_COMMIT, Edit, Link, Moved

P = "riskcheck.yaml"
RULE = "policies/rules/replicas-at-least-two.yaml"
SET = "policies/coupled/partner.yaml"
HOOK = ".pre-commit-config.yaml"
HUSKY = ".husky/pre-commit"
LEFTHOOK = "lefthook.yml"
CI = ".github/workflows/ci.yml"
OWNERS = ".github/CODEOWNERS"
SETTINGS = ".github/settings.yml"
RULESET = ".github/rulesets/main.json"

ID = "      - id: riskcheck\n"
WAIVE = "waivers:\n  - {rule: K8S-010, where: "
CALL = "run: riskcheck diff origin/main"


class Attack(NamedTuple):
    """One way. says: part of what is said of it. code: the rule that says it. before: how base differs from the
    guarded repository. blocks: alone, beside nothing risky."""

    topic: str
    way: str
    edits: Mapping[str, Edit]
    says: str
    code: str = "GOV-006"
    before: Mapping[str, Edit] = {}
    blocks: bool = True


def _policy(way: str, old: str, new: str, says: str, code: str = "GOV-006", *, blocks: bool = True) -> Attack:
    return Attack("policy", way, {P: (old, new)}, says, code, blocks=blocks)


def _hook(way: str, old: str, new: str, says: str) -> Attack:
    return Attack("hook", way, {HOOK: (old, new)}, says)


def _set(way: str, line: str, says: str) -> Attack:
    return _hook(way, ID, f"{ID}        {line}\n", says)


ATTACKS = (
    # What the policy asks for.
    _policy("gate.incomplete", "incomplete: block", "incomplete: warn", "not analysed only warns"),
    _policy("gate.require_canary", "canary: risky", "canary: never", "canary evidence is asked for: never"),
    _policy("promotion removed", "promotion: git\n", "", "no promotion order is declared any more"),
    _policy(
        "promotion by pipeline",
        "promotion: git",
        "promotion: pipeline",
        "a gated pipeline counts as a canary",
    ),
    _policy(
        "promotion by branch", "promotion: git", "promotion: branch", "promotion goes from git to branch"
    ),
    _policy(
        "environment's stage", "prod-eu, stage: prod", "prod-eu, stage: dev", "counts as dev, not production"
    ),
    _policy(
        "environment's paths",
        'westeurope, paths: ["prod/**"]',
        'westeurope, paths: ["x/**"]',
        "prod/** no longer",
    ),
    _policy("environment's tier", "tier: premium", "tier: standard", "goes from premium to standard"),
    _policy("environment's soak", "soak: 24h", "soak: 1h", "soak in staging falls from 24h to 1h"),
    _policy(
        "environment renamed", "name: prod-eu", "name: prd-eu", "prod-eu (prod) is not declared any more"
    ),
    _policy(
        "another environment takes the paths",
        '["staging/**"]}\n  -',
        '["staging/**", "prod/**"]}\n  -',
        "goes from prod-eu to staging",
    ),
    _policy(
        "a new environment takes part of the paths",
        "environments:\n",
        'environments:\n  - {name: box, stage: dev, paths: ["prod/data*"]}\n',
        "goes from prod-eu to box, which is not production",
    ),
    _policy(
        "service's criticality", "criticality: tier-1", "criticality: tier-3", "falls from tier-1 to tier-3"
    ),
    _policy("service's scopes", "scopes: [sox], ", "", "shop leaves the scope of sox"),
    _policy("service's support", ", support: premium", "", "support of shop goes from premium"),
    _policy("service's objectives", "rto: 30m", "rto: 8h", "rto of shop goes from 30m to 8h"),
    _policy(
        "service's paths",
        'paths: ["prod/**", "staging/**"]',
        'paths: ["staging/**"]',
        "prod/** no longer belongs to shop",
    ),
    _policy(
        "another service takes the paths", '["mail/**"]', '["mail/**", "prod/**"]', "goes from shop to mailer"
    ),
    _policy(
        "files.exclude",
        '["**/testdata/**"]',
        '["**/testdata/**", "prod/**"]',
        "prod/** is not analysed any more",
    ),
    _policy("files.include", 'include: ["settings/**"], ', "", "settings/** is no longer included"),
    _policy("catalogs", "catalogs: [catalog/shop.yaml]\n", "", "catalog/shop.yaml is not read any more"),
    _policy(
        "known_addresses",
        "known_addresses: [network/in-use.csv]\n",
        "",
        "network/in-use.csv is not read any more",
    ),
    _policy(
        "trusted_plans", "gate: {", f'trusted_plans: ["sha256:{"a" * 64}"]\ngate: {{', "may lower levels"
    ),
    _policy(
        "a runbook that takes less by word",
        "duration: 45m",
        "duration: 5m",
        "from 45m to 5m, without having been exercised again",
    ),
    # Times, approvals, money.
    _policy(
        "freeze lifted",
        "name: long, from: 2020-01-01, to: 2099-12-31",
        "name: old, from: 2020-01-01, to: 2020-02-01",
        "freeze long is lifted",
    ),
    _policy("freeze shortened", "to: 2099-12-31", "to: 2021-12-31", "freeze long is shortened"),
    _policy(
        "freeze holds less",
        "to: 2099-12-31, services: [shop]",
        "to: 2099-12-31, services: [mailer]",
        "holds for fewer services",
    ),
    _policy("deploy window longer", 'to: "09:01"', 'to: "23:00"', "opens for longer"),
    _policy(
        "deploy window elsewhere",
        '"09:01", services: [shop]',
        '"09:01", services: [mailer]',
        "holds fewer services",
    ),
    _policy(
        "approvals removed",
        "approvals:\n  - {scope: sox, teams: [team-controls]}\n",
        "",
        "need no approval any more",
    ),
    _policy(
        "approvals by others",
        "[team-controls]}",
        "[team-controls, team-shop]}",
        "team-shop may approve for sox",
    ),
    _policy(
        "gate given to a team",
        "[team-controls]}\n",
        "[team-controls]}\n  - {scope: gate, teams: [team-shop]}\n",
        "may approve changes of the gate",
    ),
    _policy("budget raised", "max_increase: 15%", "max_increase: 90%", "raised from 15% to 90%"),
    _policy("budget's cost raised", "monthly: 40000", "monthly: 4000000", "raised from 40,000 to 4,000,000"),
    _policy("budget's prices", ", prices: finance/prices.yaml", "", "prices are not read"),
    # Rules and waivers of the policy.
    _policy("rules.packs", "  packs: [policies/rules]\n", "", "policies/rules is not run any more"),
    _policy(
        "rules.coupled", "  coupled: [policies/coupled]\n", "", "policies/coupled are not asked for any more"
    ),
    Attack(
        "policy",
        "rules.learned",
        {"riskcheck.yaml": ("  learned: [policies/learned.yaml]\n", "")},
        "policies/learned.yaml are not asked for any more",
        blocks=False,
    ),
    _policy("rules.select", "ignore: []", "select: [K8S-002]", "only K8S-002 is run"),
    _policy("rules.ignore", "ignore: []", "ignore: [K8S-010]", "K8S-010 is not run any more"),
    _policy(
        "rules.ignore of the gate's rule", "ignore: []", "ignore: [GOV-006]", "GOV-006 is not run any more"
    ),
    _policy("rules.severity", "{K8S-001: P1}", "{K8S-001: P3}", "falls from P1 to P3"),
    _policy("rules.severity removed", "  severity: {K8S-001: P1}\n", "", "falls from P1 to P2"),
    _policy(
        "rules.severity of an own rule",
        "{K8S-001: P1}",
        "{K8S-001: P1, OWN-001: P3}",
        "severity of OWN-001 goes from its own to P3",
    ),
    _policy("rules.options", "detection_minutes: 10", "detection_minutes: 0", "options of GOV-004 change"),
    _policy(
        "waiver of everything",
        "waivers:\n",
        f'{WAIVE}"**", max_level: P0, owner: team-shop, reason: x, until: 2099-01-01}}\n',
        "a waiver of K8S-010 for ** is added",
    ),
    _policy(
        "waiver of the gate's rule",
        "waivers:\n",
        'waivers:\n  - {rule: GOV-006, where: "riskcheck.yaml", owner: team-shop, reason: x, until: 2099-01-01}\n',
        "a waiver of GOV-006",
    ),
    _policy(
        "waiver of one finding",
        "waivers:\n",
        f'{WAIVE}"kubernetes:PersistentVolumeClaim.shop/data", max_level: P0, owner: team-shop,\n'
        "     reason: x, until: 2099-01-01}\n",
        "is added, up to P0",
        blocks=False,
    ),
    _policy(
        "waiver extended",
        "until: 2099-01-31",
        "until: 2099-12-31",
        "is widened, up to P2 until 2099-12-31",
        blocks=False,
    ),
    _policy(
        "waiver reaches further up", "max_level: P2", "max_level: P0", "is widened, up to P0", blocks=False
    ),
    _policy("waiver holds everywhere", ", environments: [prod-eu]", "", "is widened", blocks=False),
    # The policy as a file.
    Attack("policy file", "deleted", {P: None}, "the policy is removed"),
    Attack("policy file", "moved away", {P: Moved("docs/riskcheck.yaml")}, "the policy is removed"),
    Attack(
        "policy file",
        "weakened under another accepted name",
        {P: None, ".riskcheck.yaml": POLICY.replace("ignore: []", "ignore: [K8S-010]")},
        "K8S-010 is not run any more",
    ),
    Attack(
        "policy file",
        "a second one under another name",
        {"riskcheck.yml": "version: 1\n"},
        "there is riskcheck.yaml, too",
        "GOV-010",
    ),
    Attack(
        "policy file",
        "a link to a weaker one",
        {P: Link("conf/p.yaml"), "conf/p.yaml": POLICY.replace("ignore: []", "ignore: [K8S-010]")},
        "K8S-010 is not run any more",
    ),
    Attack(
        "policy file", "a link out of the tree", {P: Link("/etc/passwd")}, "a link out of the tree", "GOV-010"
    ),
    Attack(
        "policy file",
        "what a link leads to is edited",
        {"conf/p.yaml": ("ignore: []", "ignore: [K8S-010]")},
        "K8S-010 is not run any more",
        before={P: Link("conf/p.yaml"), "conf/p.yaml": POLICY},
    ),
    _policy("no longer YAML", "version: 1\n", "version: [1\n", "did not find expected", "GOV-010"),
    _policy(
        "no longer valid", "version: 1\n", "version: 1\nnonsense: true\n", "nonsense: unknown key", "GOV-010"
    ),
    Attack("policy file", "emptied", {P: ""}, "is empty", "GOV-010"),
    Attack(
        "policy file",
        "hidden by its own exclude",
        {P: ("ignore: []", "ignore: [K8S-010]")},
        "K8S-010 is not run any more",
        before={P: ('["**/testdata/**"]', '["**/testdata/**", "riskcheck.yaml"]')},
    ),
    # Rules and sets of the repository.
    Attack(
        "own rules",
        "never true",
        {RULE: ("when: after < 4", "when: after < 4 && false")},
        "when of OWN-001 changes",
    ),
    Attack("own rules", "weighs less", {RULE: ("severity: P2", "severity: P3")}, "severity of OWN-001 falls"),
    Attack("own rules", "deleted", {RULE: None}, "rule OWN-001 is removed"),
    Attack(
        "own rules",
        "moved out of the pack",
        {RULE: Moved("policies/off/replicas-at-least-two.yaml")},
        "rule OWN-001 is removed",
    ),
    Attack(
        "own rules",
        "made a link",
        {RULE: Link("../../conf/r.yaml"), "conf/r.yaml": OWN_RULE},
        "rule OWN-001 is removed",
    ),
    Attack(
        "own rules",
        "made invalid",
        {RULE: ("severity: P2", "severity: P9")},
        "every run would stop here",
        "GOV-010",
    ),
    Attack(
        "own rules",
        "a new one with the code of a built-in one",
        {
            "policies/rules/not-a-volume.yaml": OWN_RULE.replace(
                "replicas-at-least-two", "not-a-volume"
            ).replace("OWN-001", "K8S-010")
        },
        "K8S-010",
        "GOV-010",
    ),
    Attack(
        "own rules",
        "a set asks for less",
        {SET: ("requirement: required", "requirement: advisory")},
        "falls from required to advisory",
    ),
    Attack("own rules", "a set deleted", {SET: None}, "set partner is removed"),
    Attack(
        "own rules",
        "a learned rule falls to advisory",
        {"policies/learned.yaml": ("level: warn", "level: advisory")},
        "1 learned rule of level warn is not asked for any more",
        blocks=False,
    ),
    Attack(
        "own rules",
        "learned rules deleted",
        {"policies/learned.yaml": None},
        "the learned rules are removed",
        blocks=False,
    ),
    Attack(
        "own rules",
        "learned rules made invalid",
        {"policies/learned.yaml": ("level: warn", "level: high")},
        "every run would stop here",
        "GOV-010",
    ),
    # Facts that the policy takes from files.
    Attack(
        "facts",
        "a price falls",
        {"finance/prices.yaml": ("0.312", "0.1")},
        "i3.xlarge costs 0.1 instead of 0.312",
        blocks=False,
    ),
    Attack(
        "facts",
        "an address in use is forgotten",
        {"network/in-use.csv": "address\n10.1.2.4\n"},
        "no longer names an address in use (10.1.2.3)",
        blocks=False,
    ),
    Attack(
        "facts",
        "a list of addresses in use is deleted",
        {"network/in-use.csv": None},
        "no longer names 2 addresses in use",
        blocks=False,
    ),
    # Hooks.
    Attack("hook", "configuration deleted", {HOOK: None}, "the pre-commit hook riskcheck is removed"),
    Attack(
        "hook",
        "configuration moved",
        {HOOK: Moved("conf/pre-commit.yaml")},
        "the pre-commit hook riskcheck is removed",
    ),
    Attack(
        "hook",
        "configuration made a link",
        {HOOK: Link("conf/x.yaml"), "conf/x.yaml": "repos: []\n"},
        "hook riskcheck is removed",
    ),
    Attack(
        "hook", "configuration broken", {HOOK: ("repos:\n", "repos: [\n")}, "did not find expected", "GOV-010"
    ),
    _hook("removed", ID, "      - id: other\n", "the pre-commit hook riskcheck is removed"),
    _set("exclude", "exclude: ^prod/", "runs for fewer files (exclude)"),
    _hook("exclude for all hooks", "repos:\n", "exclude: ^prod/\nrepos:\n", "runs for fewer files (exclude)"),
    _set("stages", "stages: [manual]", "only runs at manual"),
    _hook("stages for all hooks", "repos:\n", "default_stages: [manual]\nrepos:\n", "only runs at manual"),
    _hook(
        "install types",
        "repos:\n",
        "default_install_hook_types: [commit-msg]\nrepos:\n",
        "only installed for commit-msg",
    ),
    _set("types", "types: [python]", "runs for fewer files (types)"),
    _set("exclude_types", "exclude_types: [yaml]", "runs for fewer files (exclude_types)"),
    _set("always_run", "always_run: false", "not run for commits that only delete"),
    _set("--fail-on never", "args: [--fail-on, never]", "--fail-on never"),
    _set("--exit-zero", "args: [--exit-zero]", "--exit-zero"),
    _set("--ignore", "args: [--ignore, K8S-010]", "--ignore K8S-010"),
    _set("--config", "args: [--config, lax.yaml]", "another policy file (lax.yaml)"),
    _set("only some paths", "args: [--, docs]", "riskcheck only looks at docs"),
    _set("entry", "entry: 'true'", "no longer runs riskcheck"),
    _set("entry that only says its name", "entry: echo riskcheck", "no longer runs riskcheck"),
    _set("language", "language: script", "run as language script"),
    _hook("older version", "rev: v0.1.0", "rev: v0.0.9", "goes back from v0.1.0 to v0.0.9"),
    _hook("version that moves", "rev: v0.1.0", "rev: main", "follows main, which can move"),
    _hook(
        "from elsewhere",
        "git.example/riskcheck",
        "git.example/fork/riskcheck",
        "comes from https://git.example/fork/riskcheck",
    ),
    _hook("skipped by pre-commit.ci", "repos:\n", "ci: {skip: [riskcheck]}\nrepos:\n", "pre-commit.ci skips"),
    Attack(
        "hook",
        "Husky: removed",
        {HUSKY: ("riskcheck diff --hook\n", "")},
        "the hook .husky/pre-commit no longer runs riskcheck",
    ),
    Attack("hook", "Husky: script deleted", {HUSKY: None}, "no longer runs riskcheck"),
    Attack(
        "hook",
        "Husky: commented out",
        {HUSKY: ("riskcheck diff", "# riskcheck diff")},
        "no longer runs riskcheck",
    ),
    Attack(
        "hook",
        "Husky: never reached",
        {HUSKY: ("riskcheck diff", "exit 0\nriskcheck diff")},
        "no longer runs riskcheck",
    ),
    Attack(
        "hook",
        "Husky: exit code thrown away",
        {HUSKY: ("diff --hook", "diff --hook || true")},
        "exit code of riskcheck is thrown away",
    ),
    Attack("hook", "Husky: --exit-zero", {HUSKY: ("diff --hook", "diff --hook --exit-zero")}, "--exit-zero"),
    Attack(
        "hook",
        "lefthook: removed",
        {LEFTHOOK: ("    - name: riskcheck\n      run: riskcheck diff --hook\n", "")},
        "no longer runs riskcheck",
    ),
    Attack("hook", "lefthook: file deleted", {LEFTHOOK: None}, "no longer runs riskcheck"),
    Attack(
        "hook",
        "lefthook: skip",
        {LEFTHOOK: ("diff --hook\n", "diff --hook\n      skip: true\n")},
        "less often (skip)",
    ),
    Attack(
        "hook",
        "lefthook: skip for the whole hook",
        {LEFTHOOK: ("  parallel: true\n", "  skip: [merge, rebase]\n")},
        "less often (skip)",
    ),
    Attack(
        "hook",
        "lefthook: glob",
        {LEFTHOOK: ("diff --hook\n", "diff --hook\n      glob: '*.md'\n")},
        "less often (glob)",
    ),
    Attack(
        "hook",
        "lefthook: skipped by a local configuration",
        {"lefthook-local.yml": "pre-commit:\n  jobs:\n    - name: riskcheck\n      skip: true\n"},
        "less often (skip)",
    ),
    Attack(
        "hook",
        "lefthook: replaced by a local configuration",
        {"lefthook-local.yml": "pre-commit:\n  jobs:\n    - name: riskcheck\n      run: 'true'\n"},
        "no longer runs riskcheck",
    ),
    # CI.
    Attack(
        "CI",
        "step removed",
        {CI: (f"      - name: Judge the change\n        {CALL}\n", "")},
        "job risk no longer runs riskcheck",
    ),
    Attack("CI", "definition deleted", {CI: None}, "job risk no longer runs riskcheck"),
    Attack(
        "CI",
        "definition moved to where it does not run",
        {CI: Moved(".github/ci.yml")},
        "no longer runs riskcheck",
    ),
    Attack("CI", "step may fail", {CI: (CALL, f"{CALL}\n        continue-on-error: true")}, "may fail"),
    Attack("CI", "exit code thrown away", {CI: (CALL, f"{CALL} || true")}, "thrown away"),
    Attack(
        "CI",
        "--exit-zero by a variable",
        {CI: ("permissions:", "env: {RISKCHECK_EXIT_ZERO: '1'}\npermissions:")},
        "--exit-zero",
    ),
    Attack(
        "CI",
        "under a condition",
        {CI: (f"        {CALL}", f"        if: github.actor != 'x'\n        {CALL}")},
        "only runs under a condition",
    ),
    Attack(
        "CI", "no longer on pull requests", {CI: ("pull_request: {}, ", "")}, "no longer runs on pull_request"
    ),
    Attack(
        "CI",
        "compared with its own commit",
        {CI: (CALL, "run: riskcheck diff HEAD~1")},
        "compares with HEAD~1, a state of the change itself",
    ),
    Attack("CI", "only some paths", {CI: (CALL, f"{CALL} -- docs")}, "only looks at docs"),
    Attack("CI", "another command", {CI: (CALL, "run: riskcheck lint")}, "`riskcheck lint` is run instead"),
    Attack(
        "CI",
        "approvals from a file",
        {CI: (CALL, f"{CALL} --approvals given.json")},
        "takes approvals from given.json",
    ),
    # Owners.
    Attack("owners", "file deleted", {OWNERS: None}, "has no code owners any more"),
    Attack(
        "owners",
        "of production",
        {OWNERS: ("/prod/ @org/team-shop", "/prod/")},
        "/prod/ (production) has no code owners",
    ),
    Attack(
        "owners",
        "of the policy",
        {OWNERS: ("/riskcheck.yaml @org/team-controls", "/riskcheck.yaml")},
        "/riskcheck.yaml (the gate) has no code owners",
    ),
    Attack(
        "owners",
        "a later line takes them away",
        {OWNERS: ("/prod/ @org/team-shop\n", "/prod/ @org/team-shop\n/prod/data.yaml\n")},
        "is given no code owners",
    ),
    Attack(
        "owners",
        "a file that comes before the one that counted",
        {OWNERS: "# nobody\n"},
        "has no code owners any more",
        before={OWNERS: Moved("CODEOWNERS")},
    ),
    # Branch protection that is kept in files.
    Attack("protection", "settings deleted", {SETTINGS: None}, "branch main is not protected any more"),
    Attack(
        "protection",
        "fewer approvals",
        {SETTINGS: ("count: 2", "count: 1")},
        "branch main needs 1 instead of 2 approvals",
    ),
    Attack(
        "protection",
        "no code owners",
        {SETTINGS: ("owner_reviews: true", "owner_reviews: false")},
        "code owners need not approve",
    ),
    Attack(
        "protection",
        "a check less",
        {SETTINGS: ("[risk, test]", "[test]")},
        "risk need not pass for branch main any more",
    ),
    Attack(
        "protection",
        "not for admins",
        {SETTINGS: ("enforce_admins: true", "enforce_admins: false")},
        "does not hold for admins",
    ),
    Attack(
        "protection",
        "force pushes",
        {SETTINGS: ("enforce_admins: true", "enforce_admins: true\n      allow_force_pushes: true")},
        "branch main allows force pushes",
    ),
    Attack("protection", "ruleset deleted", {RULESET: None}, "ruleset main is removed"),
    Attack(
        "protection",
        "ruleset not enforced",
        {RULESET: ('"active"', '"evaluate"')},
        "ruleset main is evaluate",
    ),
    Attack(
        "protection",
        "ruleset with fewer approvals",
        {RULESET: ('count": 2', 'count": 0')},
        "ruleset main needs 0 instead of 2",
    ),
    Attack(
        "protection",
        "ruleset with a check less",
        {RULESET: ('{"context": "risk"}', '{"context": "lint"}')},
        "risk need not pass for ruleset main",
    ),
    Attack(
        "protection",
        "ruleset with a rule less",
        {RULESET: ('    {"type": "deletion"},\n', "")},
        "no longer holds deletion",
    ),
    Attack(
        "protection",
        "ruleset with a way around",
        {
            RULESET: (
                '"bypass_actors": []',
                '"bypass_actors": [{"actor_id": 5, "actor_type": "RepositoryRole"}]',
            )
        },
        "1 more may bypass ruleset main",
    ),
    # Catalogs.
    Attack(
        "catalog",
        "service less critical",
        {"catalog/shop.yaml": ("criticality: tier-1", "criticality: tier-3")},
        "criticality of shop falls from tier-1 to tier-3",
        "GRF-004",
        blocks=False,
    ),
    Attack(
        "catalog",
        "service no longer in production",
        {"catalog/shop.yaml": ("lifecycle: production", "lifecycle: experimental")},
        "shop",
        "GRF-004",
        blocks=False,
    ),
)


class Innocent(NamedTuple):
    """An edit of a guard that takes nothing away."""

    way: str
    edits: Mapping[str, Edit]


INNOCENT = (
    Innocent("a comment in the policy", {P: ("version: 1\n", "version: 1  # the first\n")}),
    Innocent(
        "an environment more",
        {P: ("services:\n", '  - {name: prod-us, stage: prod, paths: ["us/**"]}\nservices:\n')},
    ),
    Innocent(
        "a lower environment with its own paths",
        {P: ("environments:\n", 'environments:\n  - {name: dev, stage: dev, paths: ["dev/**"]}\n')},
    ),
    Innocent("a longer soak", {P: ("soak: 24h", "soak: 48h")}),
    Innocent(
        "a service more",
        {
            P: (
                'paths: ["mail/**"]}\n',
                'paths: ["mail/**"]}\n  - {name: new, owner: x, criticality: tier-2, paths: ["new/**"]}\n',
            )
        },
    ),
    Innocent(
        "a runbook that was exercised again",
        {P: ("exercised: 2026-10-01, duration: 45m", "exercised: 2026-11-01, duration: 20m")},
    ),
    Innocent("a price that rises", {"finance/prices.yaml": ("0.312", "0.4")}),
    Innocent("an address in use more", {"network/in-use.csv": "address\n10.1.2.3\n10.1.2.4\n10.1.2.5\n"}),
    Innocent(
        "a local configuration of lefthook for another command",
        {"lefthook-local.yml": "pre-commit:\n  jobs:\n    - name: eslint\n      skip: true\n"},
    ),
    Innocent("a tighter budget", {P: ("max_increase: 15%", "max_increase: 10%")}),
    Innocent("a severity raised", {P: ("{K8S-001: P1}", "{K8S-001: P0}")}),
    Innocent("a waiver that ends earlier", {P: ("until: 2099-01-31", "until: 2098-01-31")}),
    Innocent("the policy under another accepted name", {P: Moved(".riskcheck.yaml")}),
    Innocent(
        "a policy in a folder, which nothing reads",
        {"tools/riskcheck.yaml": "version: 1\nrules: {ignore: [K8S-010]}\n"},
    ),
    Innocent("the policy as a link to the same", {P: Link("conf/p.yaml"), "conf/p.yaml": POLICY}),
    Innocent("better words in a rule", {RULE: ("too few here", "too few for us")}),
    Innocent("a rule moved within its pack", {RULE: Moved("policies/rules/more/replicas-at-least-two.yaml")}),
    Innocent("a newer hook", {HOOK: ("rev: v0.1.0", "rev: v0.2.0")}),
    Innocent("a hook frozen to a commit", {HOOK: ("rev: v0.1.0", f"rev: {'a' * 40}  # frozen: v0.1.0")}),
    Innocent(
        "a hook fetched another way",
        {HOOK: ("https://git.example/riskcheck", "git@git.example:riskcheck.git")},
    ),
    Innocent(
        "a hook of somebody else",
        {
            HOOK: PRE_COMMIT
            + "  - repo: https://git.example/x\n    rev: v1\n    hooks: [{id: x, exclude: y}]\n"
        },
    ),
    Innocent("hook arguments about looks", {HOOK: (ID, f"{ID}        args: [--color, never]\n")}),
    Innocent("another command of Husky", {HUSKY: ("npx lint-staged", "npm test")}),
    Innocent(
        "riskcheck moves from Husky to another hook script",
        {HUSKY: ("riskcheck diff --hook\n", ""), ".githooks/pre-commit": "riskcheck diff --hook\n"},
    ),
    Innocent("another command of lefthook", {LEFTHOOK: ("npx eslint {staged_files}", "npm run lint")}),
    Innocent("another format in CI", {CI: (CALL, f"{CALL} --format github")}),
    Innocent("a check and an approval more", {SETTINGS: ("[risk, test]", "[risk, test, lint]")}),
    Innocent("a ruleset asks for more", {RULESET: ('count": 2', 'count": 3')}),
    Innocent("a comment in code owners", {OWNERS: ("* @org/all\n", "# everybody\n* @org/all\n")}),
)
