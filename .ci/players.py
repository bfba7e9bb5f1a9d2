#!/usr/bin/env python3
"""Drive the players and the tabs of the built site in a headless browser, at 1300 and at 390 px.

    .ci/players.py _docs

Play, drag, sliders, noise, the reader's own rule (the same trajectory as the library's rule of the same text), and wrong rules, which
get their messages. The last line is `N passed, N failed`."""
import sys
from pathlib import Path

from browse import LOADED, browsing, complaints, served, tell

PLAYERS = {"10_descent": "play-descent", "11_momentum": "triangle", "12_nesterov": "play-nesterov",
           "23_adam": "play-adam", "98_play": "four"}
MOMENTUM = r"mu = 0.8\nb = mu*b + g\nstep = lr*b"
SAME = {1: r"mu = 0.8\nb = mu*b + g\nstep = lr*b",
        2: r"mu = 0.8\nb = mu*b + g\nstep = lr*(g + mu*b)",
        3: r"m = .9*m + (1 - .9)*g\nv = .99*v + .01*g*g\nstep = lr*(m/(1 - .9**t))/(sqrt(v/(1 - .99**t)) + 1e-8)"}
WRONG = {"step = lr*gg": "\"gg\" has no value", "step = lr*": "a number or a name expected", "x = g": "what the step is",
         "step = lr*(g": "\")\" expected", "step = foo(g)": "there is no function", "g = 3": "can't be given a value",
         "step = sqrt(g, 2)": "takes 1, not 2", "step = lr*g; alert(1)": "can't read", "step = 2 g": "an operation expected",
         "step = sqrt(0 - abs(g))": "not a number", "step = -3*g": "diverged", "step = constructor(g)": "there is no function",
         "hello": "a line is"}

