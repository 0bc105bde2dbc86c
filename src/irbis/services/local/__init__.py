"""Stand-ins: the vendors' wire contracts on open models, in one small web application."""
