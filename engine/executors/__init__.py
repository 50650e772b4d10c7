"""Plan + facts → measures, tier candidates and hits; every executor gives the same."""
