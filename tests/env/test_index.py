from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from http import HTTPStatus
from threading import Event

import pytest

from harness.env.index import PackageIndex, fetch_releases, list_releases, open_index
from harness.errors import ExitCode, IndexFailed
from harness.model import Release as Noted
from tests.env.index import LocalIndex, Release
from tests.proc.processes import PATIENCE

Fetch = Callable[..., dict[str, tuple[Noted, ...]]]


@pytest.fixture
def asked(index: LocalIndex) -> Iterator[PackageIndex]:
    with open_index({"UV_DEFAULT_INDEX": index.url}, timeout=PATIENCE) as opened:
        yield opened


@pytest.fixture
def fetch(asked: PackageIndex) -> Fetch:
    def fetch(
        known: Mapping[str, Sequence[Noted]] | None = None, **since: str
    ) -> dict[str, tuple[Noted, ...]]:
        return fetch_releases(
            {name.replace("_", "-"): each for name, each in since.items()}, known or {}, asked
        )

    return fetch


def django(version: str, **changes: object) -> Release:
    return Release(name="django", version=version, **changes)  # type: ignore[arg-type]


def versions(noted: Sequence[Noted]) -> list[str]:
    return [each.version for each in noted]


# --- what is noted --------------------------------------------------------------------------------


def test_a_release_is_noted_with_what_it_declares(index: LocalIndex, fetch: Fetch) -> None:
    beat = Release(
        name="django-celery-beat",
        version="2.2.0",
        requires=["Django (<4.0,>=2.2)", "django-timezone-field<5,>=4.1"],
        requires_python=">=3.6, !=3.9.0",
        extras={"postgres": ["Django>=3"]},
        uploaded=date(2021, 1, 19),
    )
    index.add(django("4.2"), beat)
    assert fetch(django="2.2", django_celery_beat="1.6") == {
        "django": (Noted(version="4.2", uploaded=date(2020, 1, 1), requires_python="", requires=()),),
        "django-celery-beat": (
            Noted(
                version="2.2.0",
                uploaded=date(2021, 1, 19),
                requires_python=">=3.6,!=3.9.0",
                requires=("Django>=2.2,<4.0",),
            ),
        ),
    }


def test_releases_are_noted_from_a_series_on_oldest_first(index: LocalIndex, fetch: Fetch) -> None:
    index.add(*map(django, ["3.10", "2.2.10", "2.1.15", "2.2", "2.2.2", "3.0rc1", "1.11"]))
    assert versions(fetch(django="2.2")["django"]) == ["2.2", "2.2.2", "2.2.10", "3.10"]


@pytest.mark.parametrize(
    ("listed", "noted"),
    [
        (["6.1", "6.2a1", "6.2b1"], ["6.1", "6.2a1", "6.2b1"]),
        (["6.1", "6.2a1", "6.2"], ["6.1", "6.2"]),
        (["6.1rc1"], ["6.1rc1"]),
    ],
)
def test_pre_releases_are_noted_where_they_are_newer_than_all_finals(
    listed: list[str], noted: list[str], index: LocalIndex, fetch: Fetch
) -> None:
    index.add(*map(django, listed))
    assert versions(fetch(django="2.2")["django"]) == noted


def test_a_release_is_as_old_as_its_first_file(index: LocalIndex, fetch: Fetch) -> None:
    index.add(
        django("4.2", uploaded=date(2023, 4, 5)),
        django("4.2", uploaded=date(2023, 4, 3), source=""),
        django("5.0", uploaded=None),
    )
    assert [each.uploaded for each in fetch(django="2.2")["django"]] == [date(2023, 4, 3), None]


def test_a_release_is_yanked_when_all_its_files_are(index: LocalIndex, fetch: Fetch) -> None:
    index.add(
        django("4.2.1", yanked="broken"),
        django("4.2.1", yanked="broken", source=""),
        django("4.2.2", yanked="broken"),
        django("4.2.2", source=""),
        django("4.2.3", yanked=""),
    )
    assert [each.yanked for each in fetch(django="2.2")["django"]] == ["broken", None, ""]


