import pytest

from harness.matrix.config import Matrix, parse_matrix
from tests.values import MATRIX


@pytest.fixture(scope="session")
def matrix() -> Matrix:
    return parse_matrix(MATRIX)
