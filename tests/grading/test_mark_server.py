"""The server of the marking page: who may ask, what is answered, what is never let through."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from grading.make.lab import ROOT
from grading.marking import comments, markdown, marks, requests
from grading.marking.marks import Entry
from grading.marking.server import STATIC
from tests.grading import marked


@pytest.fixture
def this(small):
    return marked.lab(small)


@pytest.fixture
def out(tmp_path, this):
    marked.store(tmp_path, this, marked.rows())
    return tmp_path


@pytest.fixture
def server(out, this):
    with marked.served(out, this) as made:
        yield made


def ask(server, path, said=None, raw=None, **headers):
    """Status, headers and body; ``path`` below the secret unless it begins with /."""
    path = path if path.startswith("/") else f"/{server.secret}/{path}"
    headers = {"Host": f"127.0.0.1:{server.server_port}", "Content-Type": "application/json"
               } | {k.replace("_", "-"): v for k, v in headers.items()}
    body = json.dumps(said).encode() if said is not None else raw
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    connection.putrequest("POST" if body is not None else "GET", path, skip_host=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, text


class _Page(HTMLParser):
    """Tags of a page, and the data of its main part."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.data = [], {}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "main":
            self.data = dict(attrs)


def first(server, name="conv-why", student="Ada"):
    """What the page of a student's answer says with each mark."""
    group = server.marker.group
    (item,) = [one for one in group.items(name) if one.row.student == student]
    status, _, text = ask(server, f"mark?q={name}&s={item.id}")
    assert status == 200
    data = _Page(text).data
    return {k: data[f"data-{k}"] for k in ("q", "s", "seen", "answer", "version")}


FULL = {"names the shift": 2, "gives a counterexample": 0.5}


def test_who_may_ask(server, out):
    said = first(server) | {"kind": "mark", "points": FULL, "comment": ""}
    port = server.server_port
    other = "x" * len(server.secret)
    for path in ("/", f"/{other}/", f"/{other}/save", "/save", f"/{server.secret[:-1]}/", "//",
                 f"/{server.secret}x/", f"/?{server.secret}"):
        assert ask(server, path)[0] == 404, path
        assert ask(server, path, said)[0] == 404, path
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port}.x", ""):
        assert ask(server, "", Host=host)[0] == 421, host
        assert ask(server, "save", said, Host=host)[0] == 421, host
    for origin in ("http://evil.example", "null", f"https://127.0.0.1:{port}"):
        assert ask(server, "save", said, Origin=origin)[0] == 403, origin
    assert ask(server, "save", said, Content_Type="text/plain")[0] == 415
    assert ask(server, "save", raw=b"{" * 3000)[0] == 400
    assert ask(server, "save", raw=b"[]")[0] == 400 and ask(server, "other", said)[0] == 400
    assert ask(server, "save", raw=b" " * 200_001)[0] == 413
    assert not (out / "marks").exists()
    assert ask(server, "save", said, Origin=f"http://127.0.0.1:{port}")[0] == 200
    assert ask(server, "", Host=f"localhost:{port}")[0] == 200


def test_an_answer_that_is_not_there_is_told(server, out, this):
    known = first(server)["s"]
    for other in ("0" * 12, "Ada", server.marker.group.id("pool-why", marked.rows()[0])):
        for more in ("", "&open=1", "&anon=1"):
            status, headers, text = ask(server, f"mark?q=conv-why&s={other}{more}")
            assert status == 404 and "no longer among the results" in text, other
            assert headers["Content-Type"].startswith("text/plain")
    marks.add(out, marked.rows()[0], Entry("conv-why", "override", "T", marks.now(), 3, why="x"))
    assert ask(server, f"mark?q=conv-why&s={known}&open=1")[0] == 200  # marked: stays in view


def test_no_file_but_the_pages_own(server, out):
    for path in ("../grades.csv", "%2e%2e/grades.csv", "static/mark.js", "/etc/passwd", "mark",
                 "mark.js/..", "....//results", "mark?q=../x", "mark?q=%00", "results/secret"):
        assert ask(server, path)[0] == 404, path
    for path in ("mark.js", "mark.css", "katex.js"):
        assert ask(server, path)[0] == 200


