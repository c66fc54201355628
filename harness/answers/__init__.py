"""Answers from the records: which versions to take, what is known of those that are there, and why."""
