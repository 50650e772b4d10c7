"""Personal values in a store: their salts and openings, what becomes of them, and forgetting."""
