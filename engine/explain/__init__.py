"""Why an account is where it is: the whole decision of one pack as a tree."""
