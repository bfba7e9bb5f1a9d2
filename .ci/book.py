#!/usr/bin/env python3
"""The book's one tool: run its notebooks, check what they store, write the README.

    .ci/book.py run [NB...]        execute notebooks and store their outputs
    .ci/book.py check [NB...]      execute copies and compare with the stored outputs
    .ci/book.py readme [--check]   write README.md from nbs/index.ipynb and README.zh.md from nbs/zh/index.ipynb, or say whether they are in step
    .ci/book.py colab [--check]    put the cell into each notebook that installs litoptim in Colab, or say where it is missing

Without names, all of nbs/ is taken, two notebooks at a time. Cells marked `#| eval: false` are left as they are.
"""
import argparse, ast, copy, difflib, os, posixpath, re, sys, tempfile
from concurrent.futures import ProcessPoolExecutor
from configparser import ConfigParser
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from textwrap import indent

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient
from nbconvert.filters import strip_ansi
from nbdev.clean import clean_nb
from traitlets.config import Config

KERNEL = {"name": "python3", "display_name": "python3", "language": "python"}
ROOT = Path(__file__).resolve().parent.parent
NBS = ROOT/"nbs"
READMES = {ROOT/"README.md": NBS/"index.ipynb", ROOT/"README.zh.md": NBS/"zh/index.ipynb"}


# Cells

DIRECTIVE = re.compile(r"\s*#\s*\|\s*(.*?)\s*$")

def split(cell):
    "The directives that open a cell, such as `hide` or `eval: false`, and the code under them."
    lines = cell.source.splitlines()
    opening = list(takewhile(lambda line: not line.strip() or DIRECTIVE.match(line), lines))
    marks = {re.sub(r"\s*:\s*", ": ", m[1]).lower() for m in map(DIRECTIVE.match, opening) if m}
    return marks, "\n".join(lines[len(opening):])


def is_run(cell): return cell.cell_type == "code" and "eval: false" not in split(cell)[0]


ASSERTING = re.compile(r"assert_|test_|check(_|$)|expect_fail")

def asserts(node):
    "Does running this piece of syntax assert anything? The bodies of functions don't run where they stand."
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)): return False
    if isinstance(node, ast.Call) and ASSERTING.match(getattr(node.func, "id", getattr(node.func, "attr", ""))): return True
    return isinstance(node, ast.Assert) or any(map(asserts, ast.iter_child_nodes(node)))


def has_assertion(cell):
    try: return asserts(ast.parse(TransformerManager().transform_cell(cell.source)))
    except SyntaxError: return False


def in_a_kernel(nb, **options):
    "Execute a notebook in a kernel of its own. The two talk through files: a port that was free a moment ago may be another kernel's now."
    with tempfile.TemporaryDirectory() as folder:
        config = Config(KernelManager=dict(transport="ipc", ip=f"{folder}/kernel"))
        NotebookClient(nb, kernel_name=KERNEL["name"], config=config, timeout=None, startup_timeout=300, **options).execute()


def execute(nb, folder, go_on=False):
    """Run `nb` in a fresh kernel and clean it as nbdev_clean does; with go_on also what follows a cell that fails.

    Returns the index of the cell that stopped it and why, or None and ''."""
    at = 0
    def started(cell, cell_index):
        nonlocal at
        at = cell_index
    for cell in nb.cells:
        if cell.cell_type == "code" and not is_run(cell): cell.metadata["tags"] = ["skip-execution"]
    try:
        in_a_kernel(nb, record_timing=False, coalesce_streams=True, store_widget_state=False, on_cell_start=started, allow_errors=go_on,
                    extra_arguments=["--log-level=ERROR"], resources={"metadata": {"path": str(folder)}})
    except Exception as e: return at, strip_ansi(str(e)).strip() or repr(e)
    finally:
        clean_nb(nb)
        nb.metadata.pop("widgets", None)  # the state of sliders, under new names each time
    return None, ""


# Outputs

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?"
TOKEN = re.compile(rf"{NUMBER}|[^\W\d]+|[^\w\s]|\w")
NOTHING = Decimal("1e-12")

