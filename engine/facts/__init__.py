"""Typed accounts and records from a workspace's files; bad rows go into quarantine."""
