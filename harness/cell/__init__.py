"""One cell, from its pins to its result."""
