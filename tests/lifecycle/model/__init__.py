"""docs/lifecycle.md once more: plain dataclasses and loops, one account at a time.

Written from the page and not from the machines, with no thought for speed, so that an error
in one of the two shows as a difference. `engine.lifecycle` is never imported here.
"""
