"""What goes wrong, in Chinese. The engine says it in English; here stands the same per stage."""
