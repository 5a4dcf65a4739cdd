"""Private: how component classifiers are trained, and the rows that it reads."""
