"""State from night to night: static SQL over normalised relations and parameter tables."""
