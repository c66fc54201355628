"""The answer to `nox -s check`: what the records say of a project, as plain values and in words."""