def near(stored, fresh):
    "The same word, or the same number to the digits that are stored, give or take one in the last."
    if not (re.fullmatch(NUMBER, stored) and re.fullmatch(NUMBER, fresh)): return stored == fresh
    a, b = Decimal(stored), Decimal(fresh)
    unit = Decimal(1).scaleb(a.as_tuple().exponent)
    return abs(a - b) <= unit or max(abs(a), abs(b)) < NOTHING


def alike(stored, fresh):
    "Do two texts say the same? White space only separates."
    stored, fresh = TOKEN.findall(stored), TOKEN.findall(fresh)
    return len(stored) == len(fresh) and all(map(near, stored, fresh))


def shown(output):
    "An output's kind and its text. Pictures have a kind only: they need only be there again."
    if output.output_type == "stream": return output.name, output.text
    if output.output_type == "error": return "error", f"{output.ename}: {output.evalue}"
    texts = [text for mime, text in sorted(output.data.items()) if mime.startswith("text/")]
    return " ".join([output.output_type, *sorted(output.data)]), "\n".join(texts)


def page(outputs, margin):
    return indent("\n".join(f"[{kind}] {text.rstrip()}" for kind, text in outputs) or "(nothing)", margin, lambda line: True)


def complaint(stored, fresh):
    "What is wrong with the `stored` outputs of a cell that gives the `fresh` ones; '' if nothing is."
    stored, fresh = [shown(o) for o in stored], [shown(o) for o in fresh]
    if any(kind in ("error", "stderr") for kind, _ in stored):
        return "stores an error or stderr\n" + page(stored, "  stored | ")
    if len(stored) == len(fresh) and all(k == l and alike(a, b) for (k, a), (l, b) in zip(stored, fresh)):
        return ""
    return "outputs differ\n" + page(stored, "  stored | ") + "\n" + page(fresh, "  fresh  | ")


# Commands: `run` and `check` return a report and two numbers, what passed and what failed

def name(path): return path.relative_to(NBS).as_posix() if path.is_relative_to(NBS) else path.name


def run(path):
    "Execute the notebook at `path` and store its outputs; after an error it is left as it was."
    nb = nbformat.read(path, as_version=4)
    stop, why = execute(nb, path.parent)
    if why: return f"{name(path)}, cell {stop + 1}: {why}", 0, 1
    nb.metadata["kernelspec"] = KERNEL  # so that Jupyter opens it without a question
    nbformat.write(nb, path)
    return f"{name(path)}: done", 1, 0


def check(path):
    "Execute a copy of the notebook at `path`. Cells with assertions can pass; any cell can fail."
    stored = nbformat.read(path, as_version=4)
    fresh = copy.deepcopy(stored)
    stop, why = execute(fresh, path.parent)
    report, passed, failed = [], 0, 0
    for i, (old, new) in enumerate(zip(stored.cells, fresh.cells)):
        if i == stop: wrong = why
        elif not is_run(old): continue
        elif why and i > stop: wrong = "not run" if has_assertion(old) else ""
        else: wrong = complaint(old.outputs, new.outputs)
        if wrong: report.append(f"{name(path)}, cell {i + 1} ({old.id}): {wrong}")
        failed += bool(wrong)
        passed += has_assertion(old) and not wrong
    return "\n".join([*report, f"{name(path)}: {passed} passed, {failed} failed"]), passed, failed


def each(command, paths):
    "Apply `run` or `check` to notebooks, two at a time; print the reports as they come and add up the numbers."
    total = [0, 0]
    with ProcessPoolExecutor(2) as pool:
        for report, *counts in pool.map(command, paths):
            print(report, flush=True)
            total = list(map(sum, zip(total, counts)))
    return total


def prepared(paths):
    "The notebooks of these names, or all; and an environment in which they find this checkout's litoptim and show their figures."
    os.environ.pop("MPLBACKEND", None)  # another back end than the notebook's own would show no figures
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    paths = [path.resolve() for path in paths] or [*sorted(NBS.glob("*.ipynb")), *sorted(NBS.glob("*/index.ipynb"))]
    return paths or sys.exit("no notebooks in nbs/")


