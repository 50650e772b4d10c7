"""Questions about decisions that a night has made: what if, since when, how near."""
