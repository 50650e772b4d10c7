"""kam: a policy engine for key account management."""

__version__ = "0.4.0"
