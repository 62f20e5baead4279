"""Alerts whose settings stand in a file of their own."""

from __future__ import annotations

from riskcheck.platforms.databricks import PLATFORM
from tests.platforms.databricks.bundles import at, body, field, find, place, resolve, said, workspace

FILES = {
    "databricks.yml": "include: [resources/*.yml]\n",
    "resources/alert.yml": """\
        resources: {alerts: {a: {file_path: ../sales.dbalert.json, display_name: A, warehouse_id: w}}}
        """,
    "sales.dbalert.json": """\
        {
          "display_name": "ignored",
          "custom_summary": "low",
          "query_lines": ["select 1", "from t"],
          "schedule": {"quartz_cron_schedule": "0 0 * * * ?"}
        }
        """,
}


def test_the_settings_of_the_file_are_those_of_the_alert() -> None:
    assert body(FILES, "alerts.a") == {
        "file_path": "sales.dbalert.json",
        "display_name": "A",
        "warehouse_id": "w",
        "custom_summary": "low",
        "query_text": "select 1\nfrom t\n",
        "schedule": {"quartz_cron_schedule": "0 0 * * * ?"},
    }
    resolution = resolve(FILES)
    assert place(at(find(resolution, "alerts.a").body, "custom_summary")) == "sales.dbalert.json:3"
    assert "sales.dbalert.json" in resolution.read


def test_a_change_of_the_file_concerns_the_bundle() -> None:
    assert PLATFORM.units(workspace(FILES), ["sales.dbalert.json"]) == {"."}


def test_a_file_that_is_not_there_is_said() -> None:
    files = {path: text for path, text in FILES.items() if not path.endswith(".json")}
    assert said(resolve(files)) == ["resources/alert.yml:1 alert-file"]
    assert field(files, "alerts.a", "display_name") == "A"


def test_a_file_outside_the_repository_is_said() -> None:
    files = {"databricks.yml": "resources: {alerts: {a: {file_path: ../../x.dbalert.json}}}\n"}
    assert said(resolve(files)) == ["databricks.yml:1 alert-file"]
