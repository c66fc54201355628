"""The answer to `nox -s pick`: as plain values, in words, and as files that installers read."""
