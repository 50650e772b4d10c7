"""Questions to the store, read only: accounts, actions, the log and the runs.

Each answer is a `Listing`: rows as flat mappings, made one by one, and how many match
without the limit.
"""
