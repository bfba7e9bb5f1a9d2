// Tabs under rules; a letter under the mouse, or with the focus, lights up in all of them.
document.addEventListener('DOMContentLoaded', () => {
    for (const box of document.querySelectorAll('details.forms')) {
        const tabs = [...box.querySelectorAll('[role=tab]')], panes = [...box.querySelectorAll('[role=tabpanel]')];
        const choose = k => tabs.forEach((tab, i) => {
            tab.setAttribute('aria-selected', i == k);
            panes[i].hidden = i != k;
        });
        tabs.forEach((tab, i) => tab.addEventListener('click', () => choose(i)));
        const light = word => box.querySelectorAll('[data-letter]').forEach(e => e.classList.toggle('lit', e.dataset.letter == word));
        for (const kind of ['mouseover', 'focusin']) box.addEventListener(kind, e => {
            const at = e.target.closest('[data-letter]');
            if (at) light(at.dataset.letter);
        });
        box.addEventListener('toggle', () => mark(box), {once: true});
    }
    function mark(box) {                                        // each letter gets an element of its own
        const words = box.dataset.letters.split(' '), known = new RegExp(`(?<![\\w.])%?(${words.join('|')})_?(?!\\w)`, 'g');
        for (const pre of box.querySelectorAll('pre'))
            pre.innerHTML = pre.innerHTML.replace(known, (all, word) => `<span data-letter="${word}">${all}</span>`);
        for (const e of box.querySelectorAll('[class*=letter-]')) e.dataset.letter = /letter-(\w+)/.exec(e.className)[1];
        for (const e of box.querySelectorAll('pre')[0].querySelectorAll('[data-letter]')) e.tabIndex = 0;
    }
});
