"""Keeps secrets out of everything that is stored or shown.

Values are judged by the key they stand under and by what they look like. What stands in their place is the
same for every secret: a length or a digest would already say something about it.

All patterns are linear in their input. They are kept as text: `re` compiles each on first use, and most runs
need few of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from riskcheck.nodes import KeyPath, Mapping, MaybeValue, Node, Scalar, Sequence, Value, _Missing

if TYPE_CHECKING:
    from collections.abc import Iterator

REDACTED: Final = "<redacted>"

_PASSWORDS: Final = frozenset({"password", "passwd", "pwd", "passphrase", "secret", "pin"})
"""Key words whose value is secret even where it is a number."""

_SECRETS: Final = _PASSWORDS | {
    "token",
    "apikey",
    "authtoken",
    "credential",
    "credentials",
    "secrets",
    "jwt",
    "pat",
}
"""Secret where the key ends with one of these words: ``token_ttl`` and ``secretName`` are none."""

_PAIRS: Final = frozenset(
    {
        ("private", "key"),
        ("api", "key"),
        ("access", "key"),
        ("account", "key"),
        ("secret", "key"),
        ("shared", "key"),
        ("signing", "key"),
        ("encryption", "key"),
        ("storage", "key"),
        ("master", "key"),
        ("connection", "string"),
        ("conn", "str"),
        ("connection", "uri"),
        ("sas", "url"),
    }
)
"""Neighbouring words that make a key secret. Spark puts the account's name behind them:
``fs.azure.account.key.<name>.dfs.core.windows.net``."""

_HARMLESS_ENDS: Final = frozenset(
    {
        "name",
        "ref",
        "reference",
        "id",
        "path",
        "file",
        "type",
        "version",
        "scope",
        "arn",
        "mode",
        "policy",
        "enabled",
    }
)
"""Words after which a key only speaks about a secret: ``access_key_id``, ``privateKeyPath``."""

_HOLDERS: Final = frozenset({"default", "value", "lookup"})
"""Keys that hold what the key above them names: ``db_password: {default: …}``."""

_WORD: Final = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+"

_SECRET_KINDS: Final = {
    "Secret": frozenset({"data", "stringData", "binaryData"}),
    "SealedSecret": frozenset({"encryptedData"}),
    "secrets": frozenset({"value", "string_value", "bytes_value"}),
}
"""Resource kinds made of secrets, and the fields that hold them."""

_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
"""kubectl's copy of the whole object, data included."""

_TOKENS: Final = (
    r"(?:AKIA|ASIA)[0-9A-Z]{16}"
    r"|gh[pousr]_[0-9A-Za-z]{36,255}|github_pat_[0-9A-Za-z_]{22,255}|glpat-[0-9A-Za-z_-]{20,255}"
    r"|xox[abeoprs]-[0-9A-Za-z-]{10,255}|hooks\.slack\.com/services/[0-9A-Za-z/]{10,255}"
    r"|\bdapi[0-9a-f]{32}(?:-[0-9])?|\bdose[0-9a-f]{32}|\bAIza[0-9A-Za-z_-]{35}|\bnpm_[0-9A-Za-z]{36}"
    r"|\bsk-[0-9A-Za-z_-]{20,255}|\bhf_[0-9A-Za-z]{30,255}"
    r"|(?<![\w-])eyJ[0-9A-Za-z_-]{8,4096}\.[0-9A-Za-z_-]{8,8192}\.[0-9A-Za-z_-]{0,4096}"
)
"""Tokens that say what they are by their form."""

_MARKS: Final = (
    *("AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox"),
    *("hooks.slack.com", "dapi", "dose", "AIza", "npm_", "sk-", "hf_", "eyJ"),
)
"""Beginnings of `_TOKENS`: looking for these is some ten times faster than the pattern, which few texts need."""