def test_a_page_may_load_nothing_of_others(server):
    status, headers, text = ask(server, "")
    policy = headers["Content-Security-Policy"]
    assert status == 200 and "default-src 'none'" in policy and "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in headers
    for tag, given in _Page(text).tags:
        assert not [name for name in given if name.startswith("on") or name == "style"]
        assert tag != "script" or given["src"] in ("mark.js", "katex.js")


def test_what_students_write_is_never_html(server, this):
    made = markdown.html(marked.HOSTILE + "\n\n# big\n\n| a |\n|--|\n| <b> |\n\n[x]: http://y\n[x]")
    tags = {tag for tag, _ in _Page(made).tags}
    assert tags <= {"p", "h4", "table", "thead", "tbody", "tr", "th", "td", "span", "div", "em"}
    assert "&lt;script&gt;" in made and "&lt;img" in made
    found = first(server)
    _, _, text = ask(server, f"mark?q=conv-why&s={found['s']}")
    page = _Page(text)
    assert not [tag for tag, _ in page.tags if tag == "img"]
    assert len([tag for tag, _ in page.tags if tag == "script"]) == 2
    assert not [given for tag, given in page.tags if tag == "a" and ":" in given.get("href", "")]


def test_a_question_of_the_book_has_its_folds_and_nothing_else(out, this):
    asked = ('<a id="ex-x" name="ex-x"></a>\n### Exercise\n\nWhy?<sup>1</sup> <b onclick=x>\n\n'
             "<details>\n<summary>Hint</summary>\n\nSee $x$.\n\n</details>\n\n<img src=x>")
    this = replace(this, written=[replace(one, statement=asked, model_answer=asked)
                                  for one in this.written])
    with marked.served(out, this) as server:
        text = ask(server, f"mark?q=conv-why&s={first(server)['s']}")[2]
    assert text.count("<details>\n<summary>Hint</summary>") == 2 and "Why?<sup>1</sup>" in text
    assert "&lt;details" not in text and "&lt;b onclick" in text and "&lt;img" in text
    assert not {"img", "b"} & {tag for tag, _ in _Page(text).tags} and "ex-x" not in text
    assert "<details" not in markdown.html(asked)  # what a student writes stays text


def test_no_other_text_is_html_either(out, this):
    bad = "<b onclick=x>\"'"
    rows = marked.rows()
    report = marked.REPORT | dict.fromkeys(("title", "message", "hint", "mistake"), bad)
    rows[0] = replace(rows[0], student=bad, file=f"{bad}.ipynb", remarks=[bad],
                      reports={"corr2d": report | {"remarks": [bad]}, "linear": report})
    marked.store(out, this, rows)
    entry = Entry("conv-why", "mark", bad, marks.now(), {bad: 1}, bad)
    marks.add(out, rows[0], entry)
    marks.add(out, rows[0], replace(entry, task="corr2d", kind="override", points=1, why=bad))
    comments.change(out, bad)
    requests.write(out, rows[0], bad, "corr2d", rows[0], bad)
    with marked.served(out, this, bad) as server:
        (item,) = [one for one in server.marker.group.items("corr2d") if one.row.student == bad]
        other = server.marker.group.id("conv-why", item.row)
        for place in ("", f"mark?q=corr2d&s={item.id}", f"mark?q=conv-why&s={other}", "regrades"):
            status, _, text = ask(server, place)
            assert status == 200 and "&lt;b onclick" in text, place
            assert "b" not in {tag for tag, _ in _Page(text).tags}, place