def test_a_python_that_nobody_understands_is_none(index: LocalIndex, fetch: Fetch) -> None:
    index.add(django("4.2", requires_python=">=3.6.*.?"))
    assert fetch(django="2.2")["django"][0].requires_python == ""


def test_files_of_no_version_are_no_releases(index: LocalIndex, fetch: Fetch) -> None:
    index.add(django("4.2"), django("new"))
    assert versions(fetch(django="2.2")["django"]) == ["4.2"]


# --- where it is read -----------------------------------------------------------------------------


BEAT = Release(name="django-celery-beat", version="2.2.0", requires=["Django>=2.2,<4.0"])
FILE = "/files/django_celery_beat-2.2.0-py3-none-any.whl"


def files_asked(index: LocalIndex) -> list[str]:
    return [path for path in index.asked if path.startswith("/files/")]


def requires(noted: dict[str, tuple[Noted, ...]]) -> tuple[str, ...] | None:
    return noted["django-celery-beat"][0].requires


@pytest.mark.parametrize("in_parts", [True, False])
def test_metadata_is_read_beside_the_wheel_or_in_it(
    *, in_parts: bool, index: LocalIndex, fetch: Fetch
) -> None:
    index.add(django("4.2"), BEAT)
    assert requires(fetch(django="2.2", django_celery_beat="1.6")) == ("Django>=2.2,<4.0",)
    assert f"{FILE}.metadata" in index.asked
    assert FILE not in index.asked
    index.in_parts = in_parts
    index.releases[1:] = [replace(BEAT, beside=False)]
    assert requires(fetch(django="2.2", django_celery_beat="1.6")) == ("Django>=2.2,<4.0",)
    assert FILE in index.asked


def test_a_source_that_does_not_say_what_it_requires_is_noted_as_unknown(
    index: LocalIndex, fetch: Fetch
) -> None:
    index.add(django("4.2"), Release(name=BEAT.name, version="2.6.0", source=""))
    assert requires(fetch(django="2.2", django_celery_beat="1.6")) is None


def test_a_wheel_is_asked_rather_than_its_source(index: LocalIndex, fetch: Fetch) -> None:
    index.add(django("4.2", source=""), django("4.2"))
    fetch(django="2.2")
    assert files_asked(index) == ["/files/django-4.2-py3-none-any.whl.metadata"]


def test_what_is_known_is_not_asked_again(index: LocalIndex, fetch: Fetch) -> None:
    index.add(django("4.2"), BEAT)
    known = fetch(django="2.2", django_celery_beat="1.6")
    index.asked.clear()
    index.add(django("4.2.1", requires=["celery"]))
    index.releases[0] = django("4.2", yanked="broken")
    again = fetch(known, django="2.2", django_celery_beat="1.6")
    assert files_asked(index) == ["/files/django-4.2.1-py3-none-any.whl.metadata"]
    assert [each.yanked for each in again["django"]] == ["broken", None]
    assert again["django-celery-beat"] == known["django-celery-beat"]


def test_what_could_not_be_known_is_asked_again(index: LocalIndex, fetch: Fetch) -> None:
    index.add(django("4.2"), Release(name=BEAT.name, version="2.2.0", source=""))
    known = fetch(django="2.2", django_celery_beat="1.6")
    index.add(BEAT)
    assert requires(fetch(known, django="2.2", django_celery_beat="1.6")) == ("Django>=2.2,<4.0",)


# --- which index, and what it may do to us --------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "shown"),
    [
        ({"UV_DEFAULT_INDEX": "https://one.example/simple"}, "https://one.example/simple"),
        ({"UV_DEFAULT_INDEX": "ours=https://one.example/simple"}, "https://one.example/simple"),
        ({"UV_INDEX_URL": "https://me:secret@two.example/simple"}, "https://two.example/simple"),
        (
            {"UV_DEFAULT_INDEX": "https://one.example", "UV_INDEX_URL": "https://two.example"},
            "https://one.example",
        ),
    ],
)
def test_the_index_is_the_one_that_uv_asks(variables: dict[str, str], shown: str) -> None:
    with open_index(variables, timeout=1) as index:
        assert index.shown == shown


