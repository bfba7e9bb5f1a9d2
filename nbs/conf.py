"""The site. This makes it from the notebooks and the outputs that they store:

    sphinx-build -W -b html nbs _docs

A notebook becomes a page without its hidden cells and `#|` lines, with the reference of the module that it exports at its end. Folded up are
cells that only import, the code of figures, what says `#| code-fold: true` (`#| code-fold: false` keeps a cell open), sections whose title
begins with `In detail: `, and two parts at the end of the page: the class with its tests, and the reference."""
import ast, colorsys, html, importlib, inspect, itertools, json, re, sys, textwrap
from configparser import ConfigParser
from pathlib import Path

from docutils import nodes
from fastcore.docments import docments

here = Path(__file__).parent
sys.path.insert(0, str(here.parent))
sys.path.insert(0, str(here/"_ext"))
import cards, narrow, tabs
from litoptim.lab.plots import DARKEST, GREY, PALETTE
from litoptim.options import COMMON, SHARED

settings = ConfigParser(delimiters=["="])
settings.read(here.parent/"settings.ini", encoding="utf-8")
settings = settings["DEFAULT"]

project, author, copyright, release = (settings[key] for key in ("title", "author", "copyright", "version"))
extensions = ["myst_nb", "sphinx-mathjax-offline"]
exclude_patterns = ["**.ipynb_checkpoints"]
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "amsmath", "fieldlist"]
myst_heading_anchors = 3
python_maximum_signature_line_length, add_module_names = 88, False

html_theme = "sphinx_book_theme"
html_title = html_short_title = project
html_static_path, html_css_files, html_js_files, html_favicon = ["_static"], ["site.css"], ["site.js", "tabs.js"], "_static/icon.svg"
toc_object_entries = False
html_context = dict(default_mode="auto")
html_theme_options = dict(
    repository_url=settings["git_url"], repository_branch=settings["branch"], path_to_docs="nbs",
    use_repository_button=True, use_issues_button=True,
    launch_buttons=dict(colab_url="https://colab.research.google.com", binderhub_url="https://mybinder.org", notebook_interface="jupyterlab"),
    show_toc_level=1, home_page_in_toc=True, navbar_persistent=[])

# The table of contents, from the names of the files

def title(path):
    "What a chapter is called in the table of contents: its title up to the colon."
    return json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"][0].strip("# \n").split(":")[0]


def parts():
    "The chapters of each part of the book. parts.json has the first number of each and its name, in the order of the contents."
    names = {int(first): name for first, name in json.loads((here/"parts.json").read_text(encoding="utf-8")).items()}
    found = {name: [] for name in names.values()}
    for path in sorted(here.glob("[0-9]*.ipynb")):
        part = max(first for first in names if first <= int(re.match(r"\d+", path.name)[0]))
        found[names[part]].append(path)
    return found


def contents():
    "A table of contents for each part of the book."
    pages = {part: [f"{title(path)} <{path.stem}>" for path in paths] for part, paths in parts().items()}
    pages["In other languages"] = [f"{title(path)} <{path.parent.name}/{path.stem}>" for path in sorted(here.glob("*/index.ipynb"))]
    return "\n\n".join(directive("toctree", "\n".join([":hidden:", f":caption: {part}", *lines])) for part, lines in pages.items() if lines)


# The reference, from docstrings and the comments beside parameters

def directive(name, body, argument="", fence="```"): return f"{fence}{{{name}}} {argument}\n{body}\n{fence}"


def plain(text):
    "Text in which nothing but what stands between backticks means anything to Markdown."
    return "`".join(part if i % 2 else re.sub(r"([\\*_<>\[\]$|#{}])", r"\\\1", part) for i, part in enumerate(text.split("`")))


def takes_common(thing): return hasattr(vars(thing).get("__init__"), "__signature__")


