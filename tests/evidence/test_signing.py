"""The usual tools take the statement as it is."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from riskcheck.commands.recorded import Material
from riskcheck.commands.verifying import verified
from riskcheck.evidence.statement import PREDICATE, STATEMENT
from tests.cli.test_diff import riskcheck
from tests.gitrepo import GitRepo
from tests.manifests import WEB


@pytest.fixture
def file(tmp_path: Path) -> Path:
    repo = GitRepo(tmp_path / "repo")
    repo.commit({"clusters/prod/web.yaml": WEB})
    repo.commit({"clusters/prod/web.yaml": WEB.replace("replicas: 3", "replicas: 2")})
    made = tmp_path / "evidence.json"
    assert riskcheck(repo.path, "diff", "HEAD~1..HEAD", "--evidence", str(made)).returncode == 0
    return made


def run(where: Path, *command: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, cwd=where, input=stdin, capture_output=True, check=False)


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


def test_it_is_a_statement_to_the_library_of_in_toto(file: Path) -> None:
    from google.protobuf.json_format import Parse
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement

    parsed = Statement.copy_from_pb(Parse(file.read_text("utf-8"), statement_pb2.Statement()))
    parsed.validate()
    assert parsed.pb.type == STATEMENT
    assert parsed.pb.predicate_type == PREDICATE
    assert set(parsed.pb.subject[0].digest) == {"gitCommit", "gitTree"}


def test_it_is_signed_in_an_envelope_and_verified_from_there(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer._crypto_signer import CryptoSigner

    signer = CryptoSigner.generate_ed25519()
    envelope = Envelope(file.read_bytes(), "application/vnd.in-toto+json", {})
    envelope.sign(signer)
    envelope.verify([signer.public_key], 1)
    file.write_text(json.dumps(envelope.to_dict()), "utf-8")
    assert verified(str(file), Material(str(file.parent / "repo"))) == 0
    assert "1 signature, not checked here" in capsys.readouterr().out


def test_ssh_keygen_signs_it_and_finds_a_change(file: Path) -> None:
    needs("ssh-keygen")
    here = file.parent
    assert (
        run(here, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key", "-C", "team-audit").returncode
        == 0
    )
    signed = run(here, "ssh-keygen", "-q", "-Y", "sign", "-f", "key", "-n", "riskcheck", file.name)
    assert signed.returncode == 0, signed.stderr
    (here / "allowed").write_text(f"team-audit {(here / 'key.pub').read_text('utf-8')}", "utf-8")
    check = ("-f", "allowed", "-I", "team-audit", "-n", "riskcheck", "-s", f"{file.name}.sig")
    assert run(here, "ssh-keygen", "-Y", "verify", *check, stdin=file.read_bytes()).returncode == 0
    assert run(here, "ssh-keygen", "-Y", "verify", *check, stdin=file.read_bytes() + b" ").returncode != 0


def test_gpg_signs_it_and_finds_a_change(file: Path) -> None:
    needs("gpg")
    # The agent's socket has to fit into 108 bytes.
    home = Path(tempfile.mkdtemp(prefix="riskcheck-"))
    gpg = (
        "gpg",
        "--homedir",
        str(home),
        "--batch",
        "--quiet",
        "--pinentry-mode",
        "loopback",
        "--passphrase",
        "",
    )
    try:
        made = run(file.parent, *gpg, "--quick-generate-key", "team-audit", "ed25519", "sign", "never")
        assert made.returncode == 0, made.stderr
        signed = run(file.parent, *gpg, "--armor", "--detach-sign", file.name)
        assert signed.returncode == 0, signed.stderr
        check = (*gpg, "--verify", f"{file.name}.asc", file.name)
        assert run(file.parent, *check).returncode == 0
        file.write_bytes(file.read_bytes() + b" ")
        assert run(file.parent, *check).returncode != 0
    finally:
        run(file.parent, "gpgconf", "--homedir", str(home), "--kill", "gpg-agent")
        shutil.rmtree(home, ignore_errors=True)
