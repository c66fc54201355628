"""The report for programs: the view itself as JSON."""

import json
from dataclasses import asdict

from harness.report.caps import CapsView
from harness.report.culprits import CulpritView
from harness.report.fresh import FreshView
from harness.report.gate import GateView
from harness.report.pairs import PairView
from harness.report.view import View


def render(view: View | PairView | FreshView | CulpritView | CapsView | GateView) -> str:
    """The whole file."""
    return json.dumps(asdict(view), indent=1, ensure_ascii=False, default=str) + "\n"
