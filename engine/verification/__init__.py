"""Checks a store against its own evidence, and takes proofs out of it."""
