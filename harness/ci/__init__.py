"""What runs the matrix in somebody's CI, as files of their repository."""
