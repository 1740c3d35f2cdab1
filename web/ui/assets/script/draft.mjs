// Drafts: changes are sent in the background, and unsaved ones are not left
// without a question.

const pause = 1500; // ms without a change

// autosave posts the form to data-autosave after a change, with the header
// X-Autosave: 1 and without files. The answer is 2xx when the draft is kept; its
// body may be the time, as 10:42, and its header X-Seen what the input `seen` has
// to say from now on.
export function autosave(form) {
  const line = document.querySelector('[data-saved]');
  let timer;
  let again = false;
  let busy = false;
  form.addEventListener('input', () => {
    form.dataset.dirty = '1';
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  });
  form.addEventListener('submit', () => clearTimeout(timer));

  async function save() {
    if (form.dataset.sent) return;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
    delete form.dataset.dirty; // a change while this is under way sets it again
    try {
      const answer = await fetch(form.dataset.autosave, { method: 'POST', body, headers: { 'X-Autosave': '1' }, redirect: 'manual' });
      if (!answer.ok) throw new Error(String(answer.status));
      const seen = answer.headers.get('X-Seen');
      if (seen && form.elements.seen) form.elements.seen.value = seen;
      const told = (await answer.text()).trim();
      say(`${line?.dataset.saved} ${/^\d\d:\d\d$/.test(told) ? told : clock()}`);
    } catch {
      form.dataset.dirty = '1';
      say(line?.dataset.unsaved);
    }
    busy = false;
    if (again) {
      again = false;
      save();
    }
  }

  function say(text) {
    if (line) line.textContent = text;
  }
}

function clock() {
  return new Date().toLocaleTimeString('vi-VN', { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Ho_Chi_Minh' });
}

// leaving asks before a page with unsaved changes is left; the words are the browser's.
export function leaving(form) {
  form.addEventListener('input', () => (form.dataset.dirty = '1'));
  form.addEventListener('submit', () => (form.dataset.sent = '1'));
  window.addEventListener('pageshow', () => delete form.dataset.sent); // back from the next page
  window.addEventListener('beforeunload', (event) => {
    if (form.dataset.dirty && !form.dataset.sent) event.preventDefault();
  });
}
