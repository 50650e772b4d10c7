"""The report of a night as one HTML file that needs nothing beside itself."""
