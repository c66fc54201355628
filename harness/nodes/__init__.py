"""pytest-celery's nodes on plain processes, without Docker; and two it does not know: beat and clock."""
