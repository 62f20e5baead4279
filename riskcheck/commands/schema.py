"""`riskcheck schema`: the JSON Schemas of what riskcheck reads and writes, for editors and for programs."""

from __future__ import annotations

from typing import Final

import click

NAMES: Final = {
    "config": "riskcheck.yaml, the policy file",
    "rule": "a rule file",
    "rule-test": "the cases of a rule",
    "coupled": "sets that change together",
    "learned": "rules that riskcheck learn writes",
    "prices": "a price table",
    "fleet": "the repositories of riskcheck fleet",
    "report": "what --format json prints",
    "plan": "what riskcheck plan --format json prints",
    "graph": "what riskcheck graph --format json prints",
    "backtest": "what riskcheck backtest --format json prints",
    "baseline": "what riskcheck baseline write records",
    "evidence": "what riskcheck diff --evidence writes",
}
"""Schema to what it describes. Those that are written by hand come first."""


@click.command(short_help="Print the JSON Schema of a file.")
@click.argument("name", type=click.Choice(tuple(NAMES)), default="config")
def schema(name: str) -> int:
    """Print the JSON Schema of a file that riskcheck reads or writes: of riskcheck.yaml unless another is named.

    \b
    config     riskcheck.yaml, the policy file
    rule       a rule file
    rule-test  the cases of a rule
    coupled    sets that change together
    learned    rules that riskcheck learn writes
    prices     a price table
    fleet      the repositories of riskcheck fleet
    report     what --format json prints
    plan       what riskcheck plan --format json prints
    graph      what riskcheck graph --format json prints
    backtest   what riskcheck backtest --format json prints
    baseline   what riskcheck baseline write records
    evidence   what riskcheck diff --evidence writes

    \b
    mkdir -p .riskcheck
    riskcheck schema config > .riskcheck/config.schema.json

    An editor completes riskcheck.yaml from that file where the first line of the policy is

    \b
    # yaml-language-server: $schema=.riskcheck/config.schema.json

    as riskcheck init writes it.
    """
    from riskcheck.data import data_text

    click.echo(data_text("schemas", f"{name}.schema.json"), nl=False)
    return 0