def signature(thing):
    "The parameters as they are written, without comments; of a constructor with common options, all of them."
    if takes_common(thing): return str(inspect.signature(thing))[1:-1]
    [node] = ast.parse(textwrap.dedent(inspect.getsource(thing))).body
    if inspect.isclass(thing):
        made = {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}.get("__init__")
        if not made:
            fields = [n for n in node.body if isinstance(n, ast.AnnAssign)] if node.decorator_list else []
            return ", ".join(f"{n.target.id}={ast.unparse(n.value)}" if n.value else n.target.id for n in fields)
        node = made
    if node.args.args and node.args.args[0].arg == "self": del node.args.args[0]
    return ast.unparse(node.args)


def comments_of(thing):
    "What is said about each parameter: in the comment beside it, or in the table of common options."
    beside = {k: v for k, v in docments(thing).items() if v and k not in ("self", "return", "common")}
    if not takes_common(thing): return beside
    told = {k: option.says for k, option in {**SHARED, **COMMON}.items()} | beside
    return {k: told[k] for k in inspect.signature(thing).parameters if k in told}


def entry(name, thing, module, kind="", fence="~~~~"):
    "The reference of a function, or of a class with its public methods."
    comments = comments_of(thing)
    body = [f":module: {module}", "", plain(inspect.getdoc(thing) or ""), ""]
    body += [f":param {k}: {plain(' '.join(v.split()))}" for k, v in comments.items()]
    if inspect.isclass(thing):
        methods = {k: m for k, m in vars(thing).items() if inspect.isfunction(m) and m.__doc__ and m.__name__ == k and m.__module__ == module and k[0] != "_"}
        body += ["", *(entry(k, m, module, "method", "~~~") for k, m in methods.items())]
    return directive("py:" + (kind or ("class" if inspect.isclass(thing) else "function")), "\n".join(body), f"{name}({signature(thing)})", fence)


def reference(module):
    "The reference of all that a module exports, as Markdown; '' if that is nothing."
    found = importlib.import_module(module)
    things = {name: thing for name in found.__all__ if inspect.isroutine(thing := getattr(found, name)) or inspect.isclass(thing)}
    entries = [entry(name, thing, module) for name, thing in things.items() if thing.__module__ == module]
    return "\n\n".join([f"## Reference: {module}", *entries]) if entries else ""


# Pages

numbers = itertools.count()
DIRECTIVE = re.compile(r"^\s*#\s*\|\s*(.*)\n?", re.M)
ANCHOR = re.compile(r"(?<=\]\()([\w/.]*#)([^)]+)")

def anchored(text):
    "Links to headings as Jupyter writes them (`#Two-spellings`), as the site does."
    return ANCHOR.sub(lambda m: m[1] + re.sub(r"[^\w-]", "", m[2].lower()), text)


def markdown(text): return dict(cell_type="markdown", id=f"more-{next(numbers)}", metadata={}, source=anchored(text))


def imports_only(code):
    try: body = ast.parse(code).body
    except SyntaxError: return False
    return all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in body)


def folded(marks, code, outputs):
    "What of a cell's metadata folds its code up, and says on the line in its place what it is. The cell's own marks win."
    drawn = any(kind.startswith("image/") for o in outputs for kind in o.get("data", {}))
    imports = imports_only(code)
    wanted = "code-fold: true" in marks or imports or drawn and "export" not in marks
    if "code-fold: false" in marks or "echo: false" in marks or not wanted: return dict(tags=[])
    said = [m.removeprefix("code-summary:").strip().strip('"') for m in marks if m.startswith("code-summary:")]
    line = (said or ["Imports" if imports else "The code of this figure" if drawn else "Code"])[0]
    return dict(tags=["hide-input"], mystnb=dict(code_prompt_show=line, code_prompt_hide=line))


BARE = re.compile(r"[\s\d.,+\-()\[\]e]*|(True|False|None|[\s,()\[\]])+")

def bare(output):
    "Is this output nothing but numbers and truth values? Without its code it says nothing."
    return set(output.get("data", {})) == {"text/plain"} and BARE.fullmatch("".join(output["data"]["text/plain"])) is not None


# Text in pictures: its colours are darker than those of the lines, or lighter on a dark page

