"""By which field the items of a list in a bundle are known; what the Terraform provider calls the same, too."""

from __future__ import annotations

from typing import Final

NATURAL_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "tasks": ("task_key",),
    "depends_on": ("task_key", "outcome"),
    "job_clusters": ("job_cluster_key",),
    "environments": ("environment_key",),
    "parameters": ("name",),
    "rules": ("metric", "op"),
    "clusters": ("label",),
    "notifications": ("alerts",),
    "permissions": ("service_principal_name", "group_name", "user_name"),
    "grants": ("principal",),
    "served_entities": ("name", "entity_name"),
    "routes": ("served_entity_name",),
    "rate_limits": ("key", "renewal_period", "principal"),
    "resources": ("name",),
    "env": ("name",),
    "tags": ("key",),
    "custom_tags": ("key",),
    "aliases": ("alias_name",),
    "custom_metrics": ("name",),
    "membership_roles": (),
    "libraries": (),
    "init_scripts": (),
    "objects": (),
    "on_start": ("id",),
    "on_success": ("id",),
    "on_failure": ("id",),
    "on_duration_warning_threshold_exceeded": ("id",),
    "on_streaming_backlog_exceeded": ("id",),
    "subscriptions": ("destination_id", "user_email"),
}
"""By the key above a list, on any resource type."""
