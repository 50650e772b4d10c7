"""The schema of kam.db: the tables by what they are about, and the steps that make them."""
