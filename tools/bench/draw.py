# draw.py - The ratios as a picture.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Bars of ratios in groups, as SVG; the line at 1 is the peer."""

from xml.sax.saxutils import escape

WIDTH, LEFT, UNIT, MOST = 820, 230, 200, 2.0
LINE, TITLE = 20, 34
BETTER, WORSE, INK, PALE = "#2a9d6f", "#d0623c", "#222", "#ccc"


def text(x, y, what, extra=""):
    return f'<text x="{x:.0f}" y="{y:.0f}" {extra}>{escape(what)}</text>'


def bar(y, name, value, peer):
    shown = min(value, MOST)
    end = LEFT + shown * UNIT
    colour = BETTER if round(value, 2) <= 1 else WORSE
    parts = [text(LEFT - 8, y + 14, name, 'text-anchor="end"'),
             f'<rect x="{LEFT}" y="{y + 3}" width="{shown * UNIT:.1f}" height="14" '
             f'fill="{colour}"/>']
    if value > MOST:  # longer than there is room for
        parts.append(f'<path d="M{end - 14:.0f} {y + 19} l8 -18 m-3 18 l8 -18" stroke="#fff" '
                     'stroke-width="2"/>')
    # A pale edge keeps the line at 1 off the letters.
    label = text(end + 5, y + 14, f"{value:.2f} of {peer}",
                 'stroke="#fff" stroke-width="4" paint-order="stroke"')
    return parts, label


def draw(path, groups):
    """Groups of a title and rows: a name, a ratio, and whose."""
    groups = [(t, [r for r in rows if r[1] == r[1]]) for t, rows in groups]
    groups = [(t, rows) for t, rows in groups if rows]
    bars, labels, y = [], [], 34
    for title, rows in groups:
        bars.append(text(8, y + 22, title, 'font-weight="bold"'))
        y += TITLE
        for name, value, peer in rows:
            shapes, label = bar(y, name, value, peer)
            bars += shapes
            labels.append(label)
            y += LINE
    grid = []
    for tenths in (5, 10, 15, 20):
        x = LEFT + tenths / 10 * UNIT
        stroke = f'stroke="{INK}"' if tenths == 10 else f'stroke="{PALE}" stroke-dasharray="2 3"'
        grid.append(f'<line x1="{x:.0f}" x2="{x:.0f}" y1="40" y2="{y + 4}" {stroke}/>')
        grid.append(text(x, y + 18, f"{tenths / 10:g}", 'text-anchor="middle"'))
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 28}" '
            f'viewBox="0 0 {WIDTH} {y + 28}" font-family="sans-serif" '
            f'font-size="12" fill="{INK}">')
    parts = [head, f'<rect width="{WIDTH}" height="{y + 28}" fill="#fff"/>',
             text(8, 20, "Cairn, of the peer named beside each bar: shorter is better, "
                  "the line is 1", 'font-size="14"')]
    # The line at 1 crosses the bars, the others lie behind them.
    one = [g for g in grid if INK in g]
    behind = [g for g in grid if INK not in g]
    with open(path, "w") as out:
        out.write("\n".join(parts + behind + bars + one + labels + ["</svg>", ""]))
