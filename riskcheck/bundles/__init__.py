"""What is known of the resource types of Databricks bundles: how their fields are deployed, and what they hold."""