def luminance(rgb):
    linear = [v/12.92 if v <= .03928 else ((v + .055)/1.055)**2.4 for v in rgb]
    return .2126*linear[0] + .7152*linear[1] + .0722*linear[2]


def readable(colour, ground):
    "The nearest lightness of a colour that has a contrast of 4.6 on a ground, light or dark."
    h, lightness, s = colorsys.rgb_to_hls(*(int(colour[i:i + 2], 16)/255 for i in (1, 3, 5)))
    behind = luminance([int(ground[i:i + 2], 16)/255 for i in (1, 3, 5)])
    away = -.01 if behind > .5 else .01
    while True:
        rgb = colorsys.hls_to_rgb(h, min(max(lightness, 0), 1), s)
        low, high = sorted([luminance(rgb), behind])
        if (high + .05)/(low + .05) >= 4.6: return "#" + "".join(f"{round(255*v):02x}" for v in rgb)
        lightness += away


def text_colours(ground):
    return "".join(f':is(text[style*="{c.lower()}"], g[style*="fill: {c.lower()}"] text){{fill:{readable(c, ground)}!important}}' for c in [*PALETTE, GREY])


def toned(page):
    "The colour of the highest part of a landscape, on a page of this colour."
    return "#" + "".join(f"{round(v + DARKEST/255*(128 - v)):02x}" for v in (int(page[i:i + 2], 16) for i in (1, 3, 5)))


STYLE = f'<style>{text_colours(toned("#ffffff"))}@media (prefers-color-scheme: dark){{{text_colours(toned("#14181e"))}}}</style>'

def readable_words(drawing):
    "A picture (SVG) whose text can be read on a light page and on a dark one."
    return drawing.replace("</svg>", STYLE + "</svg>")


def legible(output):
    "An output whose picture, if it is one, has text that can be read."
    if "image/svg+xml" not in output.get("data", {}): return output
    drawing = readable_words("".join(output["data"]["image/svg+xml"]))
    return {**output, "data": {**output["data"], "image/svg+xml": drawing}}


def shown(cell):
    "A cell as it stands on the page: as no cell, as one, or as more."
    text = "".join(cell["source"])
    if cell["cell_type"] != "code": return [{**cell, "source": anchored(text)}]
    marks, code = DIRECTIVE.findall(text), DIRECTIVE.sub("", text).strip()
    if "hide" in marks or not code: return []
    tables = ["".join(o["data"]["text/markdown"]) for o in cell["outputs"] if "text/markdown" in o.get("data", {})]
    others = [o for o in cell["outputs"] if "text/markdown" not in o.get("data", {})]
    metadata = folded(marks, code, others)
    if "hide-input" in metadata["tags"]: others = [o for o in others if not bare(o)]
    metadata["tags"] += ["exported"]*("export" in marks) + ["remove-input"]*("echo: false" in marks)
    return [{**cell, "source": code, "outputs": [*map(legible, others)], "metadata": metadata}, *map(markdown, tables)]


def only_imports(cell): return cell["cell_type"] == "code" and "hide-input" in cell["metadata"]["tags"] and imports_only(cell["source"])


def joined(cells):
    "The same cells; imports that follow each other are one cell, which isn't marked as exported unless all of it is."
    found = []
    for cell in cells:
        if not found or not only_imports(cell) or not only_imports(found[-1]):
            found.append(cell)
            continue
        last = found[-1]
        tags = [t for t in last["metadata"]["tags"] if t in cell["metadata"]["tags"]]
        found[-1] = {**last, "source": f"{last['source']}\n\n{cell['source']}", "metadata": {**last["metadata"], "tags": tags}}
    return found


HEADING = re.compile(r"^(?=## )", re.M)
FOR_PROGRAMMERS = "For programmers: the class and its tests"
FOLDED = FOR_PROGRAMMERS, "Reference: ", "In detail: "
ABOUT_THE_CLASS = re.compile(r"## (The class(es)?|Bad input|The same as torch's.*)$", re.M)
CLASS_IS_THE_LESSON = "79b_optimizer", "34_spellings", "49_solver"

