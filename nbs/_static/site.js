// A link into a folded part opens it; the rest of a broken line of code is indented; a formula wider than its column is broken at its wide spaces, then shrinks, and scrolls only where it would get too small; a table that is too wide gets smaller letters, and on a telephone becomes cards.
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const own = target.querySelector(':scope > details.part');
  if (own) own.open = true;
  for (let e = target; e; e = e.parentElement) if (e.tagName == 'DETAILS') e.open = true;
  target.scrollIntoView();
}

function fit() {                                               // MathJax gives each formula the size of the letters beside it
  for (const box of document.querySelectorAll('mjx-container')) {
    const display = box.hasAttribute('display'), around = display ? box : box.closest('p, li, dd, h1, h2, h3');
    if (!around || !display && box.closest('table')) continue;
    const over = () => Math.max(box.scrollWidth, box.offsetWidth)/around.clientWidth;
    box.style.fontSize = box.dataset.own ??= box.style.fontSize;
    box.classList.remove('broken', 'shrunk');
    for (const kind of ['broken', 'shrunk']) if (over() > 1) box.classList.add(kind);
    if (!box.classList.contains('shrunk')) continue;
    const size = parseFloat(getComputedStyle(box).fontSize);
    box.style.fontSize = `${size*Math.max(.48, .98/over())}px`;
  }
}

function hold() {                                              // no line ends between a formula and the comma after it
  for (const box of document.querySelectorAll('mjx-container:not([display])')) {
    const math = box.closest('.math') || box, before = math.previousSibling, after = math.nextSibling;
    const opened = before instanceof Text && before.data.match(/[(\[“]+$/), closed = after instanceof Text && after.data.match(/^[^\s\w(-]+|^-\w+/);
    if (!opened && !closed) continue;
    const whole = document.createElement('span');
    whole.className = 'whole';
    math.replaceWith(whole);
    whole.append(opened ? before.splitText(opened.index) : '', math);
    if (closed) {
      after.splitText(closed[0].length);
      whole.append(after);
    }
  }
}

function stack() {                                             // rows as cards, where the columns of a table don't fit, or have a word in a line
  for (const table of document.querySelectorAll('.bd-article table')) {
    table.classList.remove('cards', 'tight');
    const wide = table.scrollWidth > table.clientWidth + 1;
    if (innerWidth > 600) table.classList.toggle('tight', wide);
    const high = [...table.rows].some(row => row.offsetHeight > 8*parseFloat(getComputedStyle(row).lineHeight));
    if (innerWidth > 600 || !high && !wide) continue;
    const heads = [...table.querySelectorAll('thead th')];
    for (const row of table.querySelectorAll('tbody tr'))
      [...row.cells].forEach((cell, i) => {
        cell.classList.toggle('empty', !cell.textContent.trim());
        if (!heads[i]?.textContent.trim() || !cell.textContent.trim() || cell.querySelector(':scope > .label')) return;
        const label = document.createElement('span');
        label.className = 'label';
        label.append(...[...(heads[i].querySelector('p') || heads[i]).childNodes].map(node => node.cloneNode(true)), ': ');
        cell.prepend(label);
      });
    table.classList.add('cards');
  }
}

function hang() {                                              // what is left of a line that is broken is indented; a # stays at its comment; spaces that align are marked
  for (const pre of document.querySelectorAll('div.highlight pre'))
    pre.innerHTML = pre.innerHTML.replace(/.*\n|.+$/g, line => {
      const indent = line.replace(/<[^>]*>/g, '').search(/\S|$/);
      const whole = line.replace(/(<span class="c1">)(# *[^\s<]+)/, '$1<span class="whole">$2</span>')
        .replace(/^((?:<[^>]*>)*)( {24,})/, '$1<span class="lead">$2</span>')
        .replace(/(?<=\S) {2,}(?=<span class="c1">)/, '<span class="gap">$&</span>');
      return `<span class="line" style="--in: ${indent + 4}ch">${whole}</span>`;
    });
}

addEventListener('hashchange', unfold);
addEventListener('DOMContentLoaded', hang);
addEventListener('resize', () => { fit(); stack(); });
document.addEventListener('toggle', () => { fit(); stack(); }, true);          // what is folded up has no width
addEventListener('load', async () => {
  unfold();
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
  hold();
  fit();
  stack();
});
