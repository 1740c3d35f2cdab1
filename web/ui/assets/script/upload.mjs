// Files: how far the sending is.

// uploads sends a form with files by itself and shows the progress. Where it
// ends, the page is the one that a plain submit would have led to.
export function uploads(form, start) {
  form.addEventListener('submit', (event) => {
    const inputs = [...form.querySelectorAll('input[type=file]')];
    const bar = form.querySelector('[data-progress]');
    if (!bar || !inputs.some((input) => input.files.length > 0)) return;
    event.preventDefault();
    form.dataset.sent = '1';
    const data = new FormData(form);
    if (event.submitter?.name) data.append(event.submitter.name, event.submitter.value);
    const request = new XMLHttpRequest();
    const target = new URL(event.submitter?.getAttribute('formaction') || form.action, location).href;
    request.open('POST', target);
    request.upload.onprogress = ({ loaded, total }) => {
      bar.hidden = false;
      bar.querySelector('progress').value = total ? (100 * loaded) / total : 0;
    };
    request.onload = () => {
      // An answer from the form's own address is the page itself: asking for it again would lose it.
      if (request.responseURL && request.responseURL !== target && request.status < 400) {
        location.assign(request.responseURL);
        return;
      }
      show(request.responseText, start);
    };
    // Without an answer the plain way tells the person more than we could.
    request.onerror = () => form.submit();
    request.send(data);
  });
}

// show puts the answer's page in the place of this one: a form with its problems.
function show(html, start) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
  start();
}
