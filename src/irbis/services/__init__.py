"""Cognitive services and image search as stages, and stand-ins for them that need no key."""
