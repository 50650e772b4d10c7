"""One night of the demo book as a good engineer would write it for DuckDB, by hand.

The yardstick of the benchmark: the same measures, scores, tiers and hits as the two packs of
the demo, without log, evidence, state or quarantine. `benchmarks.agreement` proves that it
decides the same.
"""
