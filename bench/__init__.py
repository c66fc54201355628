"""How fast the harness is: against a plain noxfile, and against the floor. `nox -s bench`."""
