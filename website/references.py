"""Reference pages, made from JSON schemas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ruamel.yaml import YAML

from website.schema_tables import escaped, keys_of, sentence, table, without_null

if TYPE_CHECKING:
    from pathlib import Path

MADE: Final = "<!-- Made by `python -m website` from {schema}; what is edited here is lost. -->"


class Reference(NamedTuple):
    """A page and the schema that it is made from, both by path.

    examples: a file that states every key once. written: people write such files, so that it is said what is
    required, and not that an empty value is the same as none.
    """

    page: str
    schema: str
    title: str
    opening: str
    examples: str | None = None
    written: bool = True


REFERENCES: Final = (
    Reference(
        "docs/policy-reference.md",
        "schemas/config.schema.json",
        "Policy reference",
        "Every key of `riskcheck.yaml`. [The policy file](policy.md) tells what each part is for. In an editor, "
        "[the schema](../schemas/config.schema.json) completes and checks the file.",
        "website/policy-example.yaml",
    ),
    Reference(
        "docs/report-reference.md",
        "schemas/report.schema.json",
        "JSON report reference",
        "Every key of what `riskcheck diff --format json` prints, by [its schema](../schemas/report.schema.json). "
        "Keys are only added within one `schema_version`; lists are sorted; the only clock value is `run.as_of`.",
        written=False,
    ),
    Reference(
        "docs/rule-reference.md",
        "schemas/rule.schema.json",
        "Rule file reference",
        "Every key of a rule, by [its schema](../schemas/rule.schema.json). "
        "[Writing rules](writing-rules.md) begins with an example.",
    ),
    Reference(
        "docs/rule-cases-reference.md",
        "schemas/rule-test.schema.json",
        "Rule cases reference",
        "Every key of the cases of a rule, by [their schema](../schemas/rule-test.schema.json). "
        "[Writing rules](writing-rules.md#the-cases) has an example.",
    ),
    Reference(
        "docs/learned-reference.md",
        "schemas/learned.schema.json",
        "Learned rules reference",
        "Every key of such a file, by [its schema](../schemas/learned.schema.json). "
        "[What moves together](learn.md) tells how one comes to be and what it does.",
    ),
    Reference(
        "docs/coupled-reference.md",
        "schemas/coupled.schema.json",
        "Reference of sets that change together",
        "Every key of such a set, by [its schema](../schemas/coupled.schema.json). "
        "[The network](network.md#your-own-set-in-five-minutes) has an example.",
    ),
    Reference(
        "docs/prices-reference.md",
        "schemas/prices.schema.json",
        "Price table reference",
        "Every key of a price table, by [its schema](../schemas/prices.schema.json). "
        "[The policy file](policy.md#the-price-table) has an example.",
    ),
)


def reference(about: Reference, root: Path) -> str:
    """The text of a reference page. Raises `OSError` where its schema is missing."""
    schema = json.loads((root / about.schema).read_text("utf-8"))
    example = _plain(root / about.examples) if about.examples else None
    if about.written:
        schema = without_null(schema)
    lines = [f"# {about.title}", "", about.opening, ""]
    top = [key for key in keys_of(schema, schema, "") if "." not in key.path and "[" not in key.path]
    lines += [
        escaped(sentence(schema.get("description", ""))),
        "",
        *table(top, schema, example, about.written),
    ]
    for key in top:
        below = [one for one in keys_of(key.schema, schema, key.path) if one.path != key.path]
        if below:
            lines += ["", f"## {key.path}", ""]
            if key.schema.get("description"):
                lines += [escaped(sentence(key.schema["description"])), ""]
            lines += table(below, schema, example, about.written)
    return "\n".join((*lines, "", MADE.format(schema=about.schema), ""))


def _plain(file: Path) -> Any:
    """What a YAML file says, every scalar but numbers as it is written."""
    return YAML(typ="safe", pure=True).load(file.read_text("utf-8"))
