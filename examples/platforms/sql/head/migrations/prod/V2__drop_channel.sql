ALTER TABLE sales.orders DROP COLUMN channel;
