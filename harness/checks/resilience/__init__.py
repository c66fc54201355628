"""What becomes of a cell's tasks when something breaks: scenarios, each with a crew of its own."""
