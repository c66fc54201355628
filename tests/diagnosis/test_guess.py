import pytest

from harness.diagnosis.guess import missing_distribution, named_first


@pytest.mark.parametrize(
    ("signature", "distribution"),
    [
        ("worker:missing-module:packaging", "packaging"),
        ("worker:missing-module:pkg_resources", "setuptools"),
        ("import:missing-module:celery.five", "celery"),
        ("import:missing-module:dateutil", "python-dateutil"),
        ("worker:raised:VersionMismatch", ""),
        ("worker:exited", ""),
    ],
)
def test_a_missing_module_has_a_distribution(signature: str, distribution: str) -> None:
    assert missing_distribution(signature) == distribution


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ("kombu.exceptions.VersionMismatch: Redis transport requires redis-py 6.1", ["kombu", "redis"]),
        ("AttributeError: 'EntryPoints' object has no attribute 'get'", ["importlib-metadata"]),
        ("no module named importlib_metadata", ["importlib-metadata"]),
        ("nothing", []),
    ],
)
def test_what_a_failure_names_comes_in_the_order_in_which_it_is_named(told: str, names: list[str]) -> None:
    assert named_first(["redis", "importlib-metadata", "vine", "kombu"], [told]) == names
