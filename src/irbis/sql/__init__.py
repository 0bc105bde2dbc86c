"""Stages and models by name in SQL: :func:`irbis.register`."""
