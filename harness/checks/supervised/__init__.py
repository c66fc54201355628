"""Scenes under supervisor: what becomes of worker, beat and tasks when one is killed or told to stop."""
