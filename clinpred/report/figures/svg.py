"""SVG made fit for a page: classes for colours, no style attributes, own ids, a title and a description."""

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from clinpred.report.figures.palette import COLOUR_CLASS, FIGURE_CSS, GRID, STANDALONE_CSS

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_HREF, _GROUP = f"{{{_XLINK}}}href", f"{{{_SVG}}}g"
_STEP = re.compile(r"([MLCQz])([^MLCQz]*)")
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_REFERENCE = re.compile(r"#([\w.-]+)")
_ROTATION = re.compile(r"rotate\(-?0 [^)]*\)")
_COORDINATES = ("d", "x", "y", "width", "height", "transform")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DROPPED = {"font-family", "stroke-dashoffset", "stroke-linejoin", "stroke-miterlimit"}
_REDUNDANT = {("fill-opacity", "1"), ("stroke-width", "1")}


def inline_svg(drawing: str, *, figure: str, title: str, description: str) -> str:
    """Return a matplotlib drawing as an element that can stand in a page with a strict content policy.

    Parameters
    ----------
    drawing : str
        The SVG file that matplotlib wrote.
    figure : str
        The figure's id; every id in the result starts with it.
    title, description : str
        The accessible name and the text alternative.
    """
    root = ET.fromstring(drawing)  # noqa: S314  # matplotlib's own output, without entities
    _drop_metadata(root)
    for element in root.iter():
        _unstyle(element)
        _round_coordinates(element)
    _inherit_size(root)
    _unclip_grid(root)
    _rename_ids(root, figure)
    _ungroup(root)
    _introduce(root, figure, (title, description))
    ET.register_namespace("", _SVG)
    # ">" is escaped in every text, so that this is the end of an empty element and nothing else
    return ET.tostring(root, encoding="unicode").replace(" />", "/>")


def standalone(svg: str) -> str:
    """Return an inlined figure as a file of its own: it carries the rules and the light colours."""
    opening, rest = svg.split(">", 1)
    width, height = re.findall(r'viewBox="0 0 (\S+) (\S+)"', opening)[0]
    rules = f"<style>{STANDALONE_CSS}{FIGURE_CSS}</style>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening} width="{width}pt" height="{height}pt">{rules}{rest}\n'


def printable(text: str) -> str:
    """Return text without the characters that XML forbids; each becomes U+FFFD."""
    return _NOT_XML.sub("\ufffd", text)


def _drop_metadata(root: ET.Element) -> None:
    for child in list(root):
        is_styles = child.find(f"{{{_SVG}}}style") is not None
        if child.tag == f"{{{_SVG}}}metadata" or is_styles:
            root.remove(child)


def _unstyle(element: ET.Element) -> None:
    """Turn the style attribute into presentation attributes, and named colours into classes."""
    classes = []
    for declaration in element.attrib.pop("style", "").split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if value in COLOUR_CLASS:
            classes.append(f"{name}-{COLOUR_CLASS[value]}")
        elif name and name not in _DROPPED and (name, value) not in _REDUNDANT:
            element.set(name, value.removesuffix("px"))
    if classes:
        element.set("class", " ".join(classes))


def _round_coordinates(element: ET.Element) -> None:
    for name in _COORDINATES:
        if name in element.attrib:
            element.set(name, _NUMBER.sub(lambda found: _rounded(found[0]), element.attrib[name]))
    if "d" in element.attrib:
        element.set("d", _compact(element.attrib["d"]))
    if _ROTATION.fullmatch(element.get("transform", "")):
        del element.attrib["transform"]


def _compact(path: str) -> str:
    """Write the straight lines of a path as steps from point to point: fewer characters, the same line."""
    steps = _STEP.findall(path)
    if any(command in "CQ" for command, _ in steps):
        return "".join(f"{command}{' '.join(coordinates.split())}" for command, coordinates in steps)
    compact, here, start = [], [0, 0], [0, 0]
    for command, coordinates in steps:
        there = [round(10 * float(value)) for value in coordinates.split()] or start
        step = [to - by for to, by in zip(there, here, strict=True)]
        if command == "M":
            compact.append(f"M{_tenths(there)}")
            start = there
        elif command == "z" or any(step):
            compact.append("z" if command == "z" else f"l{_tenths(step)}")
        here = there
    return "".join(compact)


def _tenths(pair: list[int]) -> str:
    x, y = (f"{value / 10:g}".replace("0.", ".") if abs(value) < 10 else f"{value / 10:g}" for value in pair)
    return f"{x}{y}" if y.startswith("-") else f"{x} {y}"


def _rounded(number: str) -> str:
    rounded = f"{float(number):.1f}".removesuffix(".0")
    return "0" if rounded == "-0" else rounded


def _inherit_size(root: ET.Element) -> None:
    """Write the size of most text once, at the root."""
    sizes = Counter(element.attrib["font-size"] for element in root.iter() if "font-size" in element.attrib)
    if not sizes:
        return
    ((usual, _),) = sizes.most_common(1)
    for element in root.iter():
        if element.get("font-size") == usual:
            del element.attrib["font-size"]
    root.set("font-size", usual)


def _unclip_grid(root: ET.Element) -> None:
    """Drop the clipping of grid lines: they end where their panel does."""
    for element in root.iter():
        if element.get("class") == f"stroke-{COLOUR_CLASS[GRID]}":
            element.attrib.pop("clip-path", None)


def _rename_ids(root: ET.Element, figure: str) -> None:
    """Keep only the ids that something refers to, and number them under the figure's own id."""
    used = dict.fromkeys(name for _, _, value in _references(root) for name in _REFERENCE.findall(value))
    renamed = {old: f"{figure}-{place}" for place, old in enumerate(used, start=1)}
    for element, attribute, value in list(_references(root)):
        del element.attrib[attribute]
        new = _REFERENCE.sub(lambda found: f"#{renamed[found[1]]}", value)
        element.set("href" if attribute == _HREF else attribute, new)
    for element in root.iter():
        old = element.attrib.pop("id", None)
        if old in renamed:
            element.set("id", renamed[old])


def _references(root: ET.Element) -> Iterator[tuple[ET.Element, str, str]]:
    for element in root.iter():
        for attribute in (_HREF, "clip-path"):
            if attribute in element.attrib:
                yield element, attribute, element.attrib[attribute]


def _ungroup(parent: ET.Element) -> None:
    """Lift the children of groups that say nothing, and drop the white space between elements."""
    children: list[ET.Element] = []
    for child in parent:
        _ungroup(child)
        children.extend(child if child.tag == _GROUP and not child.attrib else [child])
    parent[:] = children
    if len(parent):
        parent.text = None
    for child in parent:
        child.tail = None


def _introduce(root: ET.Element, figure: str, words: tuple[str, str]) -> None:
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {"class": "clinpred-figure", "role": "img", "aria-labelledby": f"{figure}-title {figure}-desc"}
    for place, (tag, text) in enumerate(zip(("title", "desc"), words, strict=True)):
        element = ET.Element(f"{{{_SVG}}}{tag}", {"id": f"{figure}-{tag}"})
        element.text = printable(text)
        root.insert(place, element)