_PEM: Final = r"(?s)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]{0,40}-----|\Z)"
_USERINFO: Final = r"(://[^\s/:@]{0,255}:)[^\s/@]{1,255}(?=@)"
_SIGNATURES: Final = frozenset({"sig", "sharedaccesssignature"})
"""Parameters of signed URLs, which hold a secret only where they are assigned: ``sig=…``."""

_ASSIGNED_VALUE: Final = r"[^;&\s\"']{1,4096}"

_WORD_BEHIND: Final = r"\"[^\"\n]{1,4096}\"|'[^'\n]{1,4096}'|[^\s\"'-]\S{0,4095}"
_FLAG: Final = rf"(?<![\w-])--([A-Za-z][\w-]{{0,63}})([ \t]{{1,8}})({_WORD_BEHIND})"
"""An option of a command and the word behind it: ``--password hunter2``."""

_REFERENCE: Final = r"\$\{[^{}]{1,512}\}|\{\{[^{}]{1,512}\}\}|\$\([A-Za-z_][0-9A-Za-z_]{0,255}\)"
"""A whole value that only names where the secret is kept; which one it names is worth seeing."""

_VARIABLE: Final = r"\$\{(var(?:iables)?\.[^{}]{1,512})\}"
"""A reference to a bundle variable, or into one."""

_LINE: Final = (
    r"""(?<![^\s,{(])(?P<quote>["']?)(?P<key>[A-Za-z_][0-9A-Za-z_.\-/]{0,255})(?P=quote)"""
    r"""[ \t]{0,80}[:=][ \t]{0,80}"""
    r"""(?P<value>"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|\$\{[^{}\n]*\}|\{\{[^{}\n]*\}\}"""
    r"""|(?P<flow>[{\[])|(?P<plain>[^\s,{}\[][^,{}\n]*))"""
)
"""``key: value`` and ``key = value`` in a line of a file, flow mappings included."""

_SQL_OPTION: Final = r"(?<![\w.'\"`-])([A-Za-z_][\w.-]{0,255})([ \t]{1,80})'(?:[^'\n]|'')*+'"
"""``password 'hunter2'``, as options of SQL are written."""

_BASE64_LINE: Final = r"[0-9A-Za-z+/_-]{48,}={0,2}"
"""A line of nothing but key material: the inside of a PEM block or of a Secret's data."""


@lru_cache(maxsize=4096)
def looks_secret(key: str) -> bool:
    """Whether a key of this name usually holds a secret."""
    return _secrecy(key) > 0


def names_secret(reference: str) -> bool:
    """Whether a step of a dotted reference usually holds a secret: ``var.db_password``, ``var.db.password``."""
    return any(looks_secret(step) for step in reference.split("."))


@lru_cache(maxsize=4096)
def _secrecy(key: str) -> int:
    """0 open, 1 secret where it is text, 2 secret whatever it is."""
    words = [word.lower() for word in re.findall(_WORD, key[:512])]
    if words and words[-1] == "plaintext":
        words.pop()
    if not words or words[-1] in _HARMLESS_ENDS:
        return 0
    if words[-1] in _PASSWORDS:
        return 2
    if words[-1] in _SECRETS or any(pair in _PAIRS for pair in pairwise(words)):
        return 1
    return 0


def redact_value(path: KeyPath, kind: str, value: MaybeValue, node: Node | None = None) -> MaybeValue:
    """`value`, which stands at `path` of a resource of `kind`, without its secrets.

    node: what `value` was read from; hides also what came out of variables whose names look secret.
    Returns the very same object where there is nothing to hide; what is absent stays absent.
    """
    if isinstance(value, _Missing):
        return value
    if node is not None:
        value = _without_variables(node, value)
    fields = _SECRET_KINDS.get(kind)
    if fields is not None:
        if path and path[0] in fields:
            return _hidden(value)
        if not path and isinstance(value, dict):
            value = {key: _hidden(held) if key in fields else held for key, held in value.items()}
    held = max((_secrecy(name.strip("[]")) for name, key in pairwise(path) if key in _HOLDERS), default=0)
    if held:
        return _redact(value, held, everything=True)
    return _redact(value, 0 if not path or path[-1].startswith("[") else _secrecy(path[-1]))


