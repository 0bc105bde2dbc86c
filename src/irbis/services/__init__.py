"""Stages that ask named services, one file for each vendor API; docs/services.md lists them."""
