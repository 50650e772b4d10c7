"""A store as one file, taken while runs go on, and made a store again."""
