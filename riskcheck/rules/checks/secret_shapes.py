"""What a value is by its form: a credential, a reference to one, a word that stands for one.

Precision goes first: text that may as well be a name is none of it. Values are looked at here and go no further.
"""

from __future__ import annotations

import re
from itertools import pairwise
from math import log2
from typing import Final

FORMS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b", ("AKIA", "ASIA")),
    ("a GitHub token", r"\bgh[pousr]_[0-9A-Za-z]{36,255}\b", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    ("a GitHub token", r"\bgithub_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}\b", ("github_pat_",)),
    ("a GitLab token", r"\bglpat-[0-9A-Za-z_-]{20,64}", ("glpat-",)),
    ("a Slack token", r"\bxox[abeoprs]-[0-9]{8,16}-[0-9A-Za-z-]{10,255}", ("xox",)),
    (
        "the address of a Slack webhook",
        r"hooks\.slack\.com/services/T[0-9A-Z]{6,}/B[0-9A-Z]{6,}/[0-9A-Za-z]{20,}",
        ("hooks.slack.com",),
    ),
    ("a Databricks token", r"\b(?:dapi|dose)[0-9a-f]{32}(?:-[0-9])?\b", ("dapi", "dose")),
    ("a Google API key", r"\bAIza[0-9A-Za-z_-]{35}\b", ("AIza",)),
    ("an npm token", r"\bnpm_[0-9A-Za-z]{36}\b", ("npm_",)),
    ("an OpenAI key", r"\bsk-(?:proj-|svcacct-)?[0-9A-Za-z_-]{32,200}", ("sk-",)),
    ("an Anthropic key", r"\bsk-ant-[0-9A-Za-z]{3,8}-[0-9A-Za-z_-]{32,200}", ("sk-ant-",)),
    ("a Hugging Face token", r"\bhf_[A-Za-z]{34}\b", ("hf_",)),
    ("an OpenShift token", r"\bsha256~[0-9A-Za-z_-]{43}\b", ("sha256~",)),
    ("a HashiCorp Vault token", r"\bhv[sb]\.[0-9A-Za-z_-]{24,200}", ("hvs.", "hvb.")),
    (
        "a JSON web token",
        r"(?<![\w-])eyJ[0-9A-Za-z_-]{12,}\.eyJ[0-9A-Za-z_-]{12,}\.[0-9A-Za-z_-]{16,}",
        (".eyJ",),
    ),
)
"""(what it is, pattern, beginnings of which one must be there), as their issuers document them: GitHub
https://github.blog/engineering/behind-githubs-new-authentication-token-formats/, Databricks, AWS
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html, Slack https://api.slack.com/authentication."""

_PRIVATE: Final = r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,2}PRIVATE KEY(?: BLOCK)?-----\s{1,8}([^-]{64})"
_USERINFO: Final = r"://[^\s/:@]{1,64}:([^\s/:@]{8,255})@([^\s/:?]{1,255})"
_UUID: Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

_HASH: Final = r"(?:^|:)\$(?:2[abxy]|[156y]|apr1|argon2[a-z]{0,2}|scrypt)\$"
"""The beginning of a password's hash, as crypt(5) writes it, with the user's name before it in htpasswd files."""

_STAND_INS: Final = (
    *(
        "example",
        "changeme",
        "change-me",
        "change_me",
        "placeholder",
        "dummy",
        "fake",
        "sample",
        "todo",
        "fixme",
    ),
    *(
        "xxxx",
        "your-",
        "your_",
        "yourpass",
        "redacted",
        "insert",
        "replace",
        "foobar",
        "****",
        "....",
        "0000000",
    ),
    *(
        "1234567",
        "abcdef",
        "secret",
        "password",
        "passw0rd",
        "notreal",
        "test",
        "mock",
        "demo",
        "default",
        "<",
    ),
)
"""What people write where a credential will be, in lower case."""

_REFERENCES: Final = (
    "${",
    "{{",
    "$(",
    "enc[",
    "vault:",
    "op://",
    "ref+",
    "secretref",
    "arn:",
    "@microsoft.keyvault",
)
"""How a value says that the credential is kept elsewhere or encrypted."""

_MOST: Final = 20_000
"""Characters of a value that are looked at."""


def credential(text: str) -> str | None:
    """What `text` holds by the forms that issuers give their credentials; None for nothing of the kind."""
    text = text[:_MOST]
    if "PRIVATE KEY" in text:
        key = re.search(_PRIVATE, text)
        if key is not None and not stands_in(key[1]):
            return "a private key"
    for name, pattern, marks in FORMS:
        if any(mark in text for mark in marks):
            for found in re.finditer(pattern, text):
                body = found[0]
                if not stands_in(body) and (name != "an OpenAI key" or looks_random(body[3:])):
                    return name
    if "://" in text and "@" in text:
        address = re.search(_USERINFO, text)
        if address is not None and looks_random(address[1]) and not refers(address[1]):
            return "an address with a password"
    return None


def secret_text(text: str) -> bool:
    """Whether `text`, which stands where a secret would, is one rather than a reference, a name or a stand-in."""
    return not refers(text) and looks_random(text)


def refers(text: str) -> bool:
    """Whether `text` says where the secret is kept, or holds it encrypted."""
    low = text[:512].lower()
    return any(mark in low for mark in _REFERENCES) or low.startswith("$")


def stands_in(text: str) -> bool:
    """Whether `text` is a word that people write in place of a credential."""
    low = text[:512].lower()
    return any(word in low for word in _STAND_INS) or len(set(low)) < 6


def looks_random(text: str) -> bool:
    """Whether no person would have chosen `text` as a name: characters of several kinds, often changing, evenly
    spread. Texts under 10 characters and with blanks never are, nor are hashes of passwords."""
    size = len(text)
    if not 10 <= size <= 1_024 or stands_in(text) or not text.isascii() or any(map(str.isspace, text)):
        return False
    if re.fullmatch(_UUID, text) or text.startswith(("/", "./", "sha256:", "http:", "https:")):
        return False
    if re.search(_HASH, text):
        return False
    if size < 16:
        kinds = [_kind(char) for char in text]
        return len(set(kinds)) == 4 and _changes(kinds) >= size * 0.4
    return _irregular(max(re.split(r"[-_./:@,]", text), key=len)) and _bits(text) >= 3.2


def _irregular(part: str) -> bool:
    """Whether `part`, which nothing divides, is longer than a word with a number and mixed unlike one."""
    kinds = [_kind(char) for char in part]
    return len(part) >= 12 and kinds.count(0) >= 2 and _changes(kinds) >= len(part) * 0.3


def _changes(kinds: list[int]) -> int:
    return sum(one != other for one, other in pairwise(kinds))


def _kind(char: str) -> int:
    if char.isdigit():
        return 0
    return 1 if char.islower() else 2 if char.isupper() else 3


def _bits(text: str) -> float:
    """Shannon entropy, in bits a character."""
    size = len(text)
    return -sum(count / size * log2(count / size) for count in map(text.count, set(text)))
