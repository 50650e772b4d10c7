"""One module per engine: how a user of it writes the rules, and how it is run."""
