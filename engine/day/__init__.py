"""The working day: one account of the last night, and what a single event makes of it."""
