"""Policy + catalog + as-of date → an immutable plan that every executor reads."""
