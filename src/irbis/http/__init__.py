"""HTTP on Spark: requests and responses as columns, one async client a worker, honest errors."""
