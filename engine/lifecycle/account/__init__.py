"""The machines of a night for one account by itself, in plain Python.

What the ``.sql`` files beside this package decide about a whole book takes them most of a second
however few accounts there are; an event about one account is answered in milliseconds. The page
docs/lifecycle.md holds for both, and nights of both are compared in the tests.
"""
