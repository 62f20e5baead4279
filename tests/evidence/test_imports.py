"""A run that leaves no evidence, and that no editor asks for, pays for neither."""

from __future__ import annotations

from pathlib import Path

from tests.gitrepo import GitRepo
from tests.manifests import WEB
from tests.test_imports import inside, loaded


def test_a_run_without_evidence_imports_nothing_of_it(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"clusters/prod/web.yaml": WEB})
    repo.write({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    modules = loaded(repo, "diff")
    assert not inside("riskcheck.evidence", modules) | inside("riskcheck.lsp", modules)
    assert not modules & {
        "riskcheck.commands.evidencing",
        "riskcheck.sources.identity",
        "riskcheck.sources.buffers",
    }
    kept = loaded(repo, "diff", "--evidence", str(tmp_path / "evidence.json"))
    assert "riskcheck.evidence.statement" in kept
    assert "jsonschema" not in kept
