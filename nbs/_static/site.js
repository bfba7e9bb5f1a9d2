// A link into a folded part opens it; the rest of a broken line of code is indented; a formula wider than its column shrinks, and scrolls only where it would get too small.
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

function hang() {                                              // what is left of a line that is broken is indented
  for (const pre of document.querySelectorAll('div.highlight pre'))
    pre.innerHTML = pre.innerHTML.replace(/.*\n|.+$/g, line => {
      const indent = line.replace(/<[^>]*>/g, '').search(/\S|$/);
      return `<span class="line" style="--in: ${indent + 4}ch">${line}</span>`;
    });
}

addEventListener('hashchange', unfold);
addEventListener('DOMContentLoaded', hang);
addEventListener('resize', fit);
addEventListener('load', async () => {
  unfold();
  if (window.MathJax && MathJax.startup) await MathJax.startup.promise;
  fit();
  for (const part of document.querySelectorAll('details.part')) part.addEventListener('toggle', fit);
});
