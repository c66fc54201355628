"""What a project asks for: one module a format of file, each from text to the same value."""
