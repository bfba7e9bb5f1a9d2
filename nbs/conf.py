"""The site. This makes it from the notebooks and the outputs that they store:

    sphinx-build -W -b html nbs _docs

A notebook becomes a page without its hidden cells and `#|` lines, with some code folded up (`#| code-fold: true`), and with the reference
of the module that it exports at its end."""
import ast, importlib, inspect, itertools, json, re, sys, textwrap
from configparser import ConfigParser
from pathlib import Path

from fastcore.docments import docments

here = Path(__file__).parent
sys.path.insert(0, str(here.parent))
sys.path.insert(0, str(here/"_ext"))
import tabs
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
html_static_path, html_css_files, html_favicon = ["_static"], ["site.css"], "_static/icon.svg"
html_js_files = ["tabs.js"]
html_context = dict(default_mode="auto")
html_theme_options = dict(
    repository_url=settings["git_url"], repository_branch=settings["branch"], path_to_docs="nbs",
    use_repository_button=True, use_issues_button=True,
    launch_buttons=dict(colab_url="https://colab.research.google.com", binderhub_url="https://mybinder.org", notebook_interface="jupyterlab"),
    show_toc_level=2, home_page_in_toc=True, navbar_persistent=[])

# The table of contents, from the names of the files

def title(path):
    "What a chapter is called in the table of contents: its title up to the colon."
    return json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"][0].strip("# \n").split(":")[0]


def contents():
    "A table of contents for each part of the book; in parts.json stands the first number of each, and what it is called."
    names = {int(first): name for first, name in json.loads((here/"parts.json").read_text(encoding="utf-8")).items()}
    parts = {name: [] for name in names.values()}
    for path in sorted(here.glob("[0-9]*.ipynb")):
        part = max(first for first in names if first <= int(re.match(r"\d+", path.name)[0]))
        parts[names[part]].append(f"{title(path)} <{path.stem}>")
    parts["In other languages"] = [f"{title(path)} <{path.parent.name}/{path.stem}>" for path in sorted(here.glob("*/index.ipynb"))]
    return "\n\n".join(directive("toctree", "\n".join([":hidden:", f":caption: {part}", *pages])) for part, pages in parts.items() if pages)


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


def entry(name, thing, module, kind="", fence="````"):
    "The reference of a function, or of a class with its public methods."
    comments = comments_of(thing)
    body = [f":module: {module}", "", plain(inspect.getdoc(thing) or ""), ""]
    body += [f":param {k}: {plain(' '.join(v.split()))}" for k, v in comments.items()]
    if inspect.isclass(thing):
        methods = {k: m for k, m in vars(thing).items() if inspect.isfunction(m) and m.__doc__ and m.__name__ == k and m.__module__ == module and k[0] != "_"}
        body += ["", *(entry(k, m, module, "method", "```") for k, m in methods.items())]
    return directive("py:" + (kind or ("class" if inspect.isclass(thing) else "function")), "\n".join(body), f"{name}({signature(thing)})", fence)


def reference(module):
    "The reference of all that a module exports, as Markdown."
    found = importlib.import_module(module)
    things = {name: thing for name in found.__all__ if inspect.isroutine(thing := getattr(found, name)) or inspect.isclass(thing)}
    return f"## Reference: {module}\n\n" + "\n\n".join(entry(name, thing, module) for name, thing in things.items() if thing.__module__ == module)


# Pages

numbers = itertools.count()
DIRECTIVE = re.compile(r"^\s*#\s*\|\s*(.*)\n?", re.M)
ANCHOR = re.compile(r"(?<=\]\()([\w/.]*#)([^)]+)")

def anchored(text):
    "Links to headings as Jupyter writes them (`#Two-spellings`), as the site does."
    return ANCHOR.sub(lambda m: m[1] + re.sub(r"[^\w-]", "", m[2].lower()), text)


def markdown(text): return dict(cell_type="markdown", id=f"more-{next(numbers)}", metadata={}, source=anchored(text))


def folded(marks, outputs):
    "What of a cell's metadata folds its code up, and says on the line in its place what it is."
    if "code-fold: true" not in marks: return dict(tags=[])
    said = [m.removeprefix("code-summary:").strip().strip('"') for m in marks if m.startswith("code-summary:")]
    drawn = any(kind.startswith("image/") for o in outputs for kind in o.get("data", {}))
    line = (said or ["The code of this figure" if drawn else "Code"])[0]
    return dict(tags=["hide-input"], mystnb=dict(code_prompt_show=line, code_prompt_hide=line))


def shown(cell):
    "A cell as it stands on the page: as no cell, as one, or as more."
    text = "".join(cell["source"])
    if cell["cell_type"] != "code": return [{**cell, "source": anchored(text)}]
    marks, code = DIRECTIVE.findall(text), DIRECTIVE.sub("", text).strip()
    if "hide" in marks or not code: return []
    tables = ["".join(o["data"]["text/markdown"]) for o in cell["outputs"] if "text/markdown" in o.get("data", {})]
    others = [o for o in cell["outputs"] if "text/markdown" not in o.get("data", {})]
    metadata = folded(marks, others)
    metadata["tags"] += ["exported"]*("export" in marks) + ["remove-input"]*("echo: false" in marks)
    return [{**cell, "source": code, "outputs": others, "metadata": metadata}, *map(markdown, tables)]


def forms(cell, module):
    "The tabs under a cell that exports a rule, as a cell."
    text = "".join(cell["source"])
    if not module or cell["cell_type"] != "code" or "export" not in DIRECTIVE.findall(text): return []
    found = tabs.under(f"{settings['lib_name']}.{module[1]}", DIRECTIVE.sub("", text))
    return [markdown(found)] if found else []


def page(app, docname, source):
    "Turn the text of a notebook into that of its page."
    nb = json.loads(source[0])
    module = re.search(r'"#\| default_exp ([\w.]+)', source[0])
    more = reference(f"{settings['lib_name']}.{module[1]}") if module else contents() if docname == "index" else ""
    nb["cells"] = [new for cell in nb["cells"] for new in [*shown(cell), *forms(cell, module)]] + [markdown(more)]*bool(more)
    nb["metadata"]["language_info"] = dict(name="python", pygments_lexer="ipython3")
    source[0] = json.dumps(nb)


def setup(app): app.connect("source-read", page)
