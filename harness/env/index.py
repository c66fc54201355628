"""Asking the package index which releases there are and what they declare. The only place that speaks to it.

The simple index says which files there are (PEP 503, 691, 700). What a release declares stands beside its
file (PEP 658) or in it; of a wheel only the end and one member are read where the server allows that.
"""

import contextlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import TypeVar

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from pypi_simple import (
    ACCEPT_JSON_PREFERRED,
    PYPI_SIMPLE_ENDPOINT,
    DistributionPackage,
    NoMetadataError,
    NoSuchProjectError,
    PyPISimple,
    UnsupportedRepoVersionError,
)
from remotezip import RangeNotSupported, RemoteZip, RemoteZipError
from requests import HTTPError, RequestException, Response, Session, Timeout
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError as TransportError
from urllib3.util import Retry

from harness.env.metadata import concerning, in_order, requirements_of_metadata, requirements_of_source
from harness.errors import IndexFailed
from harness.model import Release

_AT_A_TIME = 8
# What does not answer in time is not asked again: a deadline is one.
_RETRY = Retry(total=2, read=False, backoff_factor=0.2, status_forcelist=(429, 500, 502, 503, 504))
_HINT = "look at the network, UV_DEFAULT_INDEX and the proxy variables; nothing has been changed"

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class PackageIndex:
    """An index, named `shown` in messages. `timeout` is for one answer, in seconds."""

    client: PyPISimple
    timeout: float
    shown: str


@dataclass(frozen=True, kw_only=True)
class _Listed:
    """A release as the index lists it: `requires` is not asked yet, the first of `files` is who to ask."""

    release: Release
    files: tuple[DistributionPackage, ...]


