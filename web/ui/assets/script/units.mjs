// Addresses: the communes of the chosen province are fetched, and found by
// typing a part of their name, with or without its marks.

export function units(box) {
  const province = box.querySelector('[data-province]');
  const commune = box.querySelector('[data-commune]');
  box.querySelector('[data-reload]').hidden = true;
  const combo = picker(commune, box.dataset.none);
  province.addEventListener('change', async () => {
    const first = commune.options[0];
    commune.replaceChildren(first);
    combo.refresh();
    if (!province.value) return;
    try {
      const answer = await fetch(`${box.dataset.units}?${new URLSearchParams({ province: province.value, lang: box.dataset.lang })}`);
      if (!answer.ok) throw new Error(String(answer.status));
      for (const { code, name } of await answer.json()) commune.append(new Option(name, code));
      combo.arrived();
    } catch {
      combo.say(box.dataset.failed);
    }
  });
}

// plain is a name as people type it: no marks, no capitals.
function plain(name) {
  return name.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/đ/gi, 'd').toLowerCase().trim();
}

// picker puts a text box with a list before the select, which stays what the
// form sends.
function picker(select, none) {
  const id = select.id + '-list';
  const input = Object.assign(document.createElement('input'), { type: 'text', className: 'ds-input', id: select.id + '-search', autocomplete: 'off', spellcheck: false });
  const list = Object.assign(document.createElement('ul'), { id, role: 'listbox', hidden: true });
  const said = Object.assign(document.createElement('p'), { className: 'hs-small', role: 'status' });
  const box = Object.assign(document.createElement('div'), { className: 'hs-combo' });
  const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': id })) input.setAttribute(name, value);
  if (select.getAttribute('aria-invalid')) input.setAttribute('aria-invalid', 'true');
  list.setAttribute('aria-label', label.textContent);
  label.htmlFor = input.id;
  box.append(input, list, said);
  select.before(box);
  select.hidden = true;
  let active = -1;

  const rows = () => [...list.children];
  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const show = (text) => {
    const words = plain(text).split(/\s+/).filter(Boolean);
    const hits = [...select.options].slice(1).filter((o) => words.every((word) => (' ' + plain(o.text)).includes(' ' + word)));
    list.replaceChildren(...hits.slice(0, 200).map((o, i) => {
      const row = Object.assign(document.createElement('li'), { id: `${id}-${i}`, role: 'option', textContent: o.text });
      row.dataset.value = o.value;
      row.setAttribute('aria-selected', 'false');
      return row;
    }));
    active = -1;
    input.removeAttribute('aria-activedescendant');
    list.hidden = hits.length === 0;
    input.setAttribute('aria-expanded', String(hits.length > 0));
    said.textContent = hits.length === 0 && select.options.length > 1 ? none : '';
  };
  const mark = (at) => {
    rows().forEach((row, i) => row.setAttribute('aria-selected', String(i === at)));
    active = at;
    const row = rows()[at];
    if (!row) return;
    input.setAttribute('aria-activedescendant', row.id);
    row.scrollIntoView({ block: 'nearest' });
  };
  const take = (row) => {
    select.value = row.dataset.value;
    input.value = row.textContent;
    said.textContent = '';
    close();
    select.dispatchEvent(new Event('input', { bubbles: true }));
  };

  input.addEventListener('input', () => {
    select.value = '';
    show(input.value);
  });
  input.addEventListener('click', () => list.hidden && show(''));
  // What was typed in full, or leaves one name, is meant.
  const settle = () => {
    if (!select.value && input.value.trim()) {
      show(input.value);
      const same = rows().filter((row) => plain(row.textContent) === plain(input.value));
      const meant = same.length === 1 ? same[0] : rows().length === 1 ? rows()[0] : null;
      if (meant) take(meant);
    }
    close();
  };
  input.addEventListener('blur', settle);
  list.addEventListener('mousedown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => event.target.closest('li') && take(event.target.closest('li')));
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (list.hidden) show(select.value ? '' : input.value);
      const n = rows().length;
      if (n > 0) mark(event.key === 'ArrowDown' ? (active + 1) % n : (active <= 0 ? n : active) - 1);
    } else if (event.key === 'Enter' && !list.hidden && active >= 0) {
      event.preventDefault();
      take(rows()[active]);
    } else if (event.key === 'Escape' && !list.hidden) {
      event.preventDefault();
      close();
    }
  });

  const refresh = () => {
    input.value = select.value ? select.selectedOptions[0].text : '';
    said.textContent = '';
    close();
  };
  // The names came after the person had begun to type: what was typed stands.
  const arrived = () => {
    if (!input.value) return refresh();
    said.textContent = '';
    if (document.activeElement === input) show(input.value);
    else settle();
  };
  refresh();
  return { refresh, arrived, say: (text) => (said.textContent = text) };
}
