"""/status as a browser reads it: well-formed, alone, and deaf to what it shows."""

import base64
import hashlib
import html.parser
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from printed_telemetry import printed  # noqa: E402

SCENES = ("empty", "busy", "hostile", "wide")
VOID = {"meta", "rect", "path"}  # the last two end themselves


class Page(html.parser.HTMLParser):
    """A page's elements, and the text in them by their tag."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts = [], [], {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> ends nothing"

    def handle_data(self, data):
        for tag in set(self.open):
            self.texts[tag] = self.texts.get(tag, "") + data


def policy() -> dict[str, str]:
    parts = (part.strip().split(" ", 1) for part in printed("policy").split(";"))
    return {part[0]: part[1] for part in parts}


def hash_of(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


class StatusPageTest(unittest.TestCase):
    def test_ends_every_element_that_it_begins(self):
        for scene in SCENES:
            with self.subTest(scene):
                self.assertEqual(Page(printed("page", scene)).open, [])

    def test_names_the_hashes_of_its_style_and_script(self):
        page = Page(printed("page"))
        self.assertEqual(policy()["script-src"], hash_of(page.texts["script"]))
        self.assertEqual(policy()["style-src"], hash_of(page.texts["style"]))

    def test_allows_nothing_else(self):
        allowed = {name: sources for name, sources in policy().items() if sources != "'none'"}
        self.assertEqual(set(allowed), {"script-src", "style-src", "connect-src"})
        self.assertEqual(allowed["connect-src"], "'self'")
        self.assertEqual(policy()["default-src"], "'none'")

    def test_needs_no_other_resource_and_no_inline_handler(self):
        for scene in SCENES:
            for tag, attributes in Page(printed("page", scene)).elements:
                self.assertNotIn(tag, ("link", "img", "iframe", "object", "base", "form"))
                self.assertLessEqual(set(attributes) & {"href"}, {"href"} if tag == "a" else set())
                for name in attributes:
                    self.assertNotRegex(name, "^on|^src$|^style$")

    # SEC-13: a name or a reason from elsewhere is text, on one line.
    def test_shows_what_others_wrote_as_text(self):
        page = Page(printed("page", "hostile"))
        tags = [tag for tag, _ in page.elements]
        self.assertEqual((tags.count("script"), tags.count("img")), (1, 0))
        for tag in ("td", "dd", "h3"):
            self.assertIn("<script>alert(1)</script><img src=x onerror=", page.texts[tag])
            self.assertIn("\"quoted\" 'single' & \\r\\nforged line\\x1b[2J \\xff\\xfe", page.texts[tag])

    def test_says_in_words_what_it_draws(self):
        pictures = [a for tag, a in Page(printed("page")).elements if tag == "svg"]
        self.assertEqual(len(pictures), 4)
        for number, picture in enumerate(pictures):
            self.assertEqual(picture["role"], "img")
            self.assertRegex(
                picture["aria-label"], rf"^Slot {number}: busy \d+ % of the last \d+ seconds$"
            )

    def test_gives_programs_the_same_without_the_looks(self):
        status = json.loads(printed("json", "hostile"))
        self.assertEqual(status["server"]["state"], "draining")
        self.assertIn("\\x1b[2J", status["models"][3]["versions"][0]["why"])
        slots = json.loads(printed("json", "wide"))["devices"][0]["slots"]
        self.assertEqual([len(slot["busy_percents"]) for slot in slots], [60, 60, 20, 60])


if __name__ == "__main__":
    unittest.main()
