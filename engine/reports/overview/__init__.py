"""A night as the management sees it: what `kam report` shows, as numbers and titles."""
