#!/usr/bin/env python3
"""Try litoptim with the versions of Python, NumPy and torch that settings.ini promises.

    .ci/versions.py                                the interpreters `python3.10`, `python3.11`, ... on PATH
    .ci/versions.py --python ~/pythons/3.13/bin/python3 ...     and these
    .ci/versions.py --only torch --torch 2.14.1    only trials with torch, of this version
    .ci/versions.py --book --torch 2.14.1          all cells of the book instead of .ci/smoke.py

Each trial installs a copy of this checkout into a virtual environment of its own and runs .ci/smoke.py.
What came of it goes into nbs/versions.json, beside what was found on other days and machines; the front page
makes its table of that. The last line is `N passed, N failed`: tests, over all trials."""
import argparse, datetime, json, os, re, shutil, subprocess, sys, tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT/"nbs/versions.json"
PYTHONS = "3.10", "3.11", "3.12", "3.13", "3.14"
TORCH_PYTHON = "3.11"
TORCHES = "2.4.0", "2.13.0", "2.14.1"           # the oldest promised, the book's own, the newest tried
OLDEST = {"3.13": "2.1.0", "3.14": "2.3.2"}     # the first NumPy for these Pythons; 2.0.0 for those before
OLDEST_LLVMLITE = {"3.14": "0.46.0"}            # and the first llvmlite; 0.45.0 before

ASK = """
import importlib.metadata as m, json, platform
def version(name):
    try: return m.version(name)
    except m.PackageNotFoundError: return None
print(json.dumps(dict(python=platform.python_version(), system=f"{platform.system()} {platform.machine()}",
                      **{n: version(n) for n in ("numpy", "llvmlite", "torch")})))"""


def said(command, **more):
    "What a command prints, and whether it ended well."
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          encoding="utf-8", errors="replace", **more)
    return done.stdout, done.returncode == 0


def minor(python):
    "The version that an interpreter has, as in '3.12'; None if it doesn't run, as some on PATH don't."
    try: out, well = said([python, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"])
    except OSError: return None
    return out.strip() if well else None


def interpreters(given):
    "Version -> interpreter: those given, the one that runs this, and those on PATH."
    on_path = filter(None, (shutil.which(f"python{v}") for v in PYTHONS))
    candidates = [*given, sys.executable, *on_path]
    found = {}
    for python in candidates: found.setdefault(minor(python), python)
    return {v: found[v] for v in PYTHONS if v in found}


def trials(pythons, torches):
    "(Python, what to install): NumPy alone, the oldest and the newest, under each Python; then torch."
    for v in pythons:
        yield v, [f"numpy=={OLDEST.get(v, '2.0.0')}", f"llvmlite=={OLDEST_LLVMLITE.get(v, '0.45.0')}"]
        yield v, []
    for torch in torches:
        if TORCH_PYTHON in pythons:
            yield TORCH_PYTHON, [f"torch=={torch}", *["numpy==2.0.0"]*(torch == TORCHES[0])]


def copy_to(folder):
    left_out = shutil.ignore_patterns(".git", ".venv", "scratch", "_docs", "build", "*.egg-info", "__py*__")
    shutil.copytree(ROOT, folder, ignore=left_out)
    return folder


def tried(python, packages, book=False):
    "Install into an empty environment and run the tests: a row of the report; None if it can't be had."
    with tempfile.TemporaryDirectory() as home:
        home = Path(home)
        clone = copy_to(home/"clone")
        said([python, "-m", "venv", home/"venv"])
        here = home/"venv"/("Scripts/python.exe" if os.name == "nt" else "bin/python")
        ours = "PYTHONPATH", "VIRTUAL_ENV", *(k for k in os.environ if k.startswith("LITOPTIM_"))
        env = {k: v for k, v in os.environ.items() if k not in ours}
        env |= dict(PIP_DISABLE_PIP_VERSION_CHECK="1", PATH=f"{here.parent}{os.pathsep}{os.environ['PATH']}")
        pip = [here, "-m", "pip", "install", "--quiet", "--prefer-binary"]
        # torch last, over the one that the extra brings
        wanted = [[f"{clone}[dev]"], packages] if book else [[clone, *packages]]
        for words in wanted:
            out, well = said([*pip, *words], env=env, cwd=home)
            if not well:
                print(out)
                return None
        row = json.loads(said([here, "-c", ASK], env=env, cwd=home)[0])
        command = [here, clone/".ci/book.py", "check"] if book else [here, clone/".ci/smoke.py"]
        out, _ = said(command, env=env, cwd=home)
        counts = re.findall(r"^(\d+) passed, (\d+) failed$", out, re.M) or [(0, 1)]
        passed, failed = map(int, counts[-1])
        if failed: print(out)
        today = datetime.date.today().isoformat()
        return row | dict(tests="all cells" if book else "smoke", passed=passed, failed=failed, date=today)


def key(row):
    "What a row is about: a later one about the same takes its place."
    return row["python"].split(".")[:2], row["system"], row["numpy"], row["torch"], row["tests"]


def merged(old, new):
    "Rows of the report, with new ones in it, in order."
    def numbers(version): return [int(n) for n in re.findall(r"\d+", version or "")]
    def order(row):
        versions = numbers(row["torch"])[:3], numbers(row["python"]), numbers(row["numpy"])
        return *versions, row["system"], row["tests"]
    return sorted({str(key(row)): row for row in [*old, *new]}.values(), key=order)


def main():
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_written)
    parser.add_argument("--python", nargs="+", default=[], metavar="PATH")
    parser.add_argument("--only", choices=("numpy", "torch"))
    parser.add_argument("--torch", nargs="+", default=TORCHES, metavar="VERSION")
    parser.add_argument("--book", action="store_true")
    args = parser.parse_args()
    pythons = interpreters(args.python)
    absent = [v for v in PYTHONS if v not in pythons]
    print(f"with {', '.join(pythons)}; not found: {', '.join(absent) or 'none'}", flush=True)
    passed = failed = 0
    for v, packages in trials(pythons, args.torch):
        with_torch = any(p.startswith("torch") for p in packages)
        if args.only and (args.only == "torch") != with_torch or args.book and not with_torch: continue
        print(f"== Python {v}, {', '.join(packages) or 'the newest'}", flush=True)
        row = tried(pythons[v], packages, args.book)
        if row is None: failed += 1
        else:
            passed, failed = passed + row["passed"], failed + row["failed"]
            print({k: v for k, v in row.items() if k != "date"}, flush=True)
            old = json.loads(REPORT.read_text(encoding="utf-8")) if REPORT.exists() else []
            REPORT.write_text(json.dumps(merged(old, [row]), indent=1) + "\n", encoding="utf-8")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__": main()