def test_a_mark_is_written_and_a_second_window_is_told(server, out, this):
    said = first(server) | {"kind": "mark", "points": FULL, "comment": "Good.\r\nWhy?"}
    status, _, text = ask(server, "save", said)
    told = json.loads(text)
    assert (status, told["points"], told["done"]) == (200, "2.5 of 4", 1)
    ada = marked.rows()[0]
    (entry,) = marks.load(marks.place(out, ada)).entries
    assert (entry.points, entry.comment, entry.who) == (FULL, "Good.\nWhy?", "Ms T")
    assert entry.of == dict.fromkeys(FULL, 2)
    assert re.search(r"[+-]\d\d:\d\d$", entry.when) and entry.file == ada.file
    # the other window still has the old state in view
    mine = said | {"comment": "Mine."}
    status, _, text = ask(server, "save", mine)
    told = json.loads(text)
    assert status == 409 and told["conflict"] == "marks" and "Ms T has saved" in told["error"]
    assert len(marks.load(marks.place(out, ada)).entries) == 1
    assert ask(server, "save", mine | {"seen": told["seen"]})[0] == 200
    # the file is changed by hand, and broken by hand
    place = marks.place(out, ada)
    good = place.read_text(encoding="utf-8")
    place.write_text(good.replace("who: Ms T", "who: Mr U"), encoding="utf-8")
    assert ask(server, "save", mine | {"seen": told["seen"]})[0] == 409
    place.write_text(good + "- nonsense\n", encoding="utf-8")
    status, _, text = ask(server, "save", mine)
    assert status == 422 and f"{place}:" in json.loads(text)["error"]
    assert place.read_text(encoding="utf-8") == good + "- nonsense\n"
    assert f"{place}:" in ask(server, "")[2]
    assert str(place) not in ask(server, f"mark?q=conv-why&s={said['s']}&anon=1")[2]


def test_a_file_that_was_graded_anew_is_told(server, out, this):
    said = first(server) | {"kind": "mark", "points": FULL, "comment": ""}
    rows = marked.rows()
    rows[0] = replace(rows[0], written=rows[0].written | {"conv-why": "Another text."})
    marked.store(out, this, rows)
    status, _, text = ask(server, "save", said)
    assert status == 409 and json.loads(text)["conflict"] == "answer"
    assert not (out / "marks").exists()
    marked.store(out, this, rows[1:])  # and then it is gone
    assert ask(server, "save", said)[0] == 404


@pytest.mark.parametrize("change", [
    {"points": {"names the shift": 3, "gives a counterexample": 0}},
    {"points": {"names the shift": 1}}, {"points": {"names the shift": "1"}}, {"points": 3},
    {"kind": "other"}, {"kind": "override", "points": 5, "why": "x"},
    {"kind": "override", "points": 3, "why": " \n"}, {"kind": "override", "points": True,
                                                       "why": "x"}, {"comment": 3}, {"q": ["x"]},
    {"s": "é"}, {"seen": None}, {"kind": "override", "points": float("nan"), "why": "x"},
], ids=str)
def test_what_is_no_mark(server, out, change):
    said = first(server) | {"kind": "mark", "points": FULL, "comment": ""} | change
    status, _, text = ask(server, "save", said)
    told = json.loads(text)["error"]
    assert status in (400, 404, 422) and told and "nothing can be added" not in told
    assert not list(out.glob("marks/*.yml"))


def test_an_override_of_a_check_needs_a_reason(server, out, this):
    said = first(server, "corr2d", "Bo") | {"kind": "override", "points": 9, "why": "A typo."}
    assert ask(server, "save", said)[0] == 200
    (entry,) = marks.load(marks.place(out, marked.rows()[1])).entries
    assert (entry.kind, entry.points, entry.why, entry.checked) == ("override", 9, "A typo.", 6)
    assert entry.of == 12
    page = ask(server, f"mark?q=corr2d&s={said['s']}")[2]
    assert "9 of 12" in page and "LAB5-01" in page and "A typo." in page
    # the task gets other points: the page says what was given, and offers it
    tasks = [replace(t, points=24) if t.name == "corr2d" else t for t in this.tasks]
    with marked.served(out, replace(this, tasks=tasks)) as other:
        page = ask(other, f"mark?q=corr2d&s={said['s']}")[2]
    assert "open, of 24" in page and "9 of 12 points were given by hand, and the task" in page
    assert _Page(page).tags.count(("output", {"id": "points"})) == 1 and 'value="9"' in page


