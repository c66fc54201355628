"""Ways to break what people expect under supervisor, each for the scenes of one cell."""

import os
import signal
import subprocess

from celery import signals

BREAKS = {}


def breaking(function):
    BREAKS[function.__name__] = function
    return function


@breaking
def silent(program):
    """Nobody hears of it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


@breaking
def stubborn(program):
    """Who is told to end does not, nor do pool processes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


@breaking
def leaky(program):
    """Each worker leaves something behind."""
    if program == "worker":
        signals.worker_ready.connect(leave_something, weak=False)


@breaking
def frail(program):
    """Nothing comes up a second time."""
    try:
        os.close(os.open(program + ".started", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        raise SystemExit(3)


@breaking
def forgetful(program):
    """What is in hand runs twice, and never ends."""
    signals.import_modules.connect(swap_words, weak=False)


@breaking
def absent(program):
    """No worker comes up."""
    if program == "worker":
        raise SystemExit(3)


def leave_something(**kwargs):
    subprocess.Popen(["sleep", "600"], start_new_session=True)


def swap_words(**kwargs):
    from easytask import tasks

    tell = tasks._tell

    def _tell(what, token):
        if token not in ("early", "late"):
            tell(what, token)
        elif what == "began":
            tell(what, token)
            tell(what, token)

    tasks._tell = _tell
