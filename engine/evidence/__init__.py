"""What makes the log evidence: canonical JSON, Merkle trees, signed checkpoints and proofs.

Everything here is computed from its arguments. Nothing reads the store or the clock, so whoever
holds the bytes can repeat it, also without kam.
"""