def _without_variables(node: Node, value: Value) -> Value:
    """`value` of `node` without what secret variables were put into."""
    if isinstance(node, Scalar):
        return REDACTED if node.via and isinstance(value, str) and _from_secret(node) else value
    if isinstance(node, Mapping) and isinstance(value, dict):
        if _from_secret(node):
            return _hidden(value)
        shown = {key.raw: _without_variables(child, value[key.raw]) for key, child in node.entries}
        return shown if any(shown[key] is not held for key, held in value.items()) else value
    if isinstance(node, Sequence) and isinstance(value, list):
        if _from_secret(node):
            return _hidden(value)
        items = [_without_variables(child, held) for child, held in zip(node.items, value, strict=True)]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


SENSITIVE: Final = "!sensitive"
"""The tag of a scalar that values come through which their author calls sensitive."""


def is_sensitive(node: Node) -> bool:
    """Whether what `node` came through was called sensitive."""
    return any(isinstance(step, Scalar) and step.tag == SENSITIVE for step in _origins(node))


def _from_secret(node: Node) -> bool:
    """Whether the value of `node` came through a reference to a variable whose name looks secret.

    A reference that is still what the value says shows nothing but where the secret is kept.
    """
    if isinstance(node, Scalar) and re.fullmatch(_REFERENCE, node.raw):
        return False
    for step in _origins(node):
        if isinstance(step, Scalar) and step.tag == SENSITIVE:
            return True
        references = re.findall(_VARIABLE, step.raw) if isinstance(step, Scalar) and "${" in step.raw else ()
        if any(map(names_secret, references)):
            return True
    return False


def _origins(node: Node) -> Iterator[Node]:
    """All that the value of `node` came through, each once."""
    seen: set[int] = set()
    pending = list(node.via)
    while pending:
        step = pending.pop()
        if id(step) not in seen:
            seen.add(id(step))
            pending += step.via
            yield step


def _hidden(value: Value) -> Value:
    """The shape of `value` down to its keys, every leaf hidden."""
    if isinstance(value, dict):
        return {key: _hidden(held) for key, held in value.items()}
    return REDACTED


