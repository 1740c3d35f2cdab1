// What pages do better with a script. Everything works without it: nothing here
// fetches what a page needs, and each part looks for its own marks in the page.

import { autosave, leaving } from './draft.mjs';
import { keys } from './keys.mjs';
import { session } from './session.mjs';
import { units } from './units.mjs';
import { uploads } from './upload.mjs';

export function start(root = document) {
  root.querySelector('[data-error-summary]')?.focus();
  // A link of the summary leads to the input itself, not only to its place.
  root.querySelectorAll('[data-error-summary] a[href^="#"]').forEach((link) => {
    link.addEventListener('click', (event) => {
      const input = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!input) return;
      event.preventDefault();
      (document.querySelector(`label[for="${CSS.escape(input.id)}"]`) ?? input).scrollIntoView();
      const target = input.previousElementSibling?.matches('.hs-combo') ? input.previousElementSibling.querySelector('input') : input;
      target.focus({ preventScroll: true });
    });
  });
  root.querySelectorAll('form[data-autosave]').forEach(autosave);
  root.querySelectorAll('form[data-warn]').forEach(leaving);
  root.querySelectorAll('form[data-upload]').forEach((form) => uploads(form, start));
  root.querySelectorAll('[data-units]').forEach(units);
  root.querySelectorAll('[data-session-ends]').forEach(session);
}

keys();
document.addEventListener('click', closeMenus);
document.addEventListener('keydown', (event) => event.key === 'Escape' && closeMenus(event));
start();

// closeMenus closes the account menu once the person turns to something else.
function closeMenus(event) {
  document.querySelectorAll('details.hs-account[open]').forEach((menu) => {
    if (event.key === 'Escape') {
      menu.open = false;
      menu.querySelector('summary').focus();
    } else if (!menu.contains(event.target)) {
      menu.open = false;
    }
  });
}
