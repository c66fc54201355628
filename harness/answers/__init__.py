"""Answers to people's questions, from what was measured: values, and the words for them. Pure."""
