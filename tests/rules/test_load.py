"""Which rules a run has: built in, of the deciding tree, of installed packs; their digest; the cache."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from riskcheck import cache
from riskcheck.rules import load as loading
from riskcheck.rules import registry
from riskcheck.rules.load import RuleSet, load_rules
from riskcheck.rules.problems import RuleError
from tests.rules.samples import CASES_TEXT, RULE_TEXT, install
from tests.support import MemoryTree

PACK = "policies/rules/test"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, outside of any checkout."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return tmp_path / "cache" / "riskcheck"


@pytest.fixture
def builtin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of built-in rules that holds one."""
    folder = tmp_path / "builtin"
    (folder / "core").mkdir(parents=True)
    (folder / "core" / "size-reduced.yaml").write_text(RULE_TEXT)
    (folder / "core" / "size-reduced.test.yaml").write_text(CASES_TEXT)
    monkeypatch.setattr(loading, "data_path", lambda name: str(folder))
    return folder


def named(rules: RuleSet) -> list[str]:
    return [rule.id for rule in rules.rules]


def compiled_in(own_cache: Path) -> Path:
    """The entry of the cache that holds the built-in rules; the other one holds their digest."""
    (entry,) = own_cache.glob("rules-*.json")
    return entry


def another(name: str = "size-shrunk", code: str = "TST-002") -> str:
    return RULE_TEXT.replace("size-reduced", name, 1).replace("TST-001", code)


def failure(*packs: str, **files: str) -> str:
    with pytest.raises(RuleError) as raised:
        load_rules(packs, MemoryTree({f"{PACK}/{name}": text for name, text in files.items()}))
    return str(raised.value)


def test_the_shipped_rules_load() -> None:
    rules = load_rules()
    assert rules.get("K8S-001") is rules.get("replicas-reduced")
    assert {"K8S-001", "replicas-reduced"} <= set(rules.names())
    assert [rule.code for rule in rules.rules] == sorted(rule.code for rule in rules.rules)
    assert not any(rule.bounded for rule in rules.rules)


