"""What was measured: one JSON line a result, and what follows from the lines alone."""
