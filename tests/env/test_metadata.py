import gzip
import io
import tarfile

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from harness.env.metadata import (
    concerning,
    in_order,
    requirements_of_metadata,
    requirements_of_source,
)

PACKAGES = {"django", "celery", "django-celery-beat"}


def source(**files: str) -> bytes:
    """A source distribution of these files, `_` for a slash in their names."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"beat-2.6.0/{name.replace('__', '/').replace('_', '.')}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(content.getvalue())


def test_a_metadata_has_its_requirements() -> None:
    metadata = b"Metadata-Version: 2.1\nName: beat\nRequires-Dist: Django (>=2.2)\nRequires-Dist: pytz>dev\n"
    assert requirements_of_metadata(metadata) == ("Django (>=2.2)", "pytz>dev")
    assert requirements_of_metadata(b"Metadata-Version: 2.1\nName: beat\n") == ()


@pytest.mark.parametrize(
    ("files", "requirements"),
    [
        pytest.param(
            {"PKG-INFO": "Metadata-Version: 2.1\n"},
            None,
            id="old-metadata-says-nothing",
        ),
        pytest.param(
            {"PKG-INFO": "Metadata-Version: 2.1\nRequires-Dist: celery>=5\n"},
            ("celery>=5",),
            id="old-metadata-says-something",
        ),
        pytest.param({"PKG-INFO": "Metadata-Version: 2.2\n"}, (), id="new-metadata-says-that-there-are-none"),
        pytest.param(
            {"PKG-INFO": "Metadata-Version: 2.2\nDynamic: Requires-Dist\n"},
            None,
            id="new-metadata-leaves-it-to-the-build",
        ),
        pytest.param(
            {
                "PKG-INFO": "Metadata-Version: 2.1\n",
                "beat_egg-info__SOURCES_txt": "setup.py\n",
            },
            (),
            id="setuptools-wrote-none",
        ),
        pytest.param(
            {
                "PKG-INFO": "Metadata-Version: 1.2\n",
                "beat_egg-info__PKG-INFO": "Metadata-Version: 1.2\n",
                "beat_egg-info__requires_txt": 'celery<6\n\n[:python_version<"3"]\nDjango<4\n\n[sqs]\nboto\n',
            },
            ("celery<6", 'Django<4; python_version < "3"', 'boto; extra == "sqs"'),
            id="setuptools-wrote-some",
        ),
        pytest.param({"beat__PKG-INFO": "Metadata-Version: 2.2\n"}, None, id="somebody-elses"),
        pytest.param({}, None, id="empty"),
    ],
)
def test_a_source_says(files: dict[str, str], requirements: tuple[str, ...] | None) -> None:
    found = requirements_of_source(source(**files))
    # The standard library puts its markers into brackets or not, as its version is.
    assert (found and tuple(str(Requirement(each)) for each in found)) == requirements


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", gzip.compress(b"no tar"), source(PKG="x" * 9999)[:60]],
    ids=["empty", "a-zip", "no-tar", "cut-off"],
)
def test_what_is_no_source_says_nothing(content: bytes) -> None:
    assert requirements_of_source(content) is None


@pytest.mark.parametrize(
    ("requirement", "written"),
    [
        ("Django (<4.0,>=2.2)", ("Django>=2.2,<4.0",)),
        ("celery", ("celery",)),
        ("Django_Celery.Beat~=2.2", ("Django_Celery.Beat~=2.2",)),
        ("celery[redis]<6.0,>=5.2.3,!=5.2.5", ("celery>=5.2.3,!=5.2.5,<6.0",)),
        ("Django<4 ; python_version<'3.8'", ('Django<4; python_version < "3.8"',)),
        ("Django>=1.11; extra == 'django'", ()),
        ("Django>=1.11; (python_version < '3.8' or extra == 'django')", ()),
        ("Django; platform_machine == 'extra'", ('Django; platform_machine == "extra"',)),
        ("asgiref>=3.3.2,<4", ()),
        ("pytz>dev", ()),
        ("django>dev", None),
    ],
)
def test_what_concerns_the_axes_is_written_one_way(requirement: str, written: tuple[str, ...] | None) -> None:
    assert concerning([requirement], PACKAGES) == written


def test_the_lower_end_stands_first() -> None:
    assert in_order(SpecifierSet("<4,!=3.0.*,>=2.7")) == ">=2.7,!=3.0.*,<4"