def test_a_second_load_comes_from_the_cache(
    builtin: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_rules()
    assert len(list(own_cache.iterdir())) == 2
    monkeypatch.setattr(loading, "_compile", lambda files: pytest.fail("compiled again"))
    second = load_rules()
    assert (named(second), second.digest) == (named(first), first.digest)
    assert second.rules[0].match == first.rules[0].match
    assert second.rules[0].escalate == first.rules[0].escalate


def test_the_digest_is_told_without_the_rules(builtin: Path, own_cache: Path) -> None:
    first = load_rules().digest
    compiled_in(own_cache).unlink()
    second = load_rules()
    assert second.digest == first
    assert not list(own_cache.glob("rules-*.json"))
    assert named(second) == ["size-reduced"]
    assert compiled_in(own_cache).exists()


def test_an_edited_rule_is_compiled_again(builtin: Path) -> None:
    first = load_rules()
    (builtin / "core" / "size-reduced.yaml").write_text(RULE_TEXT.replace("Less is less.", "Less is worse."))
    second = load_rules()
    assert second.rules[0].why == "Less is worse."
    assert second.digest != first.digest


def test_cases_are_no_part_of_the_digest(builtin: Path) -> None:
    first = load_rules().digest
    (builtin / "core" / "size-reduced.test.yaml").write_text("cases: []")
    assert load_rules().digest == first


def test_without_the_cache_nothing_is_written(builtin: Path, own_cache: Path) -> None:
    load_rules(use_cache=False)
    assert not own_cache.exists()


def test_a_repository_brings_rules_from_the_deciding_tree(builtin: Path) -> None:
    tree = MemoryTree({f"{PACK}/size-shrunk.yaml": another(), f"{PACK}/size-shrunk.test.yaml": CASES_TEXT})
    for pack in ("policies/rules", "./policies/rules/", PACK, f"{PACK}/size-shrunk.yaml"):
        rules = load_rules([pack], tree)
        assert named(rules) == ["size-reduced", "size-shrunk"]
        own = rules.rules[1]
        assert (own.pack, own.bounded, own.source) == ("test", True, f"{PACK}/size-shrunk.yaml")
        assert rules.digest != load_rules().digest


def test_names_cannot_be_taken_twice(builtin: Path) -> None:
    same_id = failure(PACK, **{"size-reduced.yaml": RULE_TEXT.replace("TST-001", "TST-002")})
    assert same_id.startswith(f"{PACK}/size-reduced.yaml:1: the id size-reduced is taken by {builtin}")
    assert "the code TST-001 is taken by" in failure(PACK, **{"size-shrunk.yaml": another(code="TST-001")})


def test_all_faults_of_all_files_are_told_at_once(builtin: Path) -> None:
    message = failure(
        PACK,
        "nowhere",
        **{
            "a-b.yaml": another("a-b", "TST-003").replace("after < before", "aftr < before"),
            "c-d.yaml": another("c-d", "TST-004").replace("P2", "P7"),
        },
    )
    assert f"{PACK}/a-b.yaml:15: condition 'aftr < before': " in message
    assert f"{PACK}/c-d.yaml:4: severity 'P7' is unknown" in message
    assert "no folder of rule files and no installed pack is called nowhere" in message


def test_conditions_of_a_repository_are_bounded(builtin: Path) -> None:
    text = another().replace("after < before", '"[after].map(a, a).map(b, b) == []"')
    assert "more than 1 time in all" in failure(PACK, **{"size-shrunk.yaml": text})


def test_checks_of_a_repository_are_ours_or_do_not_exist(builtin: Path) -> None:
    text = another().replace("when: after < before", "check: os.system")
    message = failure(PACK, **{"size-shrunk.yaml": text})
    assert message.startswith(f"{PACK}/size-shrunk.yaml:15: there is no check os.system")


def test_unreadable_rules_are_a_fault(builtin: Path) -> None:
    tree = MemoryTree({}, unreadable={f"{PACK}/a-b.yaml": "too-large"})
    with pytest.raises(RuleError, match=r"a-b\.yaml:1: .*cannot be read"):
        load_rules([PACK], tree)


def test_links_are_no_rules(builtin: Path) -> None:
    tree = MemoryTree({}, unreadable={f"{PACK}/a-b.yaml": "symlink"})
    with pytest.raises(RuleError, match="no folder of rule files"):
        load_rules([PACK], tree)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on `sys.path` with an installed distribution that ships the pack ``acme`` and its checks."""
    install(tmp_path / "site", another().replace("when: after < before", "check: acme.shrunk"))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return tmp_path / "site"


def test_an_installed_pack_loads_when_it_is_named(builtin: Path, site: Path) -> None:
    assert named(load_rules()) == ["size-reduced"]
    rule = load_rules(["acme"], MemoryTree({})).get("TST-002")
    assert rule is not None
    assert (rule.pack, rule.bounded, rule.check) == ("acme", False, "acme_rules.checks:shrunk")
    assert registry.find_check(str(rule.check)).__module__ == "acme_rules.checks"


def test_nothing_is_loaded_from_the_current_directory(
    builtin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(Path.cwd(), another())
    monkeypatch.setattr(sys, "path", ["", str(Path.cwd()), ".", *sys.path])
    with pytest.raises(RuleError, match="no installed pack is called acme"):
        load_rules(["acme"], MemoryTree({}))


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("nowhere.thing", "no module riskcheck.rules.checks.nowhere"),
        ("delivery.nothing", "defines no nothing"),
        ("delivery.Match", "defines no Match"),
        ("delivery._private", "defines no _private"),
        ("acme_nowhere:thing", "no module acme_nowhere"),
    ],
)
def test_checks_are_functions_of_their_own_module(name: str, complaint: str) -> None:
    with pytest.raises(registry.UnknownCheckError, match=complaint):
        registry.find_check(name)


def test_the_cache_is_private(builtin: Path, own_cache: Path) -> None:
    load_rules()
    entry = compiled_in(own_cache)
    assert entry.stat().st_mode & 0o777 == 0o600
    assert own_cache.stat().st_mode & 0o777 == 0o700


def test_an_entry_that_others_can_write_is_not_trusted(builtin: Path, own_cache: Path) -> None:
    load_rules()
    entry = compiled_in(own_cache)
    entry.write_text(entry.read_text().replace("after < before", "false"))
    entry.chmod(0o666)
    assert load_rules().rules[0].when == "after < before"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"key": "x", "value": 1}', b"\xff", b"[" * 100_000])
def test_a_broken_entry_is_made_again(builtin: Path, own_cache: Path, content: bytes) -> None:
    load_rules()
    entry = compiled_in(own_cache)
    entry.write_bytes(content)
    assert named(load_rules()) == ["size-reduced"]


def test_a_linked_entry_is_not_followed(builtin: Path, own_cache: Path, tmp_path: Path) -> None:
    load_rules()
    entry = compiled_in(own_cache)
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(entry.read_text().replace("after < before", "false"))
    elsewhere.chmod(0o600)
    entry.unlink()
    entry.symlink_to(elsewhere)
    assert load_rules().rules[0].when == "after < before"


@pytest.mark.parametrize("inside", [".cache", "deep/.cache"])
def test_no_cache_inside_a_checkout(
    builtin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    checkout = tmp_path / "checkout"
    (checkout / ".git").mkdir(parents=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(checkout / inside))
    assert cache.cache_dir() is None
    assert named(load_rules()) == ["size-reduced"]
    assert [path.name for path in checkout.iterdir()] == [".git"]


def test_no_cache_below_the_current_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path.cwd() / "cache"))
    assert cache.cache_dir() is None


def test_a_cache_that_cannot_be_written_does_no_harm(
    builtin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder would be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert named(load_rules()) == ["size-reduced"]


def test_few_entries_of_a_family_are_kept(own_cache: Path) -> None:
    for number in range(cache.MOST_OF_A_FAMILY + 5):
        cache.store("rules", f"key {number}", number)
    assert len(list(own_cache.iterdir())) == cache.MOST_OF_A_FAMILY
    assert cache.load("rules", "key 0") is None or cache.load("rules", "key 12") == 12