HELPERS = r"""
var box = document.getElementById('ID'), find = what => box.querySelector(what);
var set = (name, to) => { const e = find(`[name=${name}]`); if (e.type == 'checkbox') e.checked = to; else e.value = to;
                          e.dispatchEvent(new Event('input', {bubbles: true})); };
var picture = () => find('.paths').innerHTML, rows = () => [...box.querySelectorAll('.rows li')].map(li => li.textContent);
var lines = () => [...box.querySelectorAll('.paths polyline')].map(l => l.getAttribute('points'));
var drag = (where, a, b) => { const r = where.getBoundingClientRect(), at = ([x, y]) => ({clientX: r.left + x*r.width, clientY: r.top + y*r.height,
                                pointerId: 1, bubbles: true, pointerType: 'mouse'});
    const kept = where.setPointerCapture, has = where.hasPointerCapture;
    where.setPointerCapture = () => 0; where.hasPointerCapture = () => true;
    const under = document.elementFromPoint(at(a).clientX, at(a).clientY);
    (where.contains(under) ? under : where).dispatchEvent(new PointerEvent('pointerdown', at(a)));
    where.dispatchEvent(new PointerEvent('pointermove', at(b)));
    where.setPointerCapture = kept; where.hasPointerCapture = has; };
"""
MOVES = r"""(async () => {
    const wrong = [], check = (fine, words) => fine || wrong.push(words);
    box.scrollIntoView({block: 'center', behavior: 'instant'});
    const at_first = picture(), moved = words => { check(picture() != now, words); now = picture(); };
    let now = at_first;
    for (const s of box.querySelectorAll('.controls input[type=range]')) {
        if (s.name == 'power') continue;
        const was = s.value, said = s.nextElementSibling.textContent;
        set(s.name, s.min);
        moved(`slider ${s.name} moves nothing`);
        check(s.nextElementSibling.textContent != said, `slider ${s.name} doesn't say its value`);
        check(s.getBoundingClientRect().width > 120, `slider ${s.name} is narrow`);
        set(s.name, was);
        now = picture();
    }
    check(picture() == at_first, 'sliders set back, and it is not as before');
    set('noise', true); moved('noise does nothing');
    set('noise', false); moved('noise stays');
    check(picture() == at_first, 'noise leaves a trace');
    drag(find('.ground'), [.3, .3], [.6, .2]); moved('a drag moves nothing');
    find('.play').click();
    await new Promise(done => setTimeout(done, 400));
    check(picture().length < now.length && find('.play').textContent.includes('Stop'), `Play does not play: ${rows()[0]}`);
    find('.play').click();
    check(picture() == now && find('.play').textContent.includes('Play'), 'Stop does not show the end');
    const plane = find('.plane'), knob = plane && plane.querySelectorAll('circle.grab')[1];
    if (knob) {
        const r = plane.getBoundingClientRect(), k = knob.getBoundingClientRect(), lr = find('[name=lr]').value;
        drag(plane, [(k.left + k.width/2 - r.left)/r.width, (k.top + k.height/2 - r.top)/r.height], [.5, .4]);
        check(find('[name=lr]').value != lr, 'the dot in the triangle moves nothing');
    }
    check(find('.ground').getAttribute('role') == 'img' && find('.ground title').textContent, 'the picture has no title');
    check(document.scrollingElement.scrollWidth <= innerWidth + 1, 'wider than the screen');
    return wrong;
})()"""
OWN = r"""(() => {
    const wrong = [], number = row => row.replace(/.*: /, '');
    for (const [l, ground] of [[0, 'canyon'], [2, 'valley']]) {
        set('ground', l);
        set('text', 'TEXT');
        const lr = LRS[l][K];
        find('[name=power]').step = 'any';
        set('power', Math.log10(lr));
        const [theirs, mine] = [lines()[K], lines()[4]];
        const far = (a, b) => Math.max(...a.split(/[ ,]/).map((x, i) => Math.abs(x - b.split(/[ ,]/)[i])));
        if (!mine || mine.split(' ').length < 20 || !(far(theirs, mine) <= .11)) wrong.push(`own rule in the ${ground}: ${rows()[K + 1]}, ${rows()[5]}`);
        if (!find('.equation math')) wrong.push('no equation');
    }
    return wrong;
})()"""
TABS = r"""(async () => {
    const wrong = [], check = (fine, words) => fine || wrong.push(words), box = document.querySelector('details.forms');
    box.open = true;
    await new Promise(done => setTimeout(done, 100));
    const tabs = [...box.querySelectorAll('[role=tab]')], panes = [...box.querySelectorAll('[role=tabpanel]')];
    tabs.forEach((tab, i) => {
        tab.click();
        check(panes.every((pane, j) => pane.hidden == (i != j)), `${tab.textContent} shows another text`);
        check(panes[i].textContent.trim().length > 100 || panes[i].querySelector('mjx-container'), `${tab.textContent} is empty`);
    });
    tabs[0].click();
    box.querySelector('[data-letter=b1]').dispatchEvent(new MouseEvent('mouseover', {bubbles: true}));
    for (const i of panes.keys()) check(panes[i].querySelector('.lit'), `b1 isn't lit in ${tabs[i].textContent}`);
    check([...box.querySelectorAll('.lit')].every(e => e.dataset.letter == 'b1'), 'another letter is lit');
    return wrong;
})()"""
LRS = "[[.05, .02, .02, .1], [.05, .02, .02, .1], [.001, .0005, .0005, .1]]"


def tried(browser, home):
    "(what was tried, what was wrong with it), one after the other."
    browser.open(f"{home}23_adam.html")
    browser.run(LOADED)
    yield "tabs under Adam's rule", browser.run(TABS)
    for width in 1300, 390:
        browser.screen(width, 1400, mobile=width < 500)
        for name, player in PLAYERS.items():
            browser.open(f"{home}{name}.html")
            browser.run(LOADED)
            browser.run(HELPERS.replace("ID", player))
            yield f"{name}, {width} px: moves", browser.run(MOVES) + list(complaints(browser.events, home))
        browser.open(f"{home}98_play.html")                     # the last player, as it begins
        browser.run(LOADED)
        browser.run(HELPERS.replace("ID", "four"))
        for k, text in SAME.items():
            yield f"own rule {k}, {width} px", browser.run(OWN.replace("TEXT", text).replace("LRS", LRS).replace("K", str(k)))
        browser.run("set('ground', 0); set('power', -1)")
        for text, words in WRONG.items():
            said = browser.run(f"set('text', {text!r}); find('.wrong').textContent")
            yield f"wrong rule, {width} px: {text}", [] if words in said else [f'it says "{said}", not "{words}"']
        browser.run(f"set('text', '{MOMENTUM}')")
        yield f"mended rule, {width} px", [] if browser.run("!find('.wrong').textContent && lines().length == 5") else ["it is still refused"]


def main():
    with served(Path(sys.argv[1])) as home, browsing() as browser: found = dict(tried(browser, home))
    passed, failed = tell(found)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__": main()
