"""Spark Serving: the stages of a pipeline behind HTTP."""
