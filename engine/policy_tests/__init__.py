"""Policy tests: what a pack must decide about accounts that operations made up."""
