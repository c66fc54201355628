"""Django's sqlite backend with transactions that ask for the write lock when they begin.

A worker, a beat and a web process write to one file. SQLite refuses at once, whatever its timeout, a
transaction that has read before it writes while another one writes; asked at the beginning it waits.
Django has this as an option from 5.1 on, and this project runs on 2.2, too.
"""

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """`BEGIN IMMEDIATE` in place of `BEGIN`."""

    def _start_transaction_under_autocommit(self):
        self.cursor().execute("BEGIN IMMEDIATE")
