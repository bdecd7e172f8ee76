"""Web pages, saved or fetched: the article, without the menus around it."""

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.documents.document import Document, cleaned, named, on_one_line
from adapters.documents.encoding import marked
from core.domain.errors import BadInputError

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_HIDES = re.compile(
    r"(?:^|[;{\s])(?:display:none|visibility:(?:hidden|collapse)|mso-hide:all|color:transparent"
    r"|(?:opacity|font-size|max-height|max-width):0(?:\.0+)?(?:[a-z]+|%)?(?![\d.])"
    r"|(?:text-indent|left|top|right|margin-left):-\d{4,})"
)
_BLANKS = re.compile(r"\s*([:;{}])\s*|\s*!important")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# What holds only on some screens, `@media`, is left alone: it has rules inside.
_CONDITIONAL = re.compile(r"@[^;{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|@[^;{}]*;")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_UNSEEN = {"head", "script", "style", "template", "title"}
_BREAKS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table"}
_LINES = {"div", "li", "tr", "blockquote", "section", "header", "footer", "article", "hr"}
_CELLS = {"td", "th"}
_BLANK = re.compile(r"[ \t\r\n]+")
_EMPTY = re.compile(r"\n{3,}")
_SIMPLE = re.compile(r"([a-z][\w-]*)?(?:([.#])([\w-]+))?", re.IGNORECASE)


def from_page(address: str, data: bytes) -> Document:
    """Return the article of a page that was fetched as markdown; its links stay, made whole.

    Raises BadInputError for one that cannot be read; one without words has an empty text.
    """
    import trafilatura

    # It reports pages without words, which is our caller's to say, if anybody's.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        tree = _visible(data)
        if tree is None:
            return Document("", "", "html")
        title = tree.findtext(".//title")
        text = trafilatura.extract(
            tree,
            url=address,
            output_format="markdown",
            include_links=True,
            include_comments=False,
        )
        text = cleaned(text or trafilatura.html2txt(tree) or "")
    except Exception as error:
        message = f"The page {address} is broken and cannot be read."
        raise BadInputError(message) from error
    return Document(on_one_line(title or ""), text.strip(), "html")


def from_html(path: Path, data: bytes) -> Document:
    """Return the article of a page as markdown; links are left out, their words stay."""
    import trafilatura

    # It reports pages without words, which is said below.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        tree = _visible(data)
        if tree is None:  # what was copied out of a page lacks the frame that is asked for
            tree = _visible(b"<html><body>" + data + b"</body></html>")
        title = tree.findtext(".//title") if tree is not None else None
        text = None
        if tree is not None:
            text = trafilatura.extract(
                tree, output_format="markdown", include_comments=False, favor_recall=True
            )
            text = text or trafilatura.html2txt(tree)
        text = cleaned(text or "")
    except Exception as error:
        message = f"{path} is broken and cannot be read; save the page again."
        raise BadInputError(message) from error
    if not text.strip():
        message = f"{path} has no text to read: its words may be made by scripts; save it as a PDF."
        raise BadInputError(message)
    return Document(named(title or "", path.stem), text, "html")


def whole_page(data: bytes) -> str:
    """Return all that a page shows, line by line, as in a mail, whose frame is said by its sender.

    Raises whatever the parser does for a page that is broken.
    """
    from lxml import etree

    tree = _visible(data)
    if tree is None:
        tree = _visible(b"<html><body>" + data + b"</body></html>")
    found: list[str] = []
    unseen = 0
    for event, element in etree.iterwalk(tree, ("start", "end")) if tree is not None else ():
        begins = event == "start"
        unseen += (1 if begins else -1) if element.tag in _UNSEEN else 0
        ends_line = not found or found[-1].endswith("\n")
        if element.tag in _BREAKS:
            found.append("\n\n")
        elif (element.tag in _LINES and not ends_line) or (begins and element.tag == "br"):
            found.append("\n")
        if begins and element.tag == "li":
            found.append("- ")
        text = element.text if begins else element.tail
        words = _BLANK.sub(" ", text or "")
        if words and not unseen and not (words == " " and found and found[-1].endswith("\n")):
            found.append(words)
        elif not begins and element.tag in _CELLS:
            found.append(" ")
    lines = (" ".join(line.split()) for line in cleaned("".join(found)).split("\n"))
    return _EMPTY.sub("\n\n", "\n".join(lines)).strip("\n")


def _visible(data: bytes) -> "HtmlElement | None":
    """Return a page as a tree without what no reader sees, None for what is no page.

    A hidden sentence is the cheapest attack on whoever reads all that is there. Styles are
    understood as mails and simple pages have them: on an element, or for a name, class or id.
    """
    import trafilatura

    if mark := marked(data):
        data = data.decode(mark, "replace").encode()
    tree = trafilatura.load_html(data)
    if tree is None:
        return None
    hidden = _hidden_names("".join(style.text or "" for style in tree.iter("style")))
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.tag in {"html", "body"}:
            continue
        if element.getparent() is not None and _is_hidden(element, hidden):
            element.drop_tree()
    return tree


def _hidden_names(styles: str) -> set[str]:
    """Return the selectors, `p`, `.note`, `#top` or `p.note`, of what a stylesheet hides."""
    found: set[str] = set()
    plain = _CONDITIONAL.sub("", _COMMENT.sub("", styles))
    for selectors, rules in _RULE.findall(plain):
        if _HIDES.search(_packed(rules)):
            found |= {
                name
                for it in selectors.split(",")
                if (name := it.strip()) and _SIMPLE.fullmatch(name)
            }
    return found


def _is_hidden(element: "HtmlElement", hidden: set[str]) -> bool:
    style = _packed(element.get("style") or "")
    if "hidden" in element.attrib or _HIDES.search(style):
        return True
    # What an element says of itself counts more than a stylesheet.
    if not hidden or re.search(r"(?:^|;)(?:display|visibility):", style):
        return False
    names = [f".{name}" for name in (element.get("class") or "").split()]
    names += [f"#{name}" for name in (element.get("id") or "").split()]
    tag = str(element.tag)
    return not hidden.isdisjoint({tag, *names, *(tag + name for name in names)})


def _packed(rules: str) -> str:
    return _BLANKS.sub(r"\1", rules.lower()).strip()
