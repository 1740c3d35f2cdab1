// The walker of generated journeys: it knows pages, not procedures. The test
// hands it one journey after the other, with the answers by the names of inputs,
// and hears how each ended.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Person, finish, paper, phone, sandbox as control } from './harness.mjs';

const words = {
  vi: { next: 'Tiếp tục', start: 'Bắt đầu', file: /^Nộp hồ sơ/, communes: 'Hiện các phường, xã', add: /^Thêm/ },
  en: { next: 'Continue', start: 'Start', file: /^File:/, communes: 'Show the communes', add: /^Add/ },
};
const most = 60; // pages of one journey
const screens = process.env.SCREENS; // folder for a picture of each service's longest form page

let fault = '';
for (;;) {
  const answer = await fetch(`${control}/next`, { method: 'POST', body: JSON.stringify({ fault }) });
  if (answer.status === 204) break;
  assert.equal(answer.status, 200, await answer.clone().text());
  const journey = await answer.json();
  const person = await Person.open(journey.name, { viewport: phone, js: journey.js });
  const before = Date.now();
  try {
    await person.context.addCookies([{ name: 'lang', value: journey.lang, url: process.env.BASE }]);
    person.lang = journey.lang;
    await walk(person, journey);
    fault = '';
  } catch (error) {
    fault = `${error.message}\nat ${person.page.url()}`;
  }
  console.log(`${fault ? 'FAILED' : 'ok    '} ${journey.name} ${((Date.now() - before) / 1000).toFixed(1)} s`);
  await person.close();
}
await finish();

async function walk(person, journey) {
  const say = words[person.lang];
  await person.visit(journey.start);
  const whose = person.page.locator(`input[type=radio][name=subject][value="${journey.subject}"]`);
  if (await whose.count()) await whose.check();
  await person.press(say.start);
  const seen = { inputs: 0, picture: undefined };
  for (let pages = 0; pages < most; pages++) {
    const at = new URL(person.page.url()).pathname.split('/').slice(3);
    if (await refused(person, journey)) return;
    if (at[0] === 'kiem-tra') {
      assert.ok(!journey.refused, `the check page accepts what the rule refuses: ${await person.text()}`);
      await person.press(say.file);
      assert.match(await person.text(), /H[\d.]+-\d{6}-\d{6}/, 'the case has a code');
      if (screens && seen.picture) writeFileSync(join(screens, `${journey.procedure}.jpg`), seen.picture);
      return;
    }
    assert.notEqual(at[0], 'dung-lai', `stopped: ${await person.text()}`);
    if (at[0] === 'giay-to') {
      await hand(person, journey, at[1], say);
      continue;
    }
    const inputs = journey.inputs[at[0]] ?? {};
    // An answer may bring up further questions of the page: it comes again with them.
    for (let shown, again = await names(person); again !== shown;) {
      shown = again;
      await answer(person, inputs, say);
      if (screens) await look(person, seen);
      const { status } = await pressed(person, say.next);
      if (status !== 422) break;
      if (await refused(person, journey)) return;
      again = await names(person);
      assert.notEqual(again, shown, `refused: ${await person.text()}`);
    }
  }
  assert.fail('the way does not end');
}

// look keeps the picture of the page with most questions.
async function look(person, seen) {
  const inputs = (await names(person)).split(' ').length;
  if (inputs <= seen.inputs) return;
  await person.page.evaluate('document.activeElement.blur()');
  Object.assign(seen, { inputs, picture: await person.page.screenshot({ fullPage: true, type: 'jpeg', quality: 60 }) });
}

// refused tells whether the page says what the rule says.
async function refused(person, journey) {
  return journey.refused && (await person.text()).includes(journey.says.replace(/\s+/g, ' ').trim());
}

// names are those of the inputs on the page.
async function names(person) {
  return (await person.page.locator('main form [name]').evaluateAll((all) => [...new Set(all.map((e) => e.name))])).join(' ');
}

// pressed goes on, whether the page is accepted or not.
async function pressed(person, name) {
  person.any = true;
  try {
    await person.press(name);
  } finally {
    person.any = false;
  }
  return person;
}

// hand gives the paper that the page asks for, if the journey has it.
async function hand(person, journey, id, say) {
  if (journey.attachments?.includes(id)) {
    const input = person.page.locator('main form input[type=file]');
    if (await input.count()) await input.setInputFiles(paper(`${id}.pdf`, id));
    journey.attachments.splice(journey.attachments.indexOf(id), 1);
  }
  await person.press(say.next);
}

// answer fills each input of the page that the journey has a value for, the
// province before the commune.
async function answer(person, inputs, say) {
  const first = ([name]) => (name.endsWith('-province') ? 0 : 1);
  for (const [name, values] of Object.entries(inputs).sort((a, b) => first(a) - first(b))) {
    if (/-\d+-/.test(name)) await room(person, name, say);
    const input = person.page.locator(`main form [name="${name}"]`);
    const found = await input.count();
    if (!found) continue;
    const kind = await input.last().evaluate((e) => (e.tagName === 'INPUT' ? e.type : e.tagName.toLowerCase()));
    if (kind === 'radio' || kind === 'checkbox') {
      for (const value of values) await person.page.locator(`main form [name="${name}"][value="${value}"]`).last().check();
    } else if (kind === 'select') await pick(person, input, name, values[0], say);
    else if (kind !== 'hidden') await input.first().fill(values.join('\n'));
  }
}

// room asks for another item of a group until the input is there.
async function room(person, name, say) {
  const [group, index] = name.split(/-(?=\d+-)/);
  while (Number(index.split('-')[0]) > 0 && !(await person.page.locator(`main form [name="${name}"]`).count())) {
    const add = person.page.locator(`main form button[value="${group}"]`).filter({ hasText: say.add });
    if (!(await add.count())) return;
    await person.follow(add);
  }
}

// pick chooses from a list. The communes of a province come when it is chosen: by
// the script, or by a button.
async function pick(person, select, name, value, say) {
  if (name.endsWith('-commune') && (await select.locator(`option[value="${value}"]`).count()) === 0) {
    if (person.js) await person.page.waitForSelector(`main form [name="${name}"] option[value="${value}"]`, { state: 'attached' });
    else await person.press(say.communes, { within: person.page.locator('.hs-address').filter({ has: person.page.locator(`[name="${name}"]`) }) });
  }
  if (name.endsWith('-commune') && person.js) {
    const text = (await select.locator(`option[value="${value}"]`).textContent()).trim();
    const search = person.page.locator(`#${await select.getAttribute('id')}-search`);
    await search.fill(text);
    await person.page.locator(`#${await select.getAttribute('id')}-list`).getByRole('option', { name: text, exact: true }).click();
    return;
  }
  await select.selectOption(value);
}
