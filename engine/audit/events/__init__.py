"""Single events in a store: what was told, what was decided of it, and what still waits."""
