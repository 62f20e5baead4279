"""`riskcheck graph`: services, what they need, and what hangs off them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from riskcheck.commands.options import (
    RangeCommand,
    color_option,
    jobs_option,
    no_cache_option,
    progress,
    range_options,
    range_spec,
)
from riskcheck.commands.parameters import PathType, option
from riskcheck.opening import state_environ

if TYPE_CHECKING:
    from riskcheck.charts import Chart
    from riskcheck.report.style import Style
    from riskcheck.sources.spec import RangeSpec

FORMATS: Final = ("text", "dot", "mermaid", "json", "html")


@click.command(
    cls=RangeCommand,
    short_help="Show services, what they need and what hangs off them.",
    context_settings={"auto_envvar_prefix": "RISKCHECK"},
)
@range_options
@option("--changed", is_flag=True, help="Only what a change touches and reaches.")
@option("--service", metavar="NAME", help="Only what a service needs and what hangs off it.")
@option(
    "--format",
    "format_",
    envvar="RISKCHECK_FORMAT",
    type=click.Choice(FORMATS),
    default="text",
    help="How to write it.",
)
@option(
    "--output",
    metavar="[FORMAT:]FILE",
    type=PathType(),
    help="Write to a file instead of stdout.",
)
@option("--config", metavar="FILE", help="Policy file instead of riskcheck.yaml.")
@no_cache_option
@jobs_option
@color_option
def graph(
    revision: str | None,
    paths: tuple[str, ...],
    staged: bool,
    base: str | None,
    head: str | None,
    from_dir: str | None,
    to_dir: str | None,
    changed: bool,
    service: str | None,
    format_: str,
    output: str | None,
    config: str | None,
    no_cache: bool,
    jobs: int,
    color: str,
) -> int:
    """Show services, what they need and what hangs off them.

    \b
    riskcheck graph                       the working tree
    riskcheck graph v1.3                  a revision
    riskcheck graph --to DIR              a directory, no git
    riskcheck graph --service orders      what orders needs, what hangs off it
    riskcheck graph --changed main        what a change reaches; as for diff

    Read from references between resources and from catalogs: Backstage, Datadog, OpenSLO, Score, Cortex, OpsLevel,
    Compose, Helm, CODEOWNERS and `services` of riskcheck.yaml.
    """
    from riskcheck.commands.writing import style_of, width, write_text

    if changed and service is not None:
        raise click.UsageError("choose --changed or --service, not both")
    if not changed:
        revision, from_dir = _state(revision, paths, staged, base, head, from_dir, to_dir)
    spec = range_spec(revision, paths, staged=staged, base=base, head=head, from_dir=from_dir, to_dir=to_dir)
    if not changed:
        spec = spec._replace(environ=state_environ())
    chart = _chart(spec, config, changed=changed, service=service, cache=not no_cache, jobs=jobs)
    if output is not None and (named := output.partition(":"))[0] in FORMATS and named[2]:
        format_, _, output = named
    style = style_of(color if output is None else "never")
    write_text(_rendered(chart, format_, style, width()), output)
    return 0


def _state(
    revision: str | None,
    paths: tuple[str, ...],
    staged: bool,
    base: str | None,
    head: str | None,
    from_dir: str | None,
    to_dir: str | None,
) -> tuple[str | None, str | None]:
    """The revision, or the directory, that is looked at, as a range that changes nothing."""
    if staged or base is not None or head is not None or from_dir is not None or paths:
        raise click.UsageError("a range of revisions or paths goes with --changed")
    if revision is None or to_dir is not None:
        return revision, to_dir
    if ".." in revision:
        raise click.UsageError(f"{revision} is a range, which goes with --changed; name one revision")
    return f"{revision}..{revision}", None


def _chart(
    spec: RangeSpec, config: str | None, *, changed: bool, service: str | None, cache: bool, jobs: int
) -> Chart:
    from riskcheck.cache import Memory
    from riskcheck.charting import chart_changed, chart_service, chart_whole
    from riskcheck.policy.load import load_policy
    from riskcheck.sources import open_comparison

    comparison = open_comparison(spec)
    policy = load_policy(comparison.deciding, config, root=comparison.root)
    memory = Memory(comparison.root) if cache and comparison.root else None
    with progress() as observer:
        if changed:
            return chart_changed(comparison, policy, memory, observer, jobs)
        if service is not None:
            return chart_service(comparison, policy, service, memory, observer, jobs)
        return chart_whole(comparison, policy, memory, observer, jobs)


def _rendered(chart: Chart, format_: str, style: Style, columns: int) -> str:
    if format_ == "text":
        from riskcheck.report.graph import text

        return text.render(chart, style, columns)
    from importlib import import_module

    rendered: str = import_module(f"riskcheck.report.graph.{format_}").render(chart)
    return rendered