@contextlib.contextmanager
def open_index(environ: Mapping[str, str], *, timeout: float) -> Iterator[PackageIndex]:
    """The index that uv would ask by these variables; proxies and netrc as everywhere.

    Raises:
        IndexFailed: uv may not ask any.
    """
    if environ.get("UV_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        raise IndexFailed("UV_OFFLINE is set: no package index may be asked", hint="unset UV_OFFLINE")
    named = environ.get("UV_DEFAULT_INDEX") or environ.get("UV_INDEX_URL") or PYPI_SIMPLE_ENDPOINT
    url = re.sub(r"^[\w.-]+=", "", named)  # uv's own form NAME=URL
    session = Session()
    session.verify = environ.get("SSL_CERT_FILE") or True
    session.cert = environ.get("SSL_CLIENT_CERT") or None
    # Threads share the session: its cookies would be the one thing that they change.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=_AT_A_TIME, max_retries=_RETRY))
    with PyPISimple(url, session=session, accept=ACCEPT_JSON_PREFERRED) as client:
        yield PackageIndex(client=client, timeout=timeout, shown=_without_password(url))


def fetch_releases(
    since: Mapping[str, str], known: Mapping[str, Sequence[Release]], index: PackageIndex
) -> dict[str, tuple[Release, ...]]:
    """By package, every release of the series named and of newer ones, oldest first.

    Pre-releases are among them where they are newer than the newest final release. What a release in `known`
    declares is not asked again: it does not change.

    Raises:
        IndexFailed: the index does not answer, or has no such package.
    """
    listed = _at_once({package: partial(_list, package, oldest, index) for package, oldest in since.items()})
    said: dict[tuple[str, str], tuple[str, ...] | None] = {
        (package, release.version): release.requires
        for package, releases in known.items()
        for release in releases
        if release.requires is not None
    }
    asked = _at_once(
        {
            (package, each.release.version): partial(_ask, package, each, index)
            for package, every in listed.items()
            for each in every
            if (package, each.release.version) not in said
        }
    )
    packages = set(since)
    for pin, requirements in asked.items():
        said[pin] = None if requirements is None else concerning(requirements, packages - {pin[0]})
    return {
        package: tuple(replace(each.release, requires=said[package, each.release.version]) for each in every)
        for package, every in listed.items()
    }


def list_releases(package: str, index: PackageIndex) -> tuple[Release, ...]:
    """Every release of any package, oldest first; what it requires is not asked.

    Raises:
        IndexFailed: the index does not answer, or has no such package.
    """
    return tuple(each.release for each in _list(package, "0", index))


def _list(package: str, since: str, index: PackageIndex) -> tuple[_Listed, ...]:
    """The releases of a package, oldest first."""
    with _asking(package, index):
        try:
            page = index.client.get_project_page(package, timeout=index.timeout)
        except NoSuchProjectError:
            raise IndexFailed(
                f"{package}: {index.shown} has no such package",
                hint=f"axes.{package} of matrix.toml names it",
            ) from None
    files: dict[Version, list[DistributionPackage]] = {}
    for file in page.packages:
        with contextlib.suppress(InvalidVersion):
            if file.package_type in ("wheel", "sdist"):
                files.setdefault(Version(file.version or ""), []).append(file)
    finals = [version for version in files if not version.is_prerelease]
    newest = max(finals, default=Version("0"))
    chosen = (version for version in files if not version.is_prerelease or version > newest)
    oldest = Version(since)
    return tuple(
        _listed(version, files[version]) for version in sorted(chosen) if version.release >= oldest.release
    )


def _listed(version: Version, files: Sequence[DistributionPackage]) -> _Listed:
    # Rather a wheel than its source, and rather one whose declarations stand beside it.
    ordered = sorted(files, key=lambda file: (file.package_type != "wheel", not file.has_metadata))
    uploads = [file.upload_time for file in files if file.upload_time]
    yanked = next((file.yanked_reason or "" for file in files if file.is_yanked), None)
    return _Listed(
        release=Release(
            version=str(version),
            uploaded=min(uploads).date() if uploads else None,
            requires_python=_python_of(ordered[0]),
            requires=None,
            # One file that is left makes a release (PEP 592).
            yanked=yanked if all(file.is_yanked for file in files) else None,
        ),
        files=tuple(ordered),
    )


def _python_of(file: DistributionPackage) -> str:
    """Its Requires-Python; an installer goes by no other words than these."""
    try:
        return in_order(SpecifierSet(file.requires_python or ""))
    except InvalidSpecifier:
        return ""


def _ask(package: str, listed: _Listed, index: PackageIndex) -> tuple[str, ...] | None:
    """Every requirement of a release; None when it does not say."""
    file = listed.files[0]
    with _asking(f"{package} {listed.release.version}", index):
        # An index may promise what its file server does not have.
        with contextlib.suppress(NoMetadataError):
            if file.has_metadata:
                return _beside(file, index)
        if file.package_type == "wheel":
            return _of_wheel(file, index)
        return requirements_of_source(_whole(file, index))


def _beside(file: DistributionPackage, index: PackageIndex) -> tuple[str, ...]:
    content = index.client.get_package_metadata_bytes(
        file, verify=bool(file.metadata_digests), timeout=index.timeout
    )
    return requirements_of_metadata(content)


def _of_wheel(file: DistributionPackage, index: PackageIndex) -> tuple[str, ...] | None:
    try:
        archive: zipfile.ZipFile = RemoteZip(
            file.url,
            session=index.client.s,
            timeout=index.timeout,
            headers={"Accept-Encoding": "identity"},
            hooks={"response": _close_unless_part},
        )
    except RangeNotSupported:
        archive = zipfile.ZipFile(io.BytesIO(_whole(file, index)))
    with archive:
        names = [name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
        return requirements_of_metadata(archive.read(names[0])) if names else None


def _close_unless_part(response: Response, *_arguments: object, **_options: object) -> None:
    """Let go of an answer that RemoteZip leaves as it is: a refusal, or the whole file."""
    if "Content-Range" not in response.headers and not response.is_redirect:
        response.close()


def _whole(file: DistributionPackage, index: PackageIndex) -> bytes:
    response = index.client.s.get(file.url, timeout=index.timeout)
    response.raise_for_status()
    return response.content


def _at_once(tasks: Mapping[K, Callable[[], T]]) -> dict[K, T]:
    """What each task returns, some at a time; the first that fails ends the others that have not begun."""
    with ThreadPoolExecutor(max_workers=_AT_A_TIME) as pool:
        running = {pool.submit(task): key for key, task in tasks.items()}
        try:
            done = {running[future]: future.result() for future in as_completed(running)}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {key: done[key] for key in tasks}


@contextlib.contextmanager
def _asking(what: str, index: PackageIndex) -> Iterator[None]:
    """Turn whatever goes wrong on the way into IndexFailed."""
    try:
        yield
    except HTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise IndexFailed(f"{what}: {index.shown} answers {status}", hint=_HINT) from None
    except Timeout:
        seconds = f"{index.timeout:g} s"
        raise IndexFailed(f"{what}: {index.shown} has not answered within {seconds}", hint=_HINT) from None
    except (RequestException, TransportError, RemoteZipError) as error:
        cause = getattr(error.args[0], "reason", error) if error.args else error
        words = _without_password(str(cause))
        raise IndexFailed(f"{what}: {index.shown} cannot be asked: {words}", hint=_HINT) from None
    except (ValueError, zipfile.BadZipFile, UnsupportedRepoVersionError) as error:
        words = _without_password(str(error)).partition("\n")[0]
        raise IndexFailed(
            f"{what}: {index.shown} answers what is not understood: {words}", hint=_HINT
        ) from None


def _without_password(text: str) -> str:
    return re.sub(r"//[^/@\s]*@", "//", text)
