"""What is known of every pair of versions, and which cells to run next. Pure."""