def test_certificates_are_those_of_the_machine() -> None:
    with open_index({"SSL_CERT_FILE": "/ours.pem", "SSL_CLIENT_CERT": "/me.pem"}, timeout=1) as index:
        assert (index.client.s.verify, index.client.s.cert) == ("/ours.pem", "/me.pem")
    with open_index({}, timeout=1) as index:
        assert (index.client.s.verify, index.client.s.cert) == (True, None)


def test_an_index_that_may_not_be_asked_is_told() -> None:
    with pytest.raises(IndexFailed) as raised, open_index({"UV_OFFLINE": "1"}, timeout=1):
        pass
    assert str(raised.value) == "UV_OFFLINE is set: no package index may be asked"
    assert raised.value.exit_code is ExitCode.UNDETERMINED


def message(fetch: Fetch, index: LocalIndex) -> str:
    with pytest.raises(IndexFailed) as raised:
        fetch(django="2.2")
    assert raised.value.hint
    return str(raised.value).replace(index.url, "INDEX")


def test_a_package_that_is_not_there_is_named(index: LocalIndex, fetch: Fetch) -> None:
    assert message(fetch, index) == "django: INDEX has no such package"


def test_an_index_that_is_gone_is_told(index: LocalIndex, fetch: Fetch) -> None:
    index.stop()
    told = message(fetch, index)
    assert told.startswith("django: INDEX cannot be asked: ")
    assert told.endswith("Connection refused")


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (HTTPStatus.FORBIDDEN, b"no", "django: INDEX answers 403"),
        (
            HTTPStatus.OK,
            b"<html>",
            "django: INDEX cannot be asked: Expecting value: line 1 column 1 (char 0)",
        ),
        (HTTPStatus.OK, b"{}", "django: INDEX answers what is not understood: "),
    ],
)
def test_an_answer_that_is_none_is_told(
    status: HTTPStatus, body: bytes, told: str, index: LocalIndex, fetch: Fetch
) -> None:
    index.add(django("4.2"))
    index.instead = (status, body)
    assert message(fetch, index).startswith(told)


def test_a_release_whose_file_cannot_be_read_is_named(index: LocalIndex, fetch: Fetch) -> None:
    def lose(_name: str) -> None:
        index.releases.clear()

    index.add(django("4.2"))
    index.before_file = lose
    assert message(fetch, index).startswith("django 4.2: INDEX cannot be asked: 404 Client Error")


def test_metadata_that_is_promised_and_not_there_is_read_in_the_wheel(
    index: LocalIndex, fetch: Fetch
) -> None:
    def lose(_name: str) -> None:
        index.releases[1:] = [replace(BEAT, beside=False)]

    index.add(django("4.2"), BEAT)
    index.before_file = lose
    assert requires(fetch(django="2.2", django_celery_beat="1.6")) == ("Django>=2.2,<4.0",)
    assert FILE in index.asked


def test_an_answer_has_a_deadline(index: LocalIndex) -> None:
    released = Event()
    index.add(django("4.2"))
    index.before_page = lambda _name: released.wait(PATIENCE)
    with open_index({"UV_DEFAULT_INDEX": index.url}, timeout=0.05) as asked:
        with pytest.raises(IndexFailed, match=r"django: .* has not answered within 0\.05 s"):
            fetch_releases({"django": "2.2"}, {}, asked)
        released.set()


def test_releases_are_listed_without_asking_what_they_require(index: LocalIndex, asked: PackageIndex) -> None:
    index.add(django("6.1"), django("4.2", yanked="broken"), django("5.2", requires_python=">=3.10"))
    listed = list_releases("django", asked)
    assert versions(listed) == ["4.2", "5.2", "6.1"]
    assert [each.yanked for each in listed] == ["broken", None, None]
    assert listed[1].requires_python == ">=3.10"
    assert {each.requires for each in listed} == {None}
    assert files_asked(index) == []
