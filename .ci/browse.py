#!/usr/bin/env python3
"""Open every page of the built site in a headless browser, and say what is wrong with it.

    .ci/browse.py _docs [PAGE...] [--shots FOLDER]

Each page is loaded on a wide screen, on a telephone's, in the light and in the dark. There should be no error in the console, no request
to another host, no dead link, no formula left as text, no picture missing, nothing wider than the screen, no text that can't be read
(a contrast of 4.5, in pictures, too). No line of code is cut (a printed table scrolls), no table on a telephone, and no formula (which a telephone may
scroll if it has shrunk first); words in a drawing have 11 pixels there at least; every picture has an alt text; what is not
folded up has at most WORDS words of prose; and each chapter has a picture within FIRST pixels of its top.
A link to the next or the last page leads there.
Sliders should move something, folded code should open by a click and hide no output, and the search should find Nesterov.
The last line is `N pages passed, N failed`."""
import argparse, base64, contextlib, functools, http.server, itertools, json, os, shutil, subprocess, sys, tempfile, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urldefrag

PROGRAMS = "chromium", "chromium-browser", "google-chrome"
WORDS, FIRST = 1200, 2500      # of prose on a page; pixels above its first picture, 1300 wide
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update
           --disable-sync --disable-default-apps --disable-dev-shm-usage --hide-scrollbars --remote-debugging-pipe""".split()


class Browser:
    "A tab of Chromium, driven by the DevTools protocol: a JSON message, a NUL, in a pipe each way."
    def __init__(self, program, profile):
        (there, self.ours), (self.theirs, back) = os.pipe(), os.pipe()
        self.process = subprocess.Popen(["sh", "-c", f'exec "$@" 3<&{there} 4>&{back}', "sh", program, *FLAGS, f"--user-data-dir={profile}"],
                                        pass_fds=(there, back), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        os.close(there), os.close(back)
        self.rest, self.numbers, self.events, self.session = b"", itertools.count(1), [], {}
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = dict(sessionId=self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for domain in "Page", "Runtime", "Log", "Network": self.call(f"{domain}.enable")

    def read(self):
        while b"\0" not in self.rest:
            if not (more := os.read(self.theirs, 1 << 20)): raise EOFError("the browser has ended")
            self.rest += more
        text, _, self.rest = self.rest.partition(b"\0")
        return json.loads(text)

    def call(self, method, **params):
        number = next(self.numbers)
        os.write(self.ours, json.dumps(dict(id=number, method=method, params=params, **self.session)).encode() + b"\0")
        while (message := self.read()).get("id") != number: self.events.append(message)
        if "error" in message: raise RuntimeError(f"{method}: {message['error']['message']}")
        return message["result"]

    def run(self, script):
        "The value of a piece of JavaScript; promises are awaited."
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result: raise RuntimeError(result["exceptionDetails"]["exception"].get("description", "?"))
        return result["result"].get("value")

    def open(self, url):
        self.events.clear()
        self.call("Page.navigate", url=url)
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events): self.events.append(self.read())

    def screen(self, width, height=1400, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def shots(self, folder, name):
        "Pictures of the whole page, a screen each: NAME-0.png, NAME-1.png, ..."
        for i in itertools.count():
            moved = self.run(f"scrollTo({{top: {i}*innerHeight, behavior: 'instant'}}); {i} == 0 || scrollY > {i - 1}*innerHeight")
            if not moved: break
            (folder/f"{name}-{i}.png").write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def close(self):
        self.call("Browser.close")
        self.process.wait(30)


LIBRARY = r"""
const article = document.querySelector('article') || document.body;
const numbers = colour => colour.match(/[\d.]+/g).map(Number);
const luminance = rgb => rgb.slice(0, 3).map(v => v/255).map(v => v <= .03928 ? v/12.92 : ((v + .055)/1.055)**2.4).reduce((sum, v, i) => sum + v*[.2126, .7152, .0722][i], 0);
const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p); return (x + .05)/(y + .05); };
function ground(element) {
  for (let e = element; e; e = e.parentElement) { const c = numbers(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > .5) return c; }
  return [255, 255, 255];
}
function texts(root, skip) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) { const n = walker.currentNode; if (n.data.trim() && !n.parentElement.closest(skip)) found.push(n); }
  return found;
}
"""

LOADED = r"""(async () => {
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
  await Promise.all([...document.images].map(i => i.complete ? 0 : new Promise(done => { i.onload = i.onerror = done; })));
  await document.fonts.ready;
})()"""

CONTENT = "(() => {" + LIBRARY + r"""
  const wrong = [], parts = [...document.querySelectorAll('details.part')];
  for (const part of parts) part.open = true;
  for (const i of document.images) if (!i.naturalWidth) wrong.push(`picture missing: ${i.src}`);
  for (const e of document.querySelectorAll('mjx-merror, [data-mjx-error]')) wrong.push(`formula: ${e.dataset.mjxError || e.textContent}`);
  for (const e of document.querySelectorAll('.math')) if (!e.querySelector('mjx-container')) wrong.push(`formula left as text: ${e.textContent}`);
  for (const n of texts(article, 'pre, code, script, style, mjx-container, .math'))
    if (/\$[^$]+\$|\\[a-z]{2,}\b|\\\(|\\\[|^#+ |\]\(/.test(n.data)) wrong.push(`markup left as text: ${n.data.trim().slice(0, 80)}`);
  for (const e of article.querySelectorAll('.highlight pre')) if (/^\s*#\s*\|/m.test(e.textContent)) wrong.push(`directive: ${e.textContent.slice(0, 60)}`);
  for (const box of document.querySelectorAll('.interactive')) for (const input of box.querySelectorAll('input, select')) {
    const before = box.innerHTML;
    if (input.type == 'range') input.value = input.value == input.max ? input.min : input.max;
    else if (input.type == 'checkbox') input.checked = !input.checked;
    else input.selectedIndex = (input.selectedIndex + 1) % input.options.length;
    input.dispatchEvent(new Event('input', {bubbles: true}));
    if (box.innerHTML == before) wrong.push(`interactive: ${input.name} moves nothing`);
  }
  const seen = e => e.checkVisibility() && e.getBoundingClientRect().height > 0;
  for (const fold of document.querySelectorAll('div.cell details.hide')) {
    const line = fold.querySelector('summary'), code = fold.querySelector('.cell_input'), said = line.innerText.trim();
    if (!said) wrong.push(`folded code without a word: ${code.textContent.trim().slice(0, 60)}`);
    if (seen(code)) wrong.push(`folded code is open: ${said}`);
    if (![...fold.closest('div.cell').querySelectorAll('.cell_output')].every(seen)) wrong.push(`folded code hides its output: ${said}`);
    line.click();
    if (!seen(code)) wrong.push(`folded code does not open: ${said}`);
    line.click();
  }
  for (const part of parts) part.open = false;
  return wrong;
})()"""

WIDTH = "(() => {" + LIBRARY + r"""
  if (document.scrollingElement.scrollWidth <= screen.width + 1) return [];
  const wide = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > screen.width + 1).pop();
  return [`wider than the screen: ${wide ? wide.outerHTML.slice(0, 120) : '?'}`];
})()"""

COLOURS = "(async () => {" + LIBRARY + r"""
  function behind(t, drawing) {                                        // the box that a word of a picture is in
    const at = t.getBoundingClientRect(), x = at.x + at.width/2, y = at.y + at.height/2;
    const boxes = [...drawing.querySelectorAll('path, rect')].filter(e => {
      const {fill, fillOpacity, opacity} = getComputedStyle(e), r = e.getBoundingClientRect();
      return fill.startsWith('rgb(') && fillOpacity == 1 && opacity == 1 && r.left < x && x < r.right && r.top < y && y < r.bottom
        && e.compareDocumentPosition(t) & Node.DOCUMENT_POSITION_FOLLOWING;
    });
    return boxes.length ? numbers(getComputedStyle(boxes.pop()).fill) : null;
  }
  function toned(t, drawing, page) {                                   // on a landscape: the page under its strongest tone
    const at = t.getBoundingClientRect(), x = at.x + at.width/2, y = at.y + at.height/2;
    const on = [...drawing.querySelectorAll('image')].map(e => e.getBoundingClientRect()).some(r => r.left < x && x < r.right && r.top < y && y < r.bottom);
    return on ? page.slice(0, 3).map(v => v + 64/255*(128 - v)) : page;
  }
  const wrong = [], theme = document.documentElement.dataset.theme;
  for (const n of texts(article, 'script, style, .headerlink, button, svg')) {
    const e = n.parentElement; if (!e.checkVisibility()) continue;
    const c = contrast(numbers(getComputedStyle(e).color), ground(e));
    if (c < 4.5) wrong.push(`${theme}: contrast ${c.toFixed(1)} of "${n.data.trim().slice(0, 40)}"`);
  }
  for (const image of article.querySelectorAll('img')) {
    if (!image.src.endsWith('.svg')) continue;
    const drawing = document.importNode(new DOMParser().parseFromString(await (await fetch(image.src)).text(), 'image/svg+xml').documentElement, true);
    document.body.append(drawing);
    for (const t of drawing.querySelectorAll('text')) {
      const c = contrast(numbers(getComputedStyle(t).fill), behind(t, drawing) || toned(t, drawing, ground(image)));
      if (c < 4.5) wrong.push(`${theme}: contrast ${c.toFixed(1)} of "${t.textContent.trim()}" in a picture, ${image.src}`);
    }
    drawing.remove();
  }
  return [...new Set(wrong)];
})()"""

MEASURES = "(() => {" + LIBRARY + r"""
  const wrong = [], chapter = /^\/\d/.test(location.pathname), seen = e => e.checkVisibility() && e.getBoundingClientRect().height > 0;
  for (const e of article.querySelectorAll('pre'))
    if (seen(e) && !e.closest('.printed-table') && e.scrollWidth > e.clientWidth + 1) wrong.push(`code is cut: ${e.textContent.trim().slice(0, 60)}`);
  for (const i of article.querySelectorAll('img')) if (!i.alt.trim() || /^_images|^[0-9a-f]{20}/.test(i.alt)) wrong.push(`no alt text: ${i.src}`);
  if (!chapter) return wrong;
  const skip = 'details, pre, table, script, style, .cell, mjx-container, .math, .headerlink, #references, #exercises, dl.py';
  const words = texts(article, skip).filter(n => n.parentElement.checkVisibility()).map(n => n.data.trim().split(/\s+/).length).reduce((a, b) => a + b, 0);
  if (words > WORDS) wrong.push(`${words} words of prose`);
  const beside = {next: document.querySelector('a.right-next'), last: document.querySelector('a.left-prev')};
  for (const a of article.querySelectorAll('a')) {
    const said = /\b(next|last|previous) (page|chapter)\b/i.exec(a.textContent);
    const to = said && beside[said[1].toLowerCase() == 'next' ? 'next' : 'last'];
    if (said && (!to || a.href.split('#')[0] != to.href)) wrong.push(`"${a.textContent}" leads to ${a.href}`);
  }
  const tops = [...article.querySelectorAll('img, svg, canvas')].filter(seen).map(e => e.getBoundingClientRect().top + scrollY);
  if (!tops.length) wrong.push('no picture');
  else if (Math.min(...tops) > FIRST) wrong.push(`first picture at ${Math.round(Math.min(...tops))} px`);
  return wrong;
})()""".replace("WORDS", str(WORDS)).replace("FIRST", str(FIRST))

FORMULAS = "(() => {" + LIBRARY + r"""
  const seen = [...article.querySelectorAll('mjx-container')].filter(e => e.checkVisibility()), wrong = [];
  const size = e => parseFloat(getComputedStyle(e).fontSize);
  for (const e of seen) {
    const display = e.hasAttribute('display'), around = display ? e : e.closest('p, li, dd');
    const wide = Math.max(e.scrollWidth, e.offsetWidth), shrunk = e.classList.contains('shrunk');
    if (around && !e.closest('table') && wide > around.clientWidth + 2 && !(display && innerWidth < 600 && shrunk))
      wrong.push(`formula is cut at ${innerWidth} px: ${wide} in ${around.clientWidth}: ${e.textContent.slice(0, 40)}`);
    if (display && !shrunk && Math.abs(size(e) - size(seen.find(f => !f.hasAttribute('display') && f.closest('p')) || e)) > 4)
      wrong.push(`formula of ${size(e)} px: others have another size`);
  }
  for (const e of article.querySelectorAll('p > .math, li > .math')) {
    const after = e.nextSibling;
    if (after instanceof Text && /^[.,;:)]/.test(after.data)) wrong.push(`a line may begin with ${after.data.slice(0, 10)}`);
  }
  return wrong;
})()"""

OPENED = "for (const fold of document.querySelectorAll('article details')) fold.open = true"

TABLES = "(() => {" + LIBRARY + r"""
  return [...article.querySelectorAll('table')].filter(e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1)
    .map(e => `table is cut at ${innerWidth} px: ${e.scrollWidth} in ${e.clientWidth}: ${e.textContent.trim().slice(0, 40)}`)
    .concat([...article.querySelectorAll('table.cards .label > p')].map(e => `a name in a card has a line of its own: ${e.textContent}`))
    .concat([...article.querySelectorAll('img.boxes, img.boxes + .figure-parts img')].filter(e => e.checkVisibility() && e.getBoundingClientRect().width/e.naturalWidth < SMALLEST)
      .map(e => `words in a drawing have ${(12*e.getBoundingClientRect().width/e.naturalWidth).toFixed(1)} px: ${e.alt}`))
    .concat([...article.querySelectorAll('.figure-parts img')].filter(e => e.checkVisibility() && getComputedStyle(e).padding != '0px').map(e => `a part of a picture is padded, and shows some of the next: ${e.alt}`));
})()""".replace("SMALLEST", "11/12")                            # words of 12 pixels may shrink to 11

SETTLED = "new Promise(done => { dispatchEvent(new Event('resize')); setTimeout(done, 60); })"

LINKS = "({ids: [...document.querySelectorAll('[id]')].map(e => e.id), links: [...document.links].map(a => a.href)})"

FOUND = r"""(async () => {
  let last = 0;                                            // results come one by one, and what they show of a page comes later
  for (let i = 0; i < 100; i++) {
    await new Promise(done => setTimeout(done, 300));
    const titles = [...document.querySelectorAll('#search-results li a')].map(a => a.textContent);
    const now = document.querySelector('#search-results').textContent.length;
    if (now == last && titles.some(title => title.includes('Nesterov'))) return [];
    last = now;
  }
  return ['the search does not find Nesterov'];
})()"""


PARTS = {"index.html": ("a.chapter img", ".interactive", ".printed-table"), "23_adam.html": ("details.forms", "details.part", ".interactive", "details.hide", "pre .line", ".figure-parts img"),
         "86_guards_llvm.html": ("img.boxes", "img.boxes + .figure-parts img")}

def lacking(browser, name):
    "Parts that conf.py makes, and that this page should have."
    return [f"there is no {part}" for part in PARTS.get(name, ()) if not browser.run(f"document.querySelectorAll('{part}').length")]


def complaints(events, home):
    "What the console and the network say."
    for event in events:
        method, p = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown": yield "exception: " + p["exceptionDetails"].get("exception", {}).get("description", p["exceptionDetails"]["text"])
        if method == "Runtime.consoleAPICalled" and p["type"] in ("error", "assert"):
            yield f"console: {' '.join(str(a.get('value', a.get('description'))) for a in p['args'])}"
        if method == "Log.entryAdded" and p["entry"]["level"] == "error": yield f"console: {p['entry']['text']} {p['entry'].get('url', '')}"
        if method == "Network.requestWillBeSent" and not p["request"]["url"].startswith((home, "data:", "blob:")): yield f"asks another host: {p['request']['url']}"


def look(browser, home, name, shots):
    "What is wrong with a page, and its ids and links."
    browser.screen(1300)
    browser.open(f"{home}{name}" + ("?q=Nesterov" if name == "search.html" else ""))
    browser.run(LOADED)
    wrong, stem = browser.run(FOUND if name == "search.html" else CONTENT), Path(name).with_suffix("").as_posix().replace("/", "-")
    if name != "search.html":
        browser.run(SETTLED)
        wrong += lacking(browser, name) + browser.run(MEASURES) + browser.run(FORMULAS)
    for theme in "light", "dark":
        browser.call("Emulation.setEmulatedMedia", features=[dict(name="prefers-color-scheme", value=theme)])
        browser.run(f"document.documentElement.dataset.theme = document.documentElement.dataset.mode = '{theme}'")
        if name != "search.html": wrong += browser.run(COLOURS)         # the theme's own, with found words on yellow
        if shots: browser.shots(shots, f"{stem}-{theme}")
    browser.screen(390, 1400, mobile=True)
    browser.run(SETTLED)
    wrong += browser.run(WIDTH) + browser.run(FORMULAS)
    if shots: browser.shots(shots, f"{stem}-phone")
    for script in OPENED, SETTLED: browser.run(script)
    wrong += browser.run(TABLES)
    return wrong + list(complaints(browser.events, home)), browser.run(LINKS)


def dead(name, seen, folder, home):
    "The links of a page that lead nowhere within the site."
    for link in dict.fromkeys(seen[name]["links"]):
        address, anchor = urldefrag(link)
        if not address.startswith(home): continue
        target = unquote(address.removeprefix(home).split("?")[0]) or "index.html"
        if not (folder/target).is_file(): yield f"dead link: {target}"
        elif anchor and target in seen and unquote(anchor) not in seen[target]["ids"]: yield f"dead link: {target}#{anchor}"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass


@contextlib.contextmanager
def served(folder):
    "The address under which the site in that folder is to be found."
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@contextlib.contextmanager
def browsing():
    "A browser. If none is installed, that is said, and the program ends."
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if not program:
        print("NOT RUN: browser (none installed)")
        sys.exit()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        yield browser
        browser.close()


def tell(found):
    "Print what is wrong, name -> list of texts; how many have nothing, and how many have something."
    for name, problems in found.items():
        for problem in problems: print(f"{name}: {problem}")
    failed = sum(map(bool, found.values()))
    return len(found) - failed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="such as 11_momentum.html (default: all)")
    parser.add_argument("--shots", type=Path, metavar="FOLDER", help="where to put a picture of each page in the light, in the dark, and on a telephone")
    args = parser.parse_args()
    if args.shots: args.shots.mkdir(parents=True, exist_ok=True)
    pages = args.pages or sorted(p.relative_to(args.folder).as_posix() for p in args.folder.rglob("*.html") if "_static" not in p.parts)
    with served(args.folder) as home, browsing() as one, browsing() as other:
        def looked(browser, names): return {name: look(browser, home, name, args.shots) for name in names}
        with ThreadPoolExecutor(2) as pool: halves = list(pool.map(looked, (one, other), (pages[::2], pages[1::2])))
    found = halves[0] | halves[1]
    seen = {name: links for name, (_, links) in found.items()}
    wrong = {name: found[name][0] + list(dead(name, seen, args.folder, home)) for name in pages}
    passed, failed = tell(wrong)
    print(f"{passed} pages passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__": main()
