"""A plan as SQL: the statements that the columnar executor runs and `kam compile` prints.

Every expression is built as a sqlglot tree, never pasted from text, so nothing that a
policy says can become SQL of its own, and another dialect is a parameter.
"""