def sections(cells):
    "The cells of a page in lists: what is above its first heading of the second level, and what is under each."
    found = [[]]
    for cell in cells:
        if cell["cell_type"] != "markdown":
            found[-1].append(cell)
            continue
        for i, text in enumerate(HEADING.split(cell["source"])):
            if text.startswith("## "): found.append([])
            if text: found[-1].append({**cell, "id": f"{cell['id']}-{i}", "source": text})
    return found


def lesson_first(cells):
    "The same cells, with the sections about the class at the end, as one part."
    def about_the_class(section): return section and ABOUT_THE_CLASS.match("".join(section[0]["source"]))
    first, *others = sections(cells)
    ours = [s for s in others if about_the_class(s)]
    if not ours: return cells
    lower = [{**c, "source": re.sub(r"^##", "###", c["source"], flags=re.M)} if c["cell_type"] == "markdown" else c for s in ours for c in s]
    return [*first, *(c for s in others if not about_the_class(s) for c in s), markdown(f"## {FOR_PROGRAMMERS}"), *lower]


def forms(cell, module):
    "The tabs under a cell that exports a rule, as a cell."
    text = "".join(cell["source"])
    if not module or cell["cell_type"] != "code" or "export" not in DIRECTIVE.findall(text): return []
    found = tabs.under(f"{settings['lib_name']}.{module[1]}", DIRECTIVE.sub("", text))
    return [markdown(found)] if found else []


def with_map(cells, images):
    "The cells of the front page, with the map of the book at the end of the section on it."
    at = [i for i, c in enumerate(cells) if c["cell_type"] == "markdown" and "".join(c["source"]).startswith("## ")]
    book = next(k for k, i in enumerate(at) if "".join(cells[i]["source"]).startswith("## The book"))
    return [*cells[:at[book + 1]], markdown(cards.cards(parts(), images, readable_words)), *cells[at[book + 1]:]]


def page(app, docname, source):
    "Turn the text of a notebook into that of its page."
    nb = json.loads(source[0])
    module = re.search(r'"#\| default_exp ([\w.]+)', source[0])
    more = reference(f"{settings['lib_name']}.{module[1]}") if module else contents() if docname == "index" else ""
    nb["cells"] = joined([new for cell in nb["cells"] for new in [*shown(cell), *forms(cell, module)]])
    if docname not in CLASS_IS_THE_LESSON: nb["cells"] = lesson_first(nb["cells"])
    if docname == "index": nb["cells"] = with_map(nb["cells"], Path(app.outdir)/"_images")
    nb["cells"] += [markdown(more)]*bool(more)
    nb["metadata"]["language_info"] = dict(name="python", pygments_lexer="ipython3")
    source[0] = json.dumps(nb)


def raw(text): return nodes.raw("", text, format="html")


SPOKEN = {
    r"\\d?frac ?(?:{([^{}]*)}|(\w))(?:{([^{}]*)}|(\w))": r"\1\2/\3\4", r"\\sqrt ?": "the root of ", r"\\pm\b": "±", r"\\cdot\b": "·",
    r"(?<=\w)\\": " ", r"\\[cl]?dots\b": "...", r"\\(bar|hat|tilde)\b": r"\1 ", r"\\[,;!]": " ", r"[\\{}]": ""}

def spoken(text):
    "Text with formulas in TeX, without the signs of TeX."
    for tex, word in SPOKEN.items(): text = re.sub(tex, word, text)
    return text


def above(image):
    "The last sentence above a picture, with the one before it if it is short; or else the heading of its section."
    here, before = image, []
    while not before and here.parent and not isinstance(here, nodes.section):
        siblings = here.parent.children[:here.parent.index(here)]
        before = [n for n in siblings if isinstance(n, nodes.paragraph)]
        here = here.parent
    if not before: return next((t.astext() for t in here.findall(nodes.title)), "")
    sentences = re.split(r"(?<=[.!?]) ", spoken(" ".join(before[-1].astext().split())))
    return " ".join(sentences[-2:]) if len(sentences[-1]) < 60 else sentences[-1]