def settings():
    config = ConfigParser(delimiters=["="])
    config.read(ROOT/"settings.ini", encoding="utf-8")
    return config["DEFAULT"]


def site(): return settings()["doc_host"] + settings()["doc_baseurl"]


def relinked(markdown, folder):
    "The links of a text in a folder of nbs/, as a README has them: chapters on the site, all other files as seen from the root."
    def seen(m):
        path = folder/m[0]
        if not path.exists(): return m[0]
        if path.suffix != ".ipynb" or path.name == "index.ipynb": return posixpath.normpath((folder.relative_to(ROOT)/m[0]).as_posix())
        return f"{site()}/{path.resolve().relative_to(NBS).with_suffix('.html').as_posix()}"
    return re.sub(r"(?<=\]\()[^)\s#]+", seen, markdown)


def fenced(text, language=""): return f"```{language}\n{text.rstrip()}\n```"


def readme(path):
    "A front page as the text of a README: its code and what it prints; hidden cells, pictures and what needs a browser are left out."
    blocks = [f"<!-- Written by `.ci/book.py readme` from {path.relative_to(ROOT).as_posix()}: edit that. -->"]
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown": blocks.append(relinked(cell.source, path.parent))
        if cell.cell_type != "code": continue
        marks, code = split(cell)
        if "hide" in marks: continue
        if code and "echo: false" not in marks: blocks.append(fenced(code, "python"))
        for output in cell.outputs:
            data = output.get("data", {})
            if output.output_type == "stream": blocks.append(fenced(output.text))
            elif "text/markdown" in data: blocks.append(relinked(data["text/markdown"], path.parent))
            elif any(mime.startswith(("image/", "text/html")) for mime in data): continue
            elif "text/plain" in data: blocks.append(fenced(data["text/plain"]))
    return "\n\n".join(block.strip() for block in blocks) + "\n"


# A call, since jupytext brings back an indented %pip as a comment.
INSTALLING = '''#| hide
#| eval: false
# In Colab: what this page imports.
import sys
if "google.colab" in sys.modules:
    get_ipython().run_line_magic("pip", "install --quiet 'litoptim[race] @ git+{}' hypothesis")'''

def out_of_step(path, check):
    "Has a notebook another second cell than the one that installs litoptim in Colab? Without `check` it gets it."
    old = path.read_text(encoding="utf-8")
    nb = nbformat.reads(old, as_version=4)
    cell = nbformat.v4.new_code_cell(INSTALLING.format(settings()["git_url"]), id="colab")
    nb.cells = [nb.cells[0], cell, *(c for c in nb.cells[1:] if c.id != "colab")]
    clean_nb(nb)
    new = nbformat.writes(nb) + "\n"
    if not check and new != old: path.write_text(new, encoding="utf-8")
    return new != old


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in run, check:
        commands.add_parser(command.__name__).add_argument("notebooks", metavar="NB", nargs="*", type=Path)
    for command in "readme", "colab":
        commands.add_parser(command).add_argument("--check", action="store_true", help="write nothing, fail if it is out of step")
    args = parser.parse_args()

    if args.command == "colab":
        late = [name(path) for path in prepared([]) if out_of_step(path, args.check)]
        if late and args.check: sys.exit(f"no cell for Colab, or an old one, in {', '.join(late)}: run .ci/book.py colab")
        return

    if args.command == "readme":
        late = []
        for out, path in READMES.items():
            new, old = readme(path), out.read_text(encoding="utf-8") if out.exists() else ""
            if not args.check: out.write_text(new, encoding="utf-8")
            elif new != old:
                late.append(out.name)
                sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), out.name, str(path.relative_to(ROOT))))
        if late: sys.exit(f"{' and '.join(late)} out of step with the notebook: run .ci/book.py readme")
        return

    passed, failed = each({"run": run, "check": check}[args.command], prepared(args.notebooks))
    if args.command == "check": print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__": main()
