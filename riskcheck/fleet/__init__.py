"""The same work over many repositories: which tasks there are, what one does, who does them, what is written.

Nothing here but `riskcheck.fleet.spark` knows Spark, and nothing but `riskcheck.fleet.tables` Parquet.
"""
