"""What to run: matrix.toml read, checked and turned into a plan of cells."""
