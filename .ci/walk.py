#!/usr/bin/env python3
"""Walk as newcomers do, by the words of README.md, each from an empty virtual environment.

    .ci/walk.py [reader] [torch] [numpy]

The reader installs the book, opens it in JupyterLab, and runs chapters. The torch user trains with torch.optim and
then changes one import, trains a whole model in two goes, and sees the race on text. The NumPy user takes the library
alone, and then the race. Each step's time is told and not judged. The last line is `N walks passed, N failed`."""
import json, os, re, shutil, signal, subprocess, sys, tempfile, time, urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT/"README.md").read_text(encoding="utf-8")
CHAPTERS = "11_momentum.ipynb", "98_play.ipynb"


class Failed(Exception): "A step of a walk went wrong. The message says how."


class Walk:
    "An empty environment, a clone to install from, and a folder to work in."
    def __init__(self, folder):
        self.clone, self.work = folder/"clone", folder/"work"
        shutil.copytree(ROOT, self.clone, ignore=shutil.ignore_patterns(".*", "scratch", "_docs", "build", "*.egg-info", "__pycache__"))
        self.work.mkdir()
        config = folder/"config"
        config.mkdir()
        (config/"jupyter_server_config.json").write_text(json.dumps({"ServerApp": {"open_browser": False, "allow_root": True}}))
        self.env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "MPLBACKEND")}
        self.env |= dict(PATH=f"{folder/'venv/bin'}{os.pathsep}{os.environ['PATH']}", JUPYTER_CONFIG_DIR=str(config), JUPYTER_RUNTIME_DIR=str(folder/"runtime"),
                         JUPYTER_PREFER_ENV_PATH="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_QUIET="1")
        self.sh(f"{sys.executable} -m venv {folder/'venv'}")

    def sh(self, command, where=None):
        "Run a command line; what it said."
        began = time.perf_counter()
        done = subprocess.run(["bash", "-c", command], cwd=where or self.clone, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        print(f"    {time.perf_counter() - began:5.1f} s   {command if len(command) < 90 else command[:90] + '...'}", flush=True)
        if done.returncode: raise Failed(f"{command}\n{done.stdout}")
        return done.stdout

    def python(self, name, code):
        (self.work/name).write_text(code)
        self.sh(f"python {name}", self.work)

    def lacks(self, *modules):
        self.python("lacks.py", f"import importlib.util\nfor m in {modules}: assert importlib.util.find_spec(m) is None, m + ' is installed'")


def command(part, whole=False):
    "The command line of README.md with this part in it, or that is this."
    lines = [line for block in re.findall("```sh\n(.*?)```", README, re.S) for line in block.splitlines()] + re.findall("`(pip install [^`]*)`", README)
    [found] = dict.fromkeys(line for line in lines if (part == line if whole else part in line))
    return found

def code(heading):
    "The first Python of README.md under a heading."
    return re.search(f"^## {heading}$.*?```python\n(.*?)```", README, re.S | re.M)[1]


def opens(walk, command, folder):
    "Start JupyterLab by a command, see that it shows the front page of the book, and end it."
    began = time.perf_counter()
    with open(walk.work/"lab.log", "w") as log:
        lab = subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=walk.work, env=walk.env, stdout=log, stderr=log, start_new_session=True)
    try:
        while not (told := list(Path(walk.env["JUPYTER_RUNTIME_DIR"]).glob("jpserver-*.json"))):
            if lab.poll() is not None or time.perf_counter() - began > 120: raise Failed(f"{command}\n{(walk.work/'lab.log').read_text()}")
            time.sleep(.1)
        time.sleep(.5)                                  # the file is written just before the port is opened
        server = json.loads(told[0].read_text())
        for page in "lab/tree/index.ipynb", "api/contents/index.ipynb":
            with urllib.request.urlopen(f"{server['url']}{page}?token={server['token']}", timeout=60) as answer: assert answer.status == 200
        if not (walk.work/folder/"98_play.ipynb").exists(): raise Failed(f"{command}: no copy of the book in {folder}")
        print(f"    {time.perf_counter() - began:5.1f} s   {command}, until the page is there", flush=True)
    finally:
        os.killpg(lab.pid, signal.SIGTERM)
        lab.wait(30)


def reader(walk):
    install, _, book = command("litoptim book").partition(" && ")
    walk.sh(install)
    opens(walk, book, "litoptim-book")
    for chapter in CHAPTERS: walk.sh(f"jupyter nbconvert --to notebook --execute --inplace --log-level ERROR {chapter}", walk.work/"litoptim-book")

def torch(walk):
    walk.sh(command("[torch]"))
    ours = code("With torch")
    theirs = ours.replace("from litoptim import", "from torch.optim import")
    assert theirs != ours
    walk.python("before.py", theirs)
    walk.python("after.py", ours)
    whole_model(walk)
    walk.sh("pip install '.[race]'")
    race = "litoptim race --task chars adamw recipe --steps 20 --seeds 1 --device cpu --report chars.html"
    print(walk.sh(race))
    assert (walk.clone/"race.png").exists() and (walk.clone/"chars.html").exists()

def whole_model(walk):
    "The run of a whole model goes on in another process, from a file."
    first, rest = code("One optimizer for a whole model").split("saved = opt.state_dict()\n")
    made, _ = first.split("opt = Mixed(")
    walk.python("first.py", first + "torch.save(dict(model=model.state_dict(), opt=opt.state_dict(), half=half), 'half.pt')\n")
    found = "file = torch.load('half.pt')\nmodel.load_state_dict(file['model'])\nsaved, half = file['opt'], file['half']\n"
    walk.python("second.py", made + found + rest)

def numpy(walk):
    walk.sh(command("pip install .", whole=True))
    walk.lacks("torch", "matplotlib")
    walk.python("ten.py", code("With NumPy"))
    for part in command("litoptim race").split(" && "): said = walk.sh(part)
    print(said)
    assert (walk.clone/"race.png").exists()
    refusal = walk.sh("litoptim race --task chars; test $? = 2")      # it wants torch, and says how to get it
    assert "pip install 'litoptim[torch]'" in refusal, refusal

def main():
    walks = {w.__name__: w for w in (reader, torch, numpy)}
    names = sys.argv[1:] or list(walks)
    if unknown := set(names) - set(walks): sys.exit(f"no walk {', '.join(unknown)}; there are {', '.join(walks)}")
    failed = 0
    for name in names:
        print(name)
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            try: walks[name](Walk(Path(folder)))
            except (Failed, AssertionError, OSError) as e: failed += 1; print(f"{name} FAILED: {e}")
            print(f"    {time.perf_counter() - began:5.1f} s   in all", flush=True)
    print(f"{len(names) - failed} walks passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__": main()
