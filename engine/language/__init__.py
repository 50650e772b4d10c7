"""YAML that people write → a typed `Policy` or `Workspace`, with every problem located."""
