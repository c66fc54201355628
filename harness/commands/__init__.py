"""One verb each; every one returns the exit code."""
