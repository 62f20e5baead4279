"""Evidence as a file holds it: a bare statement, or one in the envelope that a signature is put around.

Envelope: https://github.com/secure-systems-lab/dsse/blob/master/envelope.md. A Sigstore bundle holds one as
``dsseEnvelope``. Signatures are not looked at.
"""

from __future__ import annotations

import json
from base64 import b64decode
from time import strptime
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from riskcheck.errors import RunError
from riskcheck.evidence.canonical import digest
from riskcheck.evidence.statement import PREDICATE, STATEMENT, exit_code
from riskcheck.records import NamedTuple
from riskcheck.strictjson import NotJsonError, strict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskcheck.report.json import Json

MOST_BYTES: Final = 64 * 1024 * 1024
MOMENT: Final = "%Y-%m-%dT%H:%M:%SZ"
PAYLOAD: Final = "application/vnd.in-toto+json"
Wrapping: TypeAlias = Literal["none", "dsse", "sigstore"]


class NoEvidenceError(Exception):
    """What was read is no evidence that holds. The message says why."""


class Held(NamedTuple):
    """The statement of a file. signatures: how many the envelope carries, none of them checked."""

    statement: dict[str, Json]
    wrapping: Wrapping
    signatures: int


def held(data: bytes) -> Held:
    """The statement in `data`. Raises `NoEvidenceError` where there is none, `RunError` for a later version."""
    if len(data) > MOST_BYTES:
        raise NoEvidenceError(f"it is larger than {MOST_BYTES:,} bytes")
    document = _object(data)
    wrapping: Wrapping = "none"
    if isinstance(document.get("dsseEnvelope"), dict):
        wrapping = "sigstore"
        inner = document["dsseEnvelope"]
        assert isinstance(inner, dict)
        document = inner
    signatures = 0
    if "payload" in document or "payloadType" in document:
        wrapping = wrapping if wrapping != "none" else "dsse"
        found = document.get("signatures")
        signatures = len(found) if isinstance(found, list) else 0
        document = _payload(document)
    kind = document.get("predicateType")
    if document.get("_type") != STATEMENT:
        raise NoEvidenceError(f"it is no in-toto statement: _type is not {STATEMENT}")
    if kind != PREDICATE:
        name, _, number = str(kind).rpartition(":")
        if name == PREDICATE.rpartition(":")[0] and number.isdigit():
            raise RunError(
                f"evidence of version {number}: this riskcheck reads version 1; install a later one"
            )
        raise NoEvidenceError(f"it is no evidence of riskcheck: predicateType is not {PREDICATE}")
    return Held(document, wrapping, signatures)


def _object(data: bytes) -> dict[str, Json]:
    try:
        document = strict(data.decode("utf-8"))
    except NotJsonError as error:
        raise NoEvidenceError(f"line {error.line}: it {error}") from None
    except UnicodeDecodeError:
        raise NoEvidenceError("it is not JSON: it is no text in UTF-8") from None
    if not isinstance(document, dict):
        raise NoEvidenceError("it is not a JSON object")
    return document


def _payload(envelope: dict[str, Json]) -> dict[str, Json]:
    if envelope.get("payloadType") != PAYLOAD:
        raise NoEvidenceError(
            f"the envelope does not hold an in-toto statement: payloadType is not {PAYLOAD}"
        )
    text = envelope.get("payload")
    if not isinstance(text, str):
        raise NoEvidenceError("the envelope has no payload")
    try:
        # Both alphabets are allowed by the specification.
        alphabet = b"-_" if "-" in text or "_" in text else None
        data = b64decode(text.encode("ascii"), alphabet, validate=True)
    except ValueError:
        raise NoEvidenceError("the payload of the envelope is not base64") from None
    return _object(data)


def schema_problems(statement: dict[str, Json]) -> list[str]:
    """What in `statement` is not as ``schemas/evidence.schema.json`` asks, one line each."""
    from jsonschema import Draft202012Validator

    from riskcheck.data import data_text

    schema = json.loads(data_text("schemas", "evidence.schema.json"))
    try:
        errors = sorted(
            Draft202012Validator(schema).iter_errors(statement), key=lambda error: error.json_path
        )
    except RecursionError:
        return ["it is nested too deeply"]
    return [f"{error.json_path.removeprefix('$.')}: {error.message[:200]}" for error in errors]


def contradictions(statement: dict[str, Json]) -> Iterator[str]:
    """Where a statement that satisfies the schema contradicts itself, one line each."""
    predicate = at(statement, "predicate")
    rest = {key: value for key, value in predicate.items() if key != "digest"}
    if digest(rest) != predicate["digest"]:
        yield "predicate.digest is not the digest of the predicate"
    findings, result, run = at(predicate, "findings"), at(predicate, "result"), at(predicate, "run")
    items = findings["items"]
    assert isinstance(items, list)
    if digest(items) != findings["digest"]:
        yield "predicate.findings.digest is not the digest of the findings"
    if len(items) != findings["count"]:
        yield "predicate.findings.count is not the number of findings"
    if run["exit_code"] != exit_code(str(result["verdict"]), exit_zero=bool(run["exit_zero"])):
        yield f"predicate.run.exit_code {run['exit_code']} does not follow from verdict {result['verdict']}"
    try:
        strptime(str(run["as_of"]), MOMENT)
    except ValueError:
        yield f"predicate.run.as_of {run['as_of']} is no time"
    subjects = statement["subject"]
    assert isinstance(subjects, list)
    subject = subjects[0]
    head = at(at(predicate, "range"), "head")
    assert isinstance(subject, dict)
    if (subject["digest"], subject["name"]) != (head["digest"], head["kind"]):
        yield "subject is not predicate.range.head"


def at(document: dict[str, Json], key: str) -> dict[str, Json]:
    """The object under `key`, which the schema vouches for."""
    found = document[key]
    assert isinstance(found, dict)
    return found


def differences(recorded: Json, anew: Json, path: str = "") -> Iterator[str]:
    """Where two documents differ, one line each, without the digests that follow from the rest."""
    if isinstance(recorded, dict) and isinstance(anew, dict):
        for key in sorted(recorded.keys() | anew.keys()):
            if (path, key) != ("predicate", "digest"):
                yield from differences(
                    recorded.get(key, _ABSENT), anew.get(key, _ABSENT), f"{path}.{key}".lstrip(".")
                )
    elif isinstance(recorded, list) and isinstance(anew, list) and len(recorded) == len(anew):
        for number, (one, other) in enumerate(zip(recorded, anew, strict=True)):
            yield from differences(one, other, f"{path}[{number}]")
    elif recorded != anew or type(recorded) is not type(anew):
        yield f"{path}: recorded {_short(recorded)}, judged again {_short(anew)}"


_ABSENT: Final = "absent"


def _short(value: Json) -> str:
    if isinstance(value, list):
        return f"{len(value)} entries"
    if isinstance(value, dict):
        return f"{len(value)} fields"
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 90 else f"{text[:87]}..."
