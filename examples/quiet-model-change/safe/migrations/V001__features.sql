CREATE TABLE ml_prod.churn.customers (
  customer_id BIGINT NOT NULL,
  tenure_months INT,
  spend_30d DOUBLE
);
