"""The gate: a baseline against the present, cell by cell, check by check, invariant by invariant. Pure."""
