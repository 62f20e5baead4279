"""Fleet files: what they ask for, and all that is wrong with one at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from riskcheck.data import data_text
from riskcheck.errors import RunError
from riskcheck.fleet.file import _NO_URL, read_fleet
from riskcheck.fleet.model import Fleet

_NO_NAME = '"a b" is not a name of letters, digits, dots, hyphens and underscores; write payments'


def read(folder: Path, text: str) -> Fleet:
    file = folder / "fleet.yaml"
    file.write_text(text)
    return read_fleet(str(file))


def wrong(folder: Path, text: str) -> list[str]:
    with pytest.raises(RunError) as raised:
        read(folder, text)
    return str(raised.value).replace(f"{folder}/", "").splitlines()


def test_paths_are_relative_to_the_file_and_names_are_those_of_folders(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "version: 1\ndo: [backtest, lint]\nconfig: policies/all.yaml\nrepositories:\n"
        "  - {path: clones/shop.git, revision: origin/main}\n"
        "  - {path: /srv/lake, name: data-lake, config: /etc/lake.yaml, after: v1, labels: labels.jsonl}\n"
        "select: [K8S-001]\nbacktest: {last: 20, follow: 7.5}\n",
    )
    assert found.jobs == ("lint", "backtest")
    lake, shop = found.members
    assert (shop.name, shop.path, shop.revision) == ("shop", str(tmp_path / "clones/shop.git"), "origin/main")
    assert shop.config == str(tmp_path / "policies/all.yaml")
    assert (lake.name, lake.path, lake.config) == ("data-lake", "/srv/lake", "/etc/lake.yaml")
    assert (lake.after, lake.labels) == ("v1", str(tmp_path / "labels.jsonl"))
    assert found.select == ("K8S-001",)
    assert found.options == {"lint": {}, "learn": {}, "backtest": {"last": 20, "follow": 7.5}}


def test_a_star_is_every_folder_that_is_not_hidden(tmp_path: Path) -> None:
    for name in ("team-a/one", "team-a/.git", "team-b/two.git", "team-b/three", "other/four"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "team-a" / "notes.txt").write_text("no folder\n")
    found = read(tmp_path, "version: 1\ndo: [lint]\nrepositories: [{path: team-?/*}]\n")
    assert [one.name for one in found.members] == ["one", "three", "two"]


def test_everything_that_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    assert wrong(
        tmp_path,
        "version: 2\ndo: [lint, lnt]\nrepositories:\n  - {path: a, nme: b}\n  - {name: a b, path: c}\n"
        "  - {url: https://example.com/x.git, path: x}\nbacktest: {last: -1}\n",
    ) == [
        "fleet.yaml:1: version: 2 is not 1",
        'fleet.yaml:2: do[1]: "lnt" is not one of lint, learn, backtest; did you mean lint?',
        "fleet.yaml:4: repositories[0].nme: unknown key; did you mean name?",
        f"fleet.yaml:5: repositories[1].name: {_NO_NAME}",
        f"fleet.yaml:6: repositories[2].url: {_NO_URL}",
        "fleet.yaml:7: backtest.last: -1 is not at least 0",
    ]


def test_what_paths_come_to_is_checked_too(tmp_path: Path) -> None:
    (tmp_path / "clones" / "shop").mkdir(parents=True)
    (tmp_path / "clones" / "a b").mkdir()
    told = wrong(
        tmp_path,
        "version: 1\ndo: [lint]\nrepositories:\n  - {path: clones/shop}\n  - {path: other/shop.git}\n"
        "  - {path: none/*}\n  - {path: clones/*, name: all}\n",
    )
    assert told == [
        "fleet.yaml:5: name: another repository is called shop (line 4); give one a `name`",
        "fleet.yaml:6: path: no folder is called none/*",
        "fleet.yaml:7: name: another repository is called shop (line 4); give one a `name`",
        "fleet.yaml:7: name: clones/* is several folders, which are called as they are",
        "fleet.yaml:7: path: clones/a b needs a `name` of letters, digits, dots, hyphens, underscores",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("- a\n", "must be a mapping"),
        ("version: [1\n", "fleet.yaml:"),
        ("version: 1\n---\nversion: 1\n", "is one document"),
        ("version: 1\nversion: 1\ndo: [lint]\nrepositories: [{path: a}]\n", "version"),
        ("version: 1\ndo: []\nrepositories: []\n", "must not be empty"),
    ],
)
def test_what_is_no_fleet_file_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert said in "\n".join(wrong(tmp_path, text))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="No such file or directory; name a fleet file"):
        read_fleet(str(tmp_path / "fleet.yaml"))


def test_the_schema_is_one(tmp_path: Path) -> None:
    schema = json.loads(data_text("schemas", "fleet.schema.json"))
    Draft202012Validator.check_schema(schema)
    fleet = {"version": 1, "do": ["lint"], "repositories": [{"path": "a"}], "learn": {"since": 30}}
    Draft202012Validator(schema).validate(fleet)
    assert not Draft202012Validator(schema).is_valid({**fleet, "do": "lint"})
