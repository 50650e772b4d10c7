"""What a run leaves behind: the store, the decision log, the run folders and their hashes."""
