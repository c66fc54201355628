"""The command lines, a module each: what a verb takes, and what it does with it."""
