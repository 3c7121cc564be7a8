"""heap_page.py PAGE: what cairn heap --page wrote is whole, and asks for nothing else."""

import html.parser
import json
import re
import sys


class Page(html.parser.HTMLParser):
    data, script, external = "", "", []
    inside = None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.inside = given.get("id", "script") if tag == "script" else None
        self.external += [given[name] for name in ("src", "href", "action") if name in given]

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, text):
        if self.inside == "data":
            self.data += text
        elif self.inside:
            self.script += text


text = open(sys.argv[1]).read()
page = Page()
page.feed(text)
data = json.loads(page.data)
assert not page.external and not re.search(r"https?:|url\(|@import|fetch\(|import\s", text)
assert data["blocks"] == 2002 and data["types"][1] == ["entry_type", 1000, 16000, 120000, 0, 0]
assert data["largest"][0][1:] == [16, 120000, "variable cache -> entry_type"]
assert data["chains"][0][0] == 1000 and data["cycles"][0][:2] == [2, 32]
heap = data["heaps"][0]
assert heap["cells"] and sum(row[4] for row in heap["classes"]) == 2002
# Each node of the tree is below one that comes before it, and has no more bytes.
for i, (above, _, _, own, retained) in enumerate(data["tree"]):
    assert above < i and own <= retained
    assert above < 0 or retained <= data["tree"][above][4]
assert len(text) < 400000