def _redact(value: Value, secrecy: int, *, everything: bool = False) -> Value:
    """everything: the keys below say nothing, all of `value` is as secret as its place."""
    if isinstance(value, str):
        if secrecy and value and re.fullmatch(_REFERENCE, value) is None:
            return REDACTED
        return redact_text(value)
    if isinstance(value, dict):
        return _redact_mapping(value, secrecy, everything)
    if isinstance(value, list):
        items = [_redact(item, secrecy, everything=everything) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if secrecy == 2 and value is not None and not isinstance(value, bool):
        return REDACTED
    return value


def _redact_mapping(value: dict[str, Value], outer: int, everything: bool) -> Value:
    name = value.get("name")
    pair = _secrecy(name) if isinstance(name, str) else 0
    out: dict[str, Value] | None = None
    for key, held in value.items():
        secrecy = pair if pair and key == "value" else _secrecy(key)
        all_of_it = everything or (outer > 0 and key in _HOLDERS)
        if all_of_it:
            secrecy = max(secrecy, outer)
        shown = REDACTED if key == _LAST_APPLIED else _redact(held, secrecy, everything=all_of_it)
        if shown is not held:
            out = dict(value) if out is None else out
            out[key] = shown
    return value if out is None else out


def redact_text(text: str) -> str:
    """`text` with everything in it that is a secret by its form replaced."""
    if len(text) < _SHORTEST:
        return text
    shown = _redact_short(text) if len(text) <= _REMEMBERED else _redact_text(text)
    # What is remembered may be another object of the same text.
    return text if shown == text else shown


_SHORTEST: Final = 8
_REMEMBERED: Final = 256
"""Configuration repeats itself: what was found of short texts is remembered."""


@lru_cache(maxsize=32_768)
def _redact_short(text: str) -> str:
    return _redact_text(text)


def _redact_text(text: str) -> str:
    if "-----BEGIN" in text:
        text = re.sub(_PEM, REDACTED, text)
    if any(mark in text for mark in _MARKS):
        text = re.sub(_TOKENS, REDACTED, text)
    if "://" in text:
        text = re.sub(_USERINFO, rf"\1{REDACTED}", text)
    if "=" in text:
        text = _redact_assigned(text)
    if "--" in text:
        text = re.sub(_FLAG, _without_flag, text)
    return text


def _without_flag(match: re.Match[str]) -> str:
    option, space, value = match.groups()
    if not looks_secret(option) or "$" in value or "{{" in value or value.startswith(("<", "(", "%")):
        return match[0]
    return f"--{option}{space}{REDACTED}"


def _redact_assigned(text: str) -> str:
    """``Password=…;`` in connection strings, ``sig=…`` in signed URLs, ``API_KEY=…`` in scripts."""
    out: list[str] = []
    done = 0
    sign = text.find("=")
    while sign >= 0:
        begin = sign
        while begin > done and sign - begin < 64 and (text[begin - 1].isalnum() or text[begin - 1] == "_"):
            begin -= 1
        key = text[begin:sign]
        if key and (looks_secret(key) or key.lower() in _SIGNATURES):
            value = re.compile(_ASSIGNED_VALUE).match(text, sign + 1)
            if value is not None and value[0][0] != "=" and re.fullmatch(_REFERENCE, value[0]) is None:
                out += (text[done : sign + 1], REDACTED)
                done = value.end()
        sign = text.find("=", max(done, sign + 1))
    return "".join((*out, text[done:])) if out else text


def redact_line(line: str, kind: str = "", *, secret: bool = False) -> str:
    """One line of a file, as it is quoted in a report, without secrets: by form and by the keys it states.

    kind: of the resource that the line belongs to; of a kind made of secrets no value is shown.
    secret: the line holds a value that is secret by its place, whatever the line itself says.
    """
    if re.fullmatch(_BASE64_LINE, line.strip()):
        return REDACTED
    sealed = kind in _SECRET_KINDS
    out: list[str] = []
    done = inside = 0
    stated = False
    for match in re.finditer(_LINE, line):
        stated = True
        held = match.start() < inside and match["key"] in _HOLDERS
        named = looks_secret(match["key"])
        if match.start() < done or not (sealed or secret or named or held):
            continue
        if not sealed and re.fullmatch(_REFERENCE, match["value"].strip("\"' \t")):
            continue
        start, end = match.span("value")
        if match["flow"] == "{" and not held:
            if named and start >= inside:
                inside = _flow_end(line, start)
            continue
        if match["flow"] is not None:
            end = _flow_end(line, start)
        # Outside of a flow mapping an unquoted value goes on to the end of the line, commas and all.
        elif match["plain"] is not None and "{" not in line[: match.start()]:
            end = len(line)
        out += (line[done:start], REDACTED)
        done = end
    if secret and not stated and not line.rstrip().endswith(":"):
        return REDACTED
    out.append(line[done:])
    return redact_text(re.sub(_SQL_OPTION, _without_option, "".join(out)))


def _without_option(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}{REDACTED}" if looks_secret(match[1]) else match[0]


def _flow_end(line: str, start: int) -> int:
    """The end of the list or mapping that opens at `start`; that of the line where it goes on below."""
    depth = 0
    for match in re.compile(r""""(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[{}\[\]]""").finditer(line, start):
        depth += (match[0] in "{[") - (match[0] in "}]")
        if depth == 0:
            return match.end()
    return len(line)
