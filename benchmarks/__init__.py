"""`python -m benchmarks`: how fast a night is. See docs/benchmarks.md."""
