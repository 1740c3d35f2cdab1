// The session: a warning five minutes before it ends, and a way to go on.

const ahead = 5 * 60 * 1000;

export function session(box) {
  const button = box.querySelector('[data-session-stay]');
  let ends = Number(box.dataset.sessionEnds) * 1000;
  let timer;
  plan();
  button.addEventListener('click', async () => {
    const left = Number(box.dataset.sessionEnds) * 1000 - started;
    try {
      const answer = await fetch(location.href, { method: 'HEAD', redirect: 'manual' });
      if (!answer.ok) throw new Error(String(answer.status));
      ends = Date.now() + left; // as long as it was given when the page came
      box.hidden = true;
      plan();
    } catch {
      location.reload(); // signed out meanwhile: the server says so
    }
  });

  function plan() {
    clearTimeout(timer);
    const wait = ends - ahead - Date.now();
    timer = setTimeout(() => (box.hidden = false), Math.min(Math.max(wait, 0), 2 ** 31 - 1));
  }
}

const started = Date.now();
