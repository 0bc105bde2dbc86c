"""Which individual is this? HotSpotter's matching of patterns, on Spark."""
