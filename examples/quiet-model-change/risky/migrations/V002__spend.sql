ALTER TABLE ml_prod.churn.customers RENAME COLUMN spend_30d TO spend_month;
