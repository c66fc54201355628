from tests.proc.processes import marker, python, start, watch

__all__ = ["marker", "python", "start", "watch"]
