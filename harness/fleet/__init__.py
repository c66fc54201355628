"""Cells run on other machines: as Celery tasks on a Redis that all of them reach.

`order` and `offer` are what is said between them, `board` and `app` where, `dispatch` the side that wants
cells run, `serve` the side that runs them.
"""
