"""`python manage.py agent`: do what an observer asks, one JSON line a question, one a reply."""

import os
import sys

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Reads questions from stdin until it ends."""

    help = "Answer JSON lines on stdin with JSON lines on stdout, until stdin ends."
    # The observer asks for the checks itself, to see them as a stage of its own.
    requires_system_checks = []

    def handle(self, *args, **options):
        from agent.conversation import converse

        # What the project prints belongs in the log, not among the replies.
        replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        converse(sys.stdin, replies)
