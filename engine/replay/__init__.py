"""Nights again: from what their runs kept, and under another policy.

`past` gathers what a run read, `facts` lays it out for a plan, `evaluate` decides it. On these
stand `rerun`, which compares a night with what it left, and `backtest`, which asks what another
policy would have made of the same nights.
"""
