"""pytest tests that run against a live cell, and the plugin that feeds them."""
