"""The commands of `kam`: parse, call, print, exit code."""
