"""What a changed policy would do, before anything happens, and who has agreed to it.

`policies` finds the changed packs, `editing` says which of their elements are other than those of
the last run, `outcome` decides a night under them, `comparing` sets two outcomes side by side,
`attribution` says which edit moves whom, and `propose` puts all of it together. `plan_file` writes
that down so that it can be signed, and `approving` signs it.
"""
