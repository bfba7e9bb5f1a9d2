"""Tabs under a rule: its source, its equation, and what is compiled of it, as `litoptim show` prints them.

Folded up to one line; a letter that the mouse is on, or the focus, lights up in all tabs."""
import ast, functools, html, importlib, inspect, re, textwrap

from litoptim.cli import FORMS
from litoptim.engine.trace import FUNCTIONS, symbol

NAMES = dict(source="source", latex="equation", python="Python", llvm="LLVM", triton="Triton")


def rules_of(code):
    "The names of the rules that a cell defines: its functions whose first parameters are p and g."
    try: tree = ast.parse(code)
    except SyntaxError: return []
    return [f.name for f in tree.body if isinstance(f, ast.FunctionDef) and [a.arg for a in f.args.args[:2]] == ["p", "g"]
            and not f.decorator_list]


def text_of(rule, form):
    "A rule in one of the forms; '' if it can't be traced, as a rule that sees whole arrays."
    try: return FORMS[form](rule).strip()
    except TypeError: return ""


def classed(tex, letters):
    "The same formula, in which each of these letters has a class, letter-NAME."
    names = {symbol(n): n for n in letters}
    found = "|".join(re.escape(s) for s in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\\\w])({found})(?![a-zA-Z])", lambda m: rf"{{\class{{letter-{names[m[1]]}}}{{{m[1]}}}}}", tex)


@functools.cache
def tabs(module, name):
    "The tabs of a rule, as Markdown; '' for a rule that is never traced: its source stands above."
    rule = getattr(importlib.import_module(module), name)
    texts = {form: text_of(rule, form) for form in NAMES}
    if not all(texts.values()): return ""
    letters = [n for n in inspect.signature(rule).parameters if n not in FUNCTIONS]
    head = "".join(f'<button type="button" role="tab" aria-selected="{str(not i).lower()}">{NAMES[form]}</button>' for i, form in enumerate(texts))
    panes = []
    for i, (form, text) in enumerate(texts.items()):
        inside = f"\n\n$$\n{classed(text, letters)}\n$$\n\n" if form == "latex" else f"<pre>{html.escape(text)}</pre>".replace("\n", "&#10;")
        panes.append(f'<div role="tabpanel"{" hidden" if i else ""}>{inside}</div>')
    return (f'<details class="forms" data-letters="{" ".join(letters)}"><summary>{name} in five languages</summary>\n'
            f'<div role="tablist" aria-label="{name}">{head}</div>\n' + "\n".join(panes) + "\n</details>")


def under(module, code):
    "The tabs of all rules that a cell defines."
    return "\n\n".join(filter(None, (tabs(module, name) for name in rules_of(textwrap.dedent(code)))))
