CREATE TABLE sales.orders (
  id BIGINT NOT NULL,
  amount DECIMAL(18, 2),
  channel STRING
) TBLPROPERTIES ('delta.deletedFileRetentionDuration' = 'interval 30 days');
