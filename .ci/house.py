#!/usr/bin/env python3
"""How plainly the package is built: measures, and how far they may go.

    .ci/house.py                    # the table, and the first places of what is over a limit
    .ci/house.py --all              # with all places
    .ci/house.py --check            # the exit status is 1 if anything is over
    .ci/house.py ../old             # of another tree

ancestors: entries in the method resolution order of an instance with one parameter, the most of all classes
    in litoptim.__all__, over arrays and over tensors.
rungs: classes that are there to be the base of exactly one other. They aren't in litoptim.__all__, and their
    name is used for nothing but that base, attributes (C.x), isinstance and issubclass.
circles: sets of modules that import each other, in functions, too. litoptim/__init__.py is no module here.
late imports: inside functions, of what is neither heavy nor optional: litoptim, NumPy, the standard library.
    Not counted are `import litoptim`, to see what it exports, and NumPy's private modules.
semicolons: those between statements.
long lines: code lines over 110 columns. Not counted are lines that are mostly text (half of the characters or
    more are in strings: messages, docstrings), those of a `raise`, and those of the module of test problems.
branches: McCabe's number of a function, 1 + if, for, while, except, assert, case, conditional expressions,
    comprehensions and their ifs, and each further operand of `and` and `or`. A function in it has its own.
nested conditionals: a conditional expression inside another one, but for lambdas and comprehensions in it.
walrus read to its left: a name that an expression uses before the place where := gives it a value."""
import ast, io, sys, tokenize
from collections import Counter
from pathlib import Path

COLUMNS, BRANCHES, SHOWN = 110, 15, 12         # SHOWN: places, without --all
FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef
SCOPES = ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp


class Module:
    "A file of the package: its name, text and tree."
    def __init__(self, path, root):
        parts = path.relative_to(root).with_suffix("").parts
        self.is_package = parts[-1] == "__init__"
        self.name = ".".join(parts[:-1] if self.is_package else parts)
        self.text = path.read_text()
        self.tree = ast.parse(self.text)
        self.lines = self.text.splitlines()
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def nodes(self, *kinds): return [node for node in ast.walk(self.tree) if isinstance(node, kinds)]

    def above(self, node):
        "The nodes that hold a node, from the inside to the outside."
        while node := self.parents.get(node): yield node

    def at(self, node, what=""): return f"{self.name}:{node.lineno} {what}".rstrip()


def modules_of(root):
    paths = sorted(p for p in (root/"litoptim").rglob("*.py") if p.name != "_modidx.py")
    return {m.name: m for m in (Module(p, root) for p in paths)}


# Imports

def imported(module, node):
    "Full names of what an import statement may mean, (the module, and each name as a module in it)."
    if isinstance(node, ast.Import): return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        parts = module.name.split(".")
        up = node.level - module.is_package
        base = ".".join([*parts[:len(parts) - up], *filter(None, [node.module])])
    return [base, *(f"{base}.{alias.name}" for alias in node.names)]


def circles(modules):
    "Sets of modules that reach each other."
    known = {name for name, m in modules.items() if not m.is_package}
    ties = {name: {n for node in modules[name].nodes(ast.Import, ast.ImportFrom)
                   for n in imported(modules[name], node) if n in known - {name}} for name in known}
    reach = {name: reached(name, ties) for name in known}
    found = {frozenset([a, *(b for b in reach[a] if a in reach[b])]) for a in known if a in reach[a]}
    return [" ".join(sorted(circle)) for circle in sorted(found, key=sorted)]


def reached(start, ties):
    found, todo = set(), [start]
    while todo:
        new = ties[todo.pop()] - found
        found |= new
        todo.extend(new)
    return found


def late_imports(modules):
    plain = {"litoptim", "numpy", *sys.stdlib_module_names}
    found = []
    for m in modules.values():
        for node in m.nodes(ast.Import, ast.ImportFrom):
            names = imported(m, node)
            inside = any(isinstance(n, FUNCTIONS) for n in m.above(node))
            if inside and names[0].split(".")[0] in plain and not must_wait(node, names):
                found.append(m.at(node, names[0]))
    return found


def must_wait(node, names):
    "Would an import at the top fail? The package isn't there before its modules; a private module may never be."
    return isinstance(node, ast.Import) and names == ["litoptim"] or names[0].startswith("numpy._")


# Classes

def rungs(modules):
    "Classes without instances of their own that are the base of one other."
    public = public_names(modules)
    children, used = Counter(), set()
    for m in modules.values():
        for node in m.nodes(ast.ClassDef): children.update({name_of(base) for base in node.bases})
        for node in m.nodes(ast.Name, ast.Attribute):
            if isinstance(node.ctx, ast.Load) and makes_use(m, node): used.add(name_of(node))
    return [m.at(node, node.name) for m in modules.values() for node in m.nodes(ast.ClassDef)
            if children[node.name] == 1 and node.name not in public | used]


def name_of(node):
    "The last part of a dotted name; None of anything else."
    return getattr(node, "id", getattr(node, "attr", None))


def makes_use(m, node):
    "Is a name used for more than inheritance, an attribute or a question?"
    above = m.parents[node]
    if isinstance(above, ast.Attribute): return False
    if isinstance(above, ast.ClassDef): return node not in above.bases
    if isinstance(above, ast.Tuple): above = m.parents[above]
    return not (isinstance(above, ast.Call) and name_of(above.func) in ("isinstance", "issubclass"))


def public_names(modules):
    assigned = modules["litoptim"].nodes(ast.Assign)
    [names] = [ast.literal_eval(node.value) for node in assigned if name_of(node.targets[0]) == "__all__"]
    return set(names)


