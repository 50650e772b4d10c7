"""Presentation for people and programs: tables, trees, summaries, JSON and CSV."""
