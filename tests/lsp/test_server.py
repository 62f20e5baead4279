"""`riskcheck lsp` over the real protocol."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from lsprotocol.types import DiagnosticSeverity

from tests.gitrepo import GitRepo
from tests.lsp.client import ROOT, Client, session
from tests.manifests import CLAIM, VOLUME, WEB

FEWER = WEB.replace("replicas: 3", "replicas: 2")


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit({"clusters/prod/web.yaml": WEB, "clusters/prod/claim.yaml": CLAIM, "databricks.yml": VOLUME})
    return made


def test_what_is_typed_is_shown_explained_and_cleared(repo: GitRepo) -> None:
    web = repo.path / "clusters/prod/web.yaml"

    async def steps(client: Client) -> None:
        client.open(web)
        await client.until(lambda: any("pass" in one for one in client.logged))
        client.edit(web, FEWER)
        await client.until(lambda: "K8S-001" in client.codes(web))
        found = next(one for one in client.shown[web.as_uri()] if one.code == "K8S-001")
        assert (found.range.start.line, found.range.start.character) == (4, 12)
        assert (found.range.end.line, found.range.end.character) == (4, 13)
        assert (found.severity, found.source) == (DiagnosticSeverity.Warning, "riskcheck")
        assert "replicas go from 3 to 2" in found.message
        said = await client.hover(web, 4)
        for part in ("P2 K8S-001", "**Why**", "**Fix**", "3 → 2", "riskcheck explain K8S-001"):
            assert part in said
        assert await client.hover(web, 0) == ""
        client.edit(web, WEB, 3)
        await client.until(lambda: client.codes(web) == [])
        assert web.read_text("utf-8") == WEB

    assert session(repo, steps).code == 0


def test_files_that_are_not_open_are_shown_and_so_is_what_is_gone(repo: GitRepo) -> None:
    bundle = repo.path / "databricks.yml"
    repo.write(
        {
            "databricks.yml": VOLUME.partition("resources:")[0] + VOLUME[VOLUME.index("targets:") :],
            "clusters/prod/claim.yaml": None,
        }
    )

    async def steps(client: Client) -> None:
        await client.until(lambda: "DAB-009" in client.codes(bundle))
        gone = next(one for one in client.shown[bundle.as_uri()] if one.code == "DAB-009")
        assert gone.severity == DiagnosticSeverity.Error
        assert "before the change, which is gone" in gone.message
        assert gone.range.start.line == 1
        deleted = client.shown[(repo.path / "clusters/prod/claim.yaml").as_uri()]
        assert deleted
        assert all("of a file that is deleted" in one.message for one in deleted)

    assert session(repo, steps).code == 0


@pytest.mark.parametrize(("encoding", "more"), [("utf-16", 2), ("utf-32", 0), ("utf-8", 6)])
def test_columns_are_counted_as_the_editor_does(repo: GitRepo, encoding: str, more: int) -> None:
    web = repo.path / "clusters/prod/web.yaml"
    # Two characters beyond the basic plane stand before the value.
    inline = 'spec: {"\U0001f680\U0001f680": 1, replicas: '
    text = f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\n{inline}3}}\n"
    repo.commit({"clusters/prod/web.yaml": text})

    async def steps(client: Client) -> None:
        client.open(web)
        client.edit(web, text.replace("replicas: 3", "replicas: 1"))
        await client.until(lambda: "K8S-001" in client.codes(web))
        found = next(one for one in client.shown[web.as_uri()] if one.code == "K8S-001")
        assert (found.range.start.line, found.range.start.character) == (3, len(inline) + more)
        assert found.range.end.character == found.range.start.character + 1

    session(repo, steps, encodings=[encoding])


def test_several_folders_one_without_git(repo: GitRepo, tmp_path: Path) -> None:
    other = GitRepo(tmp_path / "other")
    other.commit({"clusters/prod/web.yaml": WEB})
    other.write({"clusters/prod/web.yaml": FEWER})
    repo.write({"clusters/prod/web.yaml": FEWER})
    plain = tmp_path / "plain"
    plain.mkdir()

    async def steps(client: Client) -> None:
        for one in (repo, other):
            web = one.path / "clusters/prod/web.yaml"
            await client.until(partial(lambda path: "K8S-001" in client.codes(path), web))
        assert sum("is in no git repository" in one for one in client.logged) == 1

    session(repo, steps, repo.path, other.path, plain)


def test_a_folder_behind_a_link_is_called_as_the_editor_calls_it(repo: GitRepo, tmp_path: Path) -> None:
    repo.write({"clusters/prod/web.yaml": FEWER})
    (tmp_path / "link").symlink_to(repo.path)

    async def steps(client: Client) -> None:
        await client.until(lambda: "K8S-001" in client.codes(tmp_path / "link/clusters/prod/web.yaml"))

    session(repo, steps, tmp_path / "link")


def test_closing_without_saving_and_committing_clear_what_is_shown(repo: GitRepo) -> None:
    web = repo.path / "clusters/prod/web.yaml"

    async def steps(client: Client) -> None:
        client.open(web)
        client.edit(web, FEWER)
        await client.until(lambda: "K8S-001" in client.codes(web))
        client.close(web)
        await client.until(lambda: client.codes(web) == [])
        repo.write({"clusters/prod/web.yaml": FEWER})
        client.open(web)
        await client.until(lambda: "K8S-001" in client.codes(web))
        repo.commit()
        client.changed_on_disk(repo.path / ".git/logs/HEAD")
        await client.until(lambda: client.codes(web) == [])

    session(repo, steps)


def test_a_waived_finding_is_a_hint_and_a_broken_file_is_said(repo: GitRepo) -> None:
    policy = "version: 1\nwaivers:\n  - {rule: K8S-001, where: 'kubernetes:Deployment.shop/web', \n"
    repo.commit({"riskcheck.yaml": policy + "     owner: team-shop, reason: planned, until: 2099-01-31}\n"})
    repo.write({"clusters/prod/web.yaml": FEWER, "clusters/prod/claim.yaml": "kind: [\n"})

    async def steps(client: Client) -> None:
        web = repo.path / "clusters/prod/web.yaml"
        await client.until(lambda: "K8S-001" in client.codes(web))
        found = next(one for one in client.shown[web.as_uri()] if one.code == "K8S-001")
        assert found.severity == DiagnosticSeverity.Hint
        assert "waived by team-shop until 2099-01-31" in found.message
        told = client.shown[(repo.path / "clusters/prod/claim.yaml").as_uri()]
        assert any(one.message.startswith("not analysed") for one in told)

    session(repo, steps)


def test_a_policy_that_cannot_be_read_is_logged_and_ends_nothing(repo: GitRepo) -> None:
    repo.commit({"riskcheck.yaml": "version: 2\n"})
    web = repo.path / "clusters/prod/web.yaml"

    async def steps(client: Client) -> None:
        client.open(web)
        await client.until(lambda: any("could not be made" in one for one in client.logged))
        repo.commit({"riskcheck.yaml": "version: 1\n"})
        client.edit(web, FEWER)
        await client.until(lambda: "K8S-001" in client.codes(web))

    session(repo, steps)


def test_text_of_a_stranger_is_not_markup(repo: GitRepo) -> None:
    web = repo.path / "clusters/prod/web.yaml"
    repo.commit({"clusters/prod/web.yaml": WEB.replace("web:1.4.2", "web:1.4.2")})

    async def steps(client: Client) -> None:
        client.open(web)
        client.edit(
            web,
            WEB.replace("registry.example/web:1.4.2", "x/[a](command:evil)<b>https://evil.example:latest"),
        )
        await client.until(lambda: client.codes(web) != [])
        said = "".join([await client.hover(web, line) for line in range(9)])
        assert "evil" in said
        for markup in ("[a](", "<b>", "https://evil"):
            assert markup not in said.replace("\\[", "").replace("\\<", "").replace("\\:", "")

    session(repo, steps)


def test_files_of_any_name_are_shown(repo: GitRepo) -> None:
    names = [
        "clusters/prod/a b#c%20.yaml",
        "clusters/prod/süß🚀.yaml",
        os.fsdecode(b"clusters/prod/\xff.yaml"),
    ]
    repo.commit({name: WEB.replace("name: web,", f"name: web{number},") for number, name in enumerate(names)})
    repo.write(
        {name: FEWER.replace("name: web,", f"name: web{number},") for number, name in enumerate(names)}
    )

    async def steps(client: Client) -> None:
        for name in names:
            await client.until(partial(lambda path: "K8S-001" in client.codes(path), repo.path / name))

    assert session(repo, steps).code == 0


def test_nothing_of_the_checked_folder_is_imported(repo: GitRepo) -> None:
    repo.commit({"pygls.py": "raise SystemExit(7)\n", "lsprotocol.py": "raise SystemExit(7)\n"})
    repo.write({"clusters/prod/web.yaml": FEWER})

    async def steps(client: Client) -> None:
        await client.until(lambda: "K8S-001" in client.codes(repo.path / "clusters/prod/web.yaml"))

    assert session(repo, steps).code == 0


def test_without_the_library_it_says_what_to_install(repo: GitRepo) -> None:
    code = "import sys; sys.modules['pygls'] = None; sys.argv[1:] = ['lsp']\n"
    code += "from riskcheck.cli import run; sys.exit(run())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 2
    assert done.stderr == "riskcheck: the language server needs pygls: pip install 'riskcheck[lsp]'\n"


_EDITOR = """
local command = { name = "riskcheck", cmd = { "PYTHON", "-m", "riskcheck", "lsp" }, root_dir = vim.fn.getcwd() }
local id = vim.lsp.start_client(command)
vim.cmd("edit clusters/prod/web.yaml")
vim.lsp.buf_attach_client(0, id)
vim.api.nvim_buf_set_lines(0, 4, 5, false, { "  replicas: 1" })
vim.wait(30000, function() return #vim.diagnostic.get(0) > 0 end)
for _, one in ipairs(vim.diagnostic.get(0)) do print(one.lnum .. ":" .. one.col .. " " .. one.code .. "\\n") end
vim.api.nvim_buf_set_lines(0, 4, 5, false, { "  replicas: 3" })
vim.wait(30000, function() return #vim.diagnostic.get(0) == 0 end)
print("left " .. #vim.diagnostic.get(0) .. "\\n")
vim.cmd("qa!")
"""


def test_neovim_shows_what_is_typed(repo: GitRepo, tmp_path: Path) -> None:
    if shutil.which("nvim") is None:
        pytest.skip("nvim is not installed")
    script = tmp_path / "init.lua"
    script.write_text(_EDITOR.replace("PYTHON", sys.executable), "utf-8")
    done = subprocess.run(
        ["nvim", "--headless", "-u", str(script)],
        cwd=repo.path,
        env={**repo.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert "4:12 K8S-001" in done.stderr
    assert "left 0" in done.stderr
