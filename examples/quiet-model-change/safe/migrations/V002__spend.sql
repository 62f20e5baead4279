ALTER TABLE ml_prod.churn.customers ADD COLUMN spend_month DOUBLE;