TITLE = re.compile(r'<text style="font-weight: 700;[^>]*>([^<]*)</text>')        # of a box, in a drawing of boxes and arrows

def said(image, svg):
    "What a picture shows: its own title, or what is said above it, with the titles of its boxes if it has any."
    told = re.search("<title>(.*?)</title>", svg, re.S)
    if told: return html.unescape(told[1])
    boxes = TITLE.findall(svg)
    return f"{above(image).rstrip('.:')}: {html.unescape(', '.join(boxes))}." if boxes else above(image)


def drawing(app, image):
    "The text of a picture, if it is an SVG file."
    path = Path(app.srcdir, image["uri"])
    return path.read_text(encoding="utf-8") if path.suffix == ".svg" and path.is_file() else ""


VIEW = re.compile(r'<view id="([^"]*)" viewBox="\S+ \S+ (\d+) (\d+)"')

def parts_of(image, svg, folder):
    "The parts of a picture that has figures side by side, for a narrow screen: one below the other. '' if it is one figure."
    views, name = VIEW.findall(svg), Path(image["uri"]).name
    def shown(i, view, width, height):
        alt = html.escape(f"{image['alt']} (part {i} of {len(views)})")
        return f'<img src="{folder}_images/{name}#{view}" alt="{alt}" style="width: {width}pt; aspect-ratio: {width}/{height}">'
    return f'<div class="figure-parts">{"".join(shown(i, *v) for i, v in enumerate(views, 1))}</div>' if views else ""


def source_of(image):
    "The code of the cell that has this picture in its output."
    cell = image.parent
    while not isinstance(cell, nodes.document) and "cell" not in cell.get("classes", []): cell = cell.parent
    return next(block.astext() for block in cell.findall(nodes.literal_block))


def laid_out(image, svg, folder, images):
    "A drawing of boxes for a narrow screen, which is written beside the site's other images. '' if there is room for this one, or it is none."
    width = re.search(r'viewBox="0 0 ([\d.]+) ', svg)
    drawn = TITLE.search(svg) and narrow.narrow(source_of(image), float(width[1]))
    if not drawn: return ""
    name = f"narrow-{Path(image['uri']).name}"
    images.mkdir(parents=True, exist_ok=True)
    (images/name).write_text(readable_words(drawn), encoding="utf-8")
    return f'<div class="figure-parts"><img src="{folder}_images/{name}" alt="{html.escape(image["alt"])}"></div>'


COLUMNS = re.compile(r"\S {2,}\S")              # at least two spaces between words

def mark_table(block):
    "An output that is a table of text keeps its lines: three or more, with columns in each."
    lines = block.astext().strip().splitlines()
    if len(lines) > 2 and all(map(COLUMNS.search, lines)): block["classes"].append("printed-table")


def finish(app, doctree, docname):
    "Fold up the parts that a first reader may skip, say in words what each picture shows, and let a telephone have wide ones in parts, or laid out anew."
    for output in doctree.findall(lambda n: "cell_output" in getattr(n, "attributes", {}).get("classes", [])):
        for block in output.findall(nodes.literal_block): mark_table(block)
    for image in [*doctree.findall(nodes.image)]:
        svg = drawing(app, image)
        if not image.get("alt") or image["alt"].startswith("_images"): image["alt"] = said(image, svg)
        folder = "../"*docname.count("/")
        parts = parts_of(image, svg, folder) or laid_out(image, svg, folder, Path(app.outdir)/"_images")
        if parts: image.parent.insert(image.parent.index(image) + 1, raw(parts))
        if TITLE.search(svg): image["classes"].append("boxes")
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        if not title or not title.astext().startswith(FOLDED): continue
        at = section.index(title)
        section.insert(at + 1, raw("</summary>"))
        section.insert(at, raw('<details class="part"><summary>'))
        section.append(raw("</details>"))


def setup(app):
    app.connect("source-read", page)
    app.connect("doctree-resolved", finish)