def ancestors(root):
    "Two lists of (length, class) over arrays and over tensors, the longest first."
    sys.path.insert(0, str(root))
    import litoptim, numpy as np, torch
    classes = [getattr(litoptim, name) for name in litoptim.__all__]
    classes = [c for c in classes if hasattr(c, "idea")]                    # not those that are a frame for others
    def lengths(p): return sorted(((len(type(c([p])).__mro__), c.__name__) for c in classes), reverse=True)
    return lengths(np.zeros((2, 2))), lengths(torch.zeros(2, 2))


# Lines

TEXTS = {tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
NO_CODE = {getattr(tokenize, name) for name in "COMMENT NL NEWLINE INDENT DEDENT ENDMARKER".split()}


def tokens(m): return tokenize.generate_tokens(io.StringIO(m.text).readline)


def semicolons(modules):
    found = [(m, t) for m in modules.values() for t in tokens(m) if t[:2] == (tokenize.OP, ";")]
    return [f"{m.name}:{t.start[0]}" for m, t in found]


def docstring_lines(m):
    found = set()
    for node in m.nodes(ast.Expr):
        if isinstance(node.value, ast.Constant): found |= {*range(node.lineno, node.end_lineno + 1)}
    return found


def code_lines(m):
    "Numbers of the lines with more than a comment or a docstring; number -> how many characters are text."
    lines, texts = set(), Counter()
    for t in tokens(m):
        if t.type in NO_CODE: continue
        rows = range(t.start[0], t.end[0] + 1)
        lines.update(rows)
        if t.type in TEXTS and len(rows) == 1: texts[rows[0]] += len(t.string)
    return lines - docstring_lines(m), texts


def long_lines(modules):
    "How many code lines there are, and which are too long."
    count, found = 0, []
    for m in modules.values():
        lines, texts = code_lines(m)
        count += len(lines)
        if m.name.endswith("problems"): continue
        raised = {n for node in m.nodes(ast.Raise) for n in range(node.lineno, node.end_lineno + 1)}
        for n in sorted(lines - raised):
            length = len(m.lines[n - 1])
            if length > COLUMNS and 2*texts[n] < length: found.append(f"{m.name}:{n} ({length})")
    return count, found


# Expressions

def own_nodes(function):
    "The nodes of a function, without those of functions in it."
    todo = [*ast.iter_child_nodes(function)]
    while todo:
        node = todo.pop()
        if isinstance(node, FUNCTIONS): continue
        yield node
        todo.extend(ast.iter_child_nodes(node))


ONE = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert, ast.IfExp, ast.match_case)


def branches(function):
    total = 1
    for node in own_nodes(function):
        if isinstance(node, ONE): total += 1
        if isinstance(node, ast.comprehension): total += 1 + len(node.ifs)
        if isinstance(node, ast.BoolOp): total += len(node.values) - 1
    return total


def branching(modules):
    "(branches, where) of all functions, the most first."
    functions = [(m, f) for m in modules.values() for f in m.nodes(*FUNCTIONS)]
    return sorted(((branches(f), m.at(f, f.name)) for m, f in functions), reverse=True)


def nested_conditionals(modules):
    found = []
    for m in modules.values():
        for node in m.nodes(ast.IfExp):
            for above in m.above(node):
                if isinstance(above, (*SCOPES, ast.stmt)): break
                if isinstance(above, ast.IfExp):
                    found.append(m.at(node))
                    break
    return found


def early_walruses(modules):
    found = []
    for m in modules.values():
        for node in m.nodes(ast.NamedExpr):
            expressions = [n for n in m.above(node) if isinstance(n, ast.expr)]
            outermost, place = [node, *expressions][-1], (node.lineno, node.col_offset)
            names = [n for n in ast.walk(outermost) if isinstance(n, ast.Name) and n.id == node.target.id]
            if any((n.lineno, n.col_offset) < place for n in names): found.append(m.at(node, node.target.id))
    return found


# The table

def measures(root):
    "(measure, value, limit, what is over it)"
    modules = modules_of(root)
    for library, lengths, limit in zip(("arrays", "tensors"), ancestors(root), (7, 9)):
        over = [f"{name} ({n})" for n, name in lengths if n > limit]
        yield f"ancestors over {library}", lengths[0][0], limit, over
    yield "rungs", len(found := rungs(modules)), 6, found
    yield "circles", len(found := circles(modules)), 0, found
    yield "late imports", len(found := late_imports(modules)), 0, found
    yield "semicolons", len(found := semicolons(modules)), 0, found
    count, found = long_lines(modules)
    yield "long lines, % of code lines", round(100*len(found)/count, 2), 1, found
    over = [f"{where} ({n})" for n, where in branching(modules) if n > BRANCHES]
    yield f"functions with more than {BRANCHES} branches", len(over), 0, over
    yield "nested conditionals", len(found := nested_conditionals(modules)), 0, found
    yield "walrus read to its left", len(found := early_walruses(modules)), 0, found


def main(*words):
    trees = [Path(w).resolve() for w in words if not w.startswith("--")]
    table = [*measures(trees[0] if trees else Path(__file__).resolve().parents[1])]
    over = [row for row in table if row[1] > row[2]]
    for name, _, _, places in over:
        shown = len(places) if "--all" in words else SHOWN
        more = [f"... and {len(places) - shown} more"] if len(places) > shown else []
        print(f"{name}:", *places[:shown], *more, sep="\n    ")
    print(f"\n{'measure':40}{'is':>8}{'limit':>8}")
    for name, value, limit, _ in table:
        print(f"{name:40}{value:8}{limit:8}{'   over' if value > limit else ''}")
    return 1 if over and "--check" in words else 0


if __name__ == "__main__": sys.exit(main(*sys.argv[1:]))
