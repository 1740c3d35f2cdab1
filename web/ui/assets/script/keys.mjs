// Keys of the desk: j and k go through the rows, Enter opens (the link has the
// focus), ? lists the keys, and each button or link with data-key has its letter.

export function keys() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
    if (event.key === 'j' || event.key === 'k') {
      if (step(event.key === 'j' ? 1 : -1)) event.preventDefault();
    } else if (event.key === '?') {
      const list = document.querySelector('[data-keys]');
      if (!list) return;
      event.preventDefault();
      list.open = !list.open;
      list.querySelector('summary').focus();
    } else if (/^[a-z]$/.test(event.key)) {
      const button = actsOn(event.key);
      if (!button) return;
      event.preventDefault();
      button.click();
    }
  });
}

function typing(target) {
  return target instanceof Element && target.matches('textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])');
}

// actsOn is the button of the row that has the focus, else the first on the page.
function actsOn(key) {
  const mark = `[data-key="${key}"]`;
  return document.activeElement?.closest('[data-row]')?.querySelector(mark) ?? document.querySelector(mark);
}

function step(by) {
  const rows = [...document.querySelectorAll('[data-row] [data-open]')];
  if (rows.length === 0) return false;
  const here = document.activeElement?.closest('[data-row]');
  const at = here ? rows.findIndex((link) => here.contains(link)) : by > 0 ? -1 : rows.length;
  rows[Math.min(Math.max(at + by, 0), rows.length - 1)].focus();
  return true;
}