def test_anonymous_order_is_another_one_for_each_question(server, this):
    group = server.marker.group
    many = [marked.row(f"S{k:02}", str(k), {"conv-why": "x", "pool-why": "y"}) for k in range(30)]
    marked.store(group.out, this, many)
    orders = {name: [one.row.file for one in group.items(name, anonymous=True)]
              for name in ("conv-why", "pool-why")}
    byname = [one.row.file for one in group.items("conv-why")]
    assert byname == sorted(byname) and len({*map(tuple, orders.values()), tuple(byname)}) == 3
    assert orders["conv-why"] == [one.row.file for one in group.items("conv-why", anonymous=True)]
    item = group.items("conv-why", anonymous=True)[4]
    text = ask(server, f"mark?q=conv-why&s={item.id}&anon=1")[2]
    assert "Name hidden" in text and item.row.student not in text and item.row.file not in text


def test_a_request_is_shown_and_decided(server, out, this):
    row = marked.rows()[1]
    new = replace(row, points={"corr2d": 12.0, "linear": 6.0},
                  reports=row.reports | {"corr2d": marked.RIGHT})
    request = requests.write(out, row, "See <b>cell</b> 3.", "corr2d", new, "lab.ipynb")
    text = ask(server, "regrades")[2]
    assert "6 of 12" in text and "12 of 12" in text and "See &lt;b&gt;" in text
    said = {"request": request.name, "seen": request.state, "outcome": "accepted", "why": "Yes.",
            "points": {"corr2d": 12}}
    for bad in ({"why": ""}, {"points": {}}, {"outcome": "maybe"}, {"points": {"corr2d": 99}},
                {"seen": "other"}):
        assert ask(server, "decide", said | bad)[0] == 422, bad
    assert ask(server, "decide", said | {"request": "../x"})[0] == 404
    assert ask(server, "decide", said)[0] == 200
    assert requests.load(request.path).decision["who"] == "Ms T"
    assert "Accepted with corr2d 12 by Ms T" in ask(server, "regrades")[2]


def test_a_request_about_points_by_hand_shows_those(server, out, this):
    row = marked.rows()[1]
    for task, points in (("corr2d", 9), ("conv-why", 3)):
        marks.add(out, row, Entry(task, "override", "Mr U", marks.now(), points, why="A typo."))
    about = [requests.write(out, row, "More!", "corr2d", row, "lab.ipynb"),
             requests.write(out, row, "More!", "conv-why", None, ""),
             requests.write(out, row, "Mark it!", "pool-why", None, "")]
    page = _Page(ask(server, "regrades")[2])
    fields = {given["data-task"]: given["value"] for _, given in page.tags if "data-task" in given}
    assert fields == {"corr2d": "9", "conv-why": "3", "pool-why": ""}
    text = ask(server, "regrades")[2]
    assert "9 of 12 by hand" in text and "6 of 12" in text and "3 of 4 by hand" in text
    assert "no longer among" not in text
    said = {"request": about[2].name, "seen": about[2].state, "outcome": "accepted", "why": "Yes.",
            "points": {"pool-why": None}}
    status, _, told = ask(server, "decide", said)
    assert status == 422 and "points" in told and not requests.load(about[2].path).decision
    assert ask(server, "decide", said | {"outcome": "declined"})[0] == 200
    # the page goes by the file that stands among the results now
    marked.store(out, this, [replace(row, points={"corr2d": 12.0, "linear": 6.0})])
    assert "9 of 12 by hand" in ask(server, "regrades")[2]
    marked.store(out, this, [marked.rows()[0]])
    assert "no longer among the results" in ask(server, "regrades")[2]


def test_the_keys_that_are_told_are_those_that_work():
    script = (STATIC / "mark.js").read_text(encoding="utf-8")
    table = script[script.index("const KEYS = {") : script.index("const use = ")]
    works = set(re.findall(r"^  '?([\w?\]\[]+)'?: ", table, re.MULTILINE))
    arrows = {"→": "ArrowRight", "←": "ArrowLeft"}
    for told in ((STATIC.parent / "templates" / "keys.html").read_text(encoding="utf-8"),
                 (ROOT / "book" / "instructors" / "mark.md").read_text(encoding="utf-8")):
        keys = set(re.findall(r"<kbd>([^<]+)</kbd>|`([^`\s])`", told))
        named = {arrows.get(one or other, one or other) for one, other in keys}
        assert named - {"1", "9", "Esc", "Enter"} <= works
        assert works - {"?", "ArrowLeft", "ArrowRight"} <= named
