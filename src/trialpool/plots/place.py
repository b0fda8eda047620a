"""From content to layout: column widths by real text widths, then every part its place, from the top down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from trialpool.plots.fonts import text_width
from trialpool.plots.layout import (
    Column,
    Content,
    ForestLayout,
    Mark,
    PlacedAxis,
    PlacedColumn,
    PlacedRow,
    Row,
)
from trialpool.plots.scene import Rule
from trialpool.plots.styles import Style
from trialpool.plots.text import BASELINE, LINE_HEIGHT, Text, longest_word, paragraphs, stacked, wrap

__all__ = ["place"]

_HEADING_WIDTH = 120.0
_LONGEST_HEADING_WORD = 130.0
_TICK_LENGTH = 4.0


def place(content: Content, style: Style) -> ForestLayout:
    """Give every part of the content its place."""
    columns = _columns(content, style)
    right = columns[-1].right
    titles, y = paragraphs([content.title], style, right, style.margin, title=True)
    top = y + (0.6 * style.text_size if titles else 0.0)
    headings, header_rules, y = _headings(content.columns, columns, style, top)
    header = (top, y)
    rows, y = _rows([row for row in content.rows if row.kind != "statistics"], columns, style, y)
    axis, axis_bottom = _axis(content, columns, style, y)
    statistics, bottom = _rows([row for row in content.rows if row.kind == "statistics"], columns, style, y + 3)
    bottom = max(bottom, axis_bottom)
    footers, end = paragraphs(content.footers, style, right, bottom + 0.5 * style.text_size)
    left = columns[0].left
    edge = Rule(left, y, right, y, style.palette.rule, 0.75)
    plot = _plot_rules(content, axis, header[1], style) if axis else ()
    return ForestLayout(
        style=style,
        width=right + style.margin,
        height=(end if content.footers else bottom) + style.margin,
        title=content.title,
        description=content.description,
        titles=titles,
        columns=columns,
        headings=headings,
        header=header,
        rows=(*rows, *statistics),
        marks=_marks(content.rows, rows, axis, style) if axis else (),
        axis=axis,
        rules=(*plot, *header_rules, edge),
        band=_band(content, axis, header[1]) if axis else None,
        footers=footers,
    )


def _columns(content: Content, style: Style) -> tuple[PlacedColumn, ...]:
    wanted = [c for c in content.columns if c.name != "plot" or content.axis is not None]
    first = wanted[0].name
    widths = {c.name: _column_width(c, content, style, first) for c in wanted}
    for over, shared in groupby(wanted, key=lambda c: c.over):
        if over:
            _widen_for_shared_heading(over, [c.name for c in shared], widths, style)
    placed, x = [], style.margin
    for column in wanted:
        placed.append(PlacedColumn(column.name, x, x + widths[column.name], column.anchor))
        x += widths[column.name] + style.column_gap
    return tuple(placed)


def _column_width(column: Column, content: Content, style: Style, first: str) -> float:
    if column.name == "plot" and content.axis is not None:
        overhang = content.axis.tick_overhang(style.plot_width, style.small_size)
        return style.plot_width + 2 * max(style.largest_square / 2 + 3, overhang + 2)
    size = style.text_size
    cells = max((_cell_width(row, column.name, size, column.name == first) for row in content.rows), default=0.0)
    heading = min(max(text_width(line, size, True) for line in column.heading.split("\n")), _HEADING_WIDTH)
    word = min(longest_word(column.heading, size, True), _LONGEST_HEADING_WORD)
    return max(min(cells, column.widest), heading, word)


def _cell_width(row: Row, name: str, size: float, first: bool) -> float:
    """Width of a cell; the first column has the indent and the footnote marks."""
    text = row.cells.get(name, "")
    return row.indent + text_width(text + row.marks, size, row.bold) if first else text_width(text, size, row.bold)


def _widen_for_shared_heading(over: str, names: Sequence[str], widths: dict[str, float], style: Style) -> None:
    span = sum(widths[name] for name in names) + style.column_gap * (len(names) - 1)
    wanted = min(text_width(over, style.text_size, True), _HEADING_WIDTH)
    wanted = max(wanted, min(longest_word(over, style.text_size, True), _LONGEST_HEADING_WORD))
    for name in names:
        widths[name] += max(0.0, wanted - span) / len(names)


def _headings(
    columns: Sequence[Column], placed: Sequence[PlacedColumn], style: Style, top: float
) -> tuple[tuple[Text, ...], tuple[Rule, ...], float]:
    """Column headings, set on the lower edge of the header, with shared headings above their own."""
    size, step = style.text_size, LINE_HEIGHT * style.text_size
    by_name = {column.name: column for column in columns}
    own = {p.name: _heading_lines(by_name[p.name].heading, p.right - p.left, size) for p in placed}
    shared: list[tuple[str, list[PlacedColumn], list[str]]] = []
    for over, group in groupby(placed, key=lambda p: by_name[p.name].over):
        if over:
            members = list(group)
            lines = wrap(over, members[-1].right - members[0].left, size, bold=True, max_lines=3)
            shared.append((over, members, lines))
    below = max((len(own[m.name]) for _, members, _ in shared for m in members), default=0)
    above = max((len(lines) for _, _, lines in shared), default=0)
    count = max(above + below, *(len(lines) for lines in own.values()))
    bottom = top + step * count + style.row_space
    texts: list[Text] = []
    rules: list[Rule] = []
    for p in placed:
        first = bottom - style.row_space / 2 - step * len(own[p.name])
        texts += _lines_in(p, own[p.name], by_name[p.name].heading, first, style)
    for over, members, lines in shared:
        anchor = "middle" if len(members) > 1 else members[0].anchor
        span = PlacedColumn(over, members[0].left, members[-1].right, anchor)
        texts += _lines_in(span, lines, over, bottom - style.row_space / 2 - step * (below + len(lines)), style)
    rules.append(Rule(placed[0].left, bottom, placed[-1].right, bottom, style.palette.rule))
    return tuple(text for text in texts if text.text), tuple(rules), bottom


def _heading_lines(heading: str, width: float, size: float) -> list[str]:
    """A heading in lines; it may hold line breaks of its own."""
    return [line for part in heading.split("\n") for line in wrap(part, width, size, bold=True, max_lines=3)]


def _lines_in(column: PlacedColumn, lines: Sequence[str], whole: str, top: float, style: Style) -> tuple[Text, ...]:
    size = style.text_size
    x = {"start": column.left, "middle": (column.left + column.right) / 2, "end": column.right}[column.anchor]
    return stacked(
        lines,
        Text(x, top + BASELINE * size, whole, size, style.palette.text, style.bold_headings, column.anchor),
    )


def _rows(
    rows: Sequence[Row], columns: Sequence[PlacedColumn], style: Style, top: float
) -> tuple[tuple[PlacedRow, ...], float]:
    """Rows below each other, and where they end."""
    placed: list[PlacedRow] = []
    for row in rows:
        top += row.space_above
        if row.spanning:
            cells, height = _spanning(row, columns, style, top)
        else:
            cells, height = _cells(row, columns, style, top)
        placed.append(PlacedRow(row.kind, top, top + height, cells))
        top += height
    return tuple(placed), top


def _spanning(
    row: Row, columns: Sequence[PlacedColumn], style: Style, top: float
) -> tuple[Mapping[str, tuple[Text, ...]], float]:
    """A text across the columns left of the plot."""
    size = style.text_size if row.bold else style.small_size
    colour = style.palette.text if row.bold else style.palette.muted
    space = style.row_space * (1.0 if row.bold else 0.5)
    plot = next((i for i, c in enumerate(columns) if c.name == "plot"), len(columns))
    left = columns[0].left + row.indent
    lines = wrap(row.spanning, columns[plot - 1].right - left, size, bold=row.bold, max_lines=8)
    first = Text(left, top + space / 2 + BASELINE * size, row.spanning, size, colour, row.bold)
    height = LINE_HEIGHT * size * len(lines) + space
    return {"spanning": stacked(lines, first)}, height


def _cells(
    row: Row, columns: Sequence[PlacedColumn], style: Style, top: float
) -> tuple[Mapping[str, tuple[Text, ...]], float]:
    """A text per column, each centred in the height of the row."""
    size, step = style.text_size, LINE_HEIGHT * style.text_size
    lines = {}
    for i, column in enumerate(columns):
        text, marks = row.cells.get(column.name, ""), row.marks if i == 0 else ""
        if text or marks:
            width = column.right - column.left - (row.indent if i == 0 else 0.0)
            lines[column.name] = wrap(text, width + 1e-6, size, bold=row.bold, max_lines=3, tail=marks)
    height = step * max((len(cell) for cell in lines.values()), default=1) + style.row_space
    cells = {}
    for i, column in enumerate(columns):
        if column.name in lines:
            cell = lines[column.name]
            x = {"start": column.left, "middle": (column.left + column.right) / 2, "end": column.right}[column.anchor]
            baseline = top + (height - step * len(cell)) / 2 + BASELINE * size
            colour = row.colours.get(column.name, style.palette.text)
            first = Text(x + (row.indent if i == 0 else 0.0), baseline, row.cells.get(column.name, ""), size, colour)
            cells[column.name] = stacked(cell, _bold(first, row.bold, column))
    return cells, height


def _bold(text: Text, bold: bool, column: PlacedColumn) -> Text:
    return Text(text.x, text.y, text.text, text.size, text.colour, bold, column.anchor)


def _axis(
    content: Content, columns: Sequence[PlacedColumn], style: Style, top: float
) -> tuple[PlacedAxis | None, float]:
    """The axis below the rows with its labels and directions, and where they end."""
    axis = content.axis
    if axis is None:
        return None, top
    column = next(c for c in columns if c.name == "plot")
    left = (column.left + column.right - style.plot_width) / 2
    right, y, size = left + style.plot_width, top + 4, style.small_size
    ticks = tuple(left + style.plot_width * axis.share(tick.position) for tick in axis.ticks)
    baseline = y + _TICK_LENGTH + 1 + BASELINE * size
    colour = style.palette.text
    labels = tuple(
        Text(x, baseline, tick.label, size, colour, anchor="middle") for x, tick in zip(ticks, axis.ticks, strict=True)
    )
    bottom = y + _TICK_LENGTH + 1 + LINE_HEIGHT * size
    directions: tuple[Text, ...] = ()
    if content.directions:
        room = (column.right - column.left) / 2 - 6
        low = wrap(f"← {content.directions[0]}", room, size, max_lines=3)
        high = wrap(content.directions[1], room, size, max_lines=3, tail=" →")
        y_text = bottom + 2 + BASELINE * size
        directions = (
            *stacked(low, Text(column.left, y_text, f"← {content.directions[0]}", size, colour)),
            *stacked(high, Text(column.right, y_text, content.directions[1], size, colour, anchor="end")),
        )
        bottom += 2 + LINE_HEIGHT * size * max(len(low), len(high))
    null_x = None if axis.null is None else left + style.plot_width * axis.share(axis.null)
    return PlacedAxis(axis, left, right, y, ticks, null_x, labels, directions), bottom


def _plot_rules(content: Content, axis: PlacedAxis, top: float, style: Style) -> tuple[Rule, ...]:
    """The axis, its ticks, the line of no difference, and the line of the pooled estimate."""
    palette = style.palette
    rules = [Rule(axis.left, axis.y, axis.right, axis.y, palette.text)]
    rules += [Rule(x, axis.y, x, axis.y + _TICK_LENGTH, palette.text) for x in axis.ticks]
    if axis.null_x is not None:
        rules.append(Rule(axis.null_x, top, axis.null_x, axis.y, palette.null))
    if content.line is not None and axis.axis.low < content.line < axis.axis.high:
        x = axis.x(content.line)
        rules.append(Rule(x, top, x, axis.y, palette.diamond, 0.8, "2 3"))
    return tuple(rules)


def _band(content: Content, axis: PlacedAxis, top: float) -> tuple[float, float, float, float] | None:
    if content.band is None:
        return None
    left, right = (axis.x(position) for position in content.band)
    return left, top, right, axis.y


def _marks(wanted: Sequence[Row], placed: Sequence[PlacedRow], axis: PlacedAxis, style: Style) -> tuple[Mark, ...]:
    """The glyphs on the axis, cut where it ends."""
    marks = []
    for number, (row, place_) in enumerate(zip((r for r in wanted if r.kind != "statistics"), placed, strict=True)):
        glyph = row.glyph
        if glyph is None:
            continue
        within = glyph.estimate is not None and axis.axis.low <= glyph.estimate <= axis.axis.high
        marks.append(
            Mark(
                glyph.shape,
                number,
                axis.x(glyph.estimate) if within and glyph.estimate is not None else None,
                (place_.top + place_.bottom) / 2,
                axis.x(glyph.low),
                axis.x(glyph.high),
                glyph.low < axis.axis.low,
                glyph.high > axis.axis.high,
                _height_left(glyph.low, glyph.estimate, axis.axis.low),
                _height_left(glyph.high, glyph.estimate, axis.axis.high),
                max(3.0, style.largest_square * glyph.size),
                glyph.colour,
                glyph.tooltip,
            )
        )
    return tuple(marks)


def _height_left(limit: float, estimate: float | None, end: float) -> float:
    """Where the end of the axis cuts a diamond between its estimate and its limit: the height left there, as a share."""
    if estimate is None or limit == estimate:
        return 0.0
    return min(max((limit - end) / (limit - estimate), 0.0), 1.0)
