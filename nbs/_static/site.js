// A link into a folded part opens it; the rest of a broken line of code is indented; a formula wider than its column shrinks, and scrolls only where it would get too small; a table that is too wide for a telephone becomes cards.
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const own = target.querySelector(':scope > details.part');
  if (own) own.open = true;
  for (let e = target; e; e = e.parentElement) if (e.tagName == 'DETAILS') e.open = true;
  target.scrollIntoView();
}

function fit() {
  for (const box of document.querySelectorAll('mjx-container[display="true"]')) {
    box.style.fontSize = '';
    if (box.scrollWidth <= box.clientWidth) continue;
    const size = parseFloat(getComputedStyle(box).fontSize);
    box.style.fontSize = `${size*Math.max(.6, .98*box.clientWidth/box.scrollWidth)}px`;
  }
}

function stack() {                                             // rows as cards, where the columns of a table don't fit, or have a word in a line
  for (const table of document.querySelectorAll('.bd-article table')) {
    table.classList.remove('cards');
    const high = [...table.rows].some(row => row.offsetHeight > 8*parseFloat(getComputedStyle(row).lineHeight));
    if (innerWidth > 600 || !high && table.scrollWidth <= table.clientWidth + 1) continue;
    const heads = [...table.querySelectorAll('thead th')].map(head => head.textContent.trim());
    for (const row of table.querySelectorAll('tbody tr'))
      [...row.cells].forEach((cell, i) => {
        cell.classList.toggle('empty', !cell.textContent.trim());
        if (heads[i] && cell.textContent.trim()) cell.dataset.label = heads[i];
      });
    table.classList.add('cards');
  }
}

function hang() {                                              // what is left of a line that is broken is indented; spaces that align are marked
  for (const pre of document.querySelectorAll('div.highlight pre'))
    pre.innerHTML = pre.innerHTML.replace(/.*\n|.+$/g, line => {
      const indent = line.replace(/<[^>]*>/g, '').search(/\S|$/);
      const marked = line.replace(/^((?:<[^>]*>)*)( {24,})/, '$1<span class="lead">$2</span>')
        .replace(/(?<=\S) {2,}(?=<span class="c1">)/, '<span class="gap">$&</span>');
      return `<span class="line" style="--in: ${indent + 4}ch">${marked}</span>`;
    });
}

addEventListener('hashchange', unfold);
addEventListener('DOMContentLoaded', hang);
addEventListener('resize', () => { fit(); stack(); });
document.addEventListener('toggle', stack, true);             // what is folded up has no width
addEventListener('load', async () => {
  unfold();
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
  fit();
  stack();
  for (const part of document.querySelectorAll('details.part')) part.addEventListener('toggle', fit);
});
