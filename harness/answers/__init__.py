"""Answers to what people ask of their own projects, from what was measured."""
