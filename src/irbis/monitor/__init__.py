"""Watching a stream: rows to Power BI, and a page of our own."""
