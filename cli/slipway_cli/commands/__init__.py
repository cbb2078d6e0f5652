"""One module for each kind of thing an operator does."""
