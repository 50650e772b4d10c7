"""kam and other engines side by side, on the same rules and accounts. See docs/benchmarks.md."""
