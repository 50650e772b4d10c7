"""The demo book and its packs, as the plain model of the lifecycle is given them.

What an account's facts say comes from the reference evaluator and what happened from the
records themselves; nothing here reads a relation of `engine/lifecycle`. `night` runs the real
night beside it and reads its store back.
"""
