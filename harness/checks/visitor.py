"""A person with a browser, without the browser: pages are opened, forms are filled in and sent.

What a page says is read from the markup that Django's admin has had from 2.2 to 6.1, never from words, which
are in the project's language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

from lxml import html

# Where Django says what went wrong, on the page that it shows with DEBUG.
_ERROR_TYPE = "//h1/text()"
_ERROR_VALUE = "//pre[contains(@class, 'exception_value')]//text()"
_COMPLAINTS = "//*[contains(@class, 'errornote') or contains(@class, 'errorlist')]"
_MESSAGES = "//ul[contains(@class, 'messagelist')]/li"


class Amiss(Exception):
    """Something on a page is not as a person needs it. `str()` says what, in one line."""

    @property
    def told(self) -> str:
        """What is amiss, where it may be anything."""
        return str(self)


class Refusal(Amiss):
    """A page refuses what was filled in. `str()` is its complaint."""

    @property
    def told(self) -> str:
        """That it is refused, and why."""
        return f"refused: {self}"


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page as it was answered. `document` is its markup."""

    url: str
    status: int
    document: html.HtmlElement

    @property
    def problem(self) -> str:
        """Why there is no such page, in one line; empty when there is."""
        if self.status == 200:  # noqa: PLR2004 - HTTP
            return ""
        kind, value = (_words(self.document.xpath(where)) for where in (_ERROR_TYPE, _ERROR_VALUE))
        return f"status {self.status}" + (f": {kind.partition(' at ')[0]}: {value}" if value else "")

    @property
    def complaints(self) -> str:
        """What the page says is wrong with a form; empty when it says nothing."""
        return " ".join(filter(None, (_words([each]) for each in self.document.xpath(_COMPLAINTS))))

    @property
    def messages(self) -> Mapping[str, str]:
        """What it says of the last thing done, by the kind of message, such as "success"."""
        return {each.get("class", ""): _words([each]) for each in self.document.xpath(_MESSAGES)}

    def must_be_there(self) -> "Page":
        """The page itself.

        Raises:
            Amiss: there is no such page.
        """
        if self.problem:
            raise Amiss(self.problem)
        return self

    def must_say_done(self) -> "Page":
        """The page itself, which says that what was asked for is done.

        Raises:
            Amiss: it says that it failed, or nothing.
            Refusal: it complains of a form.
        """
        self.must_be_there()
        if self.complaints:
            raise Refusal(self.complaints)
        if not self.messages or "error" in self.messages:
            raise Amiss(f"it says {'; '.join(self.messages.values()) or 'nothing'}")
        return self

    def links(self, where: str) -> tuple[str, ...]:
        """The addresses of the links that an XPath finds, in their order, each once."""
        found = (urljoin(self.url, link.get("href")) for link in self.document.xpath(where))
        return tuple(dict.fromkeys(found))

    def form(self, name: str) -> html.FormElement:
        """The form with an id.

        Raises:
            Amiss: the page has none.
        """
        found = self.document.xpath("//form[@id = $name]", name=name)
        if not found:
            raise Amiss(self.problem or f"there is no form {name}")
        for text in found[0].xpath(".//textarea"):
            # The line break behind the tag is no part of the text.
            text.value = text.value.removeprefix("\n")
        return found[0]

    def rows(self) -> Sequence[Mapping[str, str]]:
        """The rows of a list: by field what it shows, and under "href" where its link leads."""
        return [self._row(row) for row in self.document.xpath("//table[@id = 'result_list']/tbody/tr")]

    def read_only(self, field: str) -> str | None:
        """What a form shows of a field that cannot be edited; None when it does not show it."""
        found = self.document.xpath(
            "//*[contains(concat(' ', @class, ' '), $name)]//div[contains(@class, 'readonly')]",
            name=f" field-{field} ",
        )
        return _words(found[:1]) if found else None

    def _row(self, row: html.HtmlElement) -> Mapping[str, str]:
        shown = {}
        for cell in row.xpath("./*[contains(@class, 'field-')]"):
            name = next(each for each in cell.get("class").split() if each.startswith("field-"))
            # A yes or no is an image, which says True or False whatever the language.
            alt = cell.xpath(".//img/@alt")
            shown[name.removeprefix("field-")] = alt[0] if alt else _words([cell])
        links = row.xpath("./th//a/@href") or row.xpath(".//a/@href")
        boxes = row.xpath(".//input[@name = '_selected_action']/@value")
        return {
            **shown,
            "href": urljoin(self.url, links[0]) if links else "",
            "key": boxes[0] if boxes else "",
        }


class Visitor:
    """Somebody who keeps their cookies. A request waits `timeout` seconds for its answer.

    By the standard library: requests changes a cookie that is in quotes, as Django's messages were up to 3.1.
    """

    def __init__(self, address: str, *, timeout: float, cookies: CookieJar | None = None) -> None:
        self.address = address
        self._timeout = timeout
        self._cookies = CookieJar() if cookies is None else cookies
        # No proxy stands between us and a server of our own.
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self._cookies))

    def open(self, path: str) -> Page:
        """Follow a link, or type an address.

        Raises:
            OSError: nobody answers.
        """
        return self._ask(urljoin(self.address, path))

    def send(self, page: Page, form: html.FormElement, press: str, **values: object) -> Page:
        """Fill in `values`, leave everything else of the form as it is, and press the button named `press`.

        Raises:
            Amiss: the form does not offer such a value, or has no such field.
            OSError: nobody answers.
        """
        for name, value in values.items():
            try:
                form.fields[name] = value
            except (KeyError, ValueError) as error:
                raise Amiss(f"{name}: {error.args[0]}") from None
        buttons = form.xpath(".//*[@type = 'submit' and @name = $press]/@value", press=press)
        sent = urlencode([*form.form_values(), *((press, value) for value in buttons)])
        return self._ask(urljoin(page.url, form.get("action") or ""), sent.encode())

    def elsewhere(self, address: str) -> "Visitor":
        """The same person, logged in as here, at another server of the project."""
        return Visitor(address, timeout=self._timeout, cookies=self._cookies)

    def _ask(self, url: str, sent: bytes | None = None) -> Page:
        try:
            response = self._opener.open(url, sent, self._timeout)
        except HTTPError as error:  # a page, too
            response = error
        with response:
            content = response.read()
            document = html.document_fromstring(content, parser=html.HTMLParser(encoding="utf-8"))
            return Page(url=response.url, status=response.status, document=document)


def path_of(url: str) -> str:
    """The path of an address."""
    return urlsplit(url).path


def _words(found: Sequence[html.HtmlElement | str]) -> str:
    """The text of elements or of text nodes, in one line."""
    texts = (each if isinstance(each, str) else each.text_content() for each in found)
    return " ".join(" ".join(texts).split())
