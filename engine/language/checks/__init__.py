"""Checks of meaning: everything that is wrong with a policy although it can be read."""
