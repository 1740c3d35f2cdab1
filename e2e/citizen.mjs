// What citizens do on the way from the home page to a filed case.

import assert from 'node:assert/strict';
import { sandbox } from './harness.mjs';

export const check = 'Kiểm tra trước khi nộp hồ sơ';

const words = {
  vi: { signIn: 'Đăng nhập và bắt đầu', start: 'Bắt đầu', next: 'Tiếp tục', file: /^Nộp hồ sơ /, seen: 'Đã nhận hồ sơ', check,
    province: 'Tỉnh, thành phố', commune: 'Phường, xã, đặc khu', line: 'Số nhà, đường, tổ, thôn', communes: 'Hiện các phường, xã',
    toPlatform: 'Đến trang thanh toán', pay: 'Thanh toán' },
  en: { signIn: 'Sign in and start', start: 'Start', next: 'Continue', file: /^File: /, seen: 'Your case has been received', check: 'Check before you file',
    province: 'Province or city', commune: 'Ward, commune or special zone', line: 'House number, street, hamlet', communes: 'Show the communes',
    toPlatform: 'Go to the payment page', pay: /^(Pay|Thanh toán)$/ },
};

const of = (person) => words[person.lang];

// begin leads from the home page to the first page of a new draft.
export async function begin(person, procedure) {
  await person.visit('/');
  // What the home page offers stands above the catalogue, under the same name.
  await person.follow(person.page.getByRole('link', { name: procedure, exact: true }).last());
  await person.heading(procedure);
  const signIn = person.page.getByRole('link', { name: of(person).signIn, exact: true });
  if (await signIn.count()) {
    await person.follow(signIn);
    await person.signIn();
  }
  const start = person.page.getByRole('button', { name: of(person).start, exact: true });
  // Once on the procedure's page, once where it is asked whom the case is for.
  while (await start.count()) await person.follow(start);
  person.asked = 0;
}

// next answers a page: what it asks is counted, then the person goes on.
export async function next(person, { status = 200 } = {}) {
  if (status === 200) person.asked += await questions(person);
  await person.press(of(person).next, { status });
}

// questions counts what the page asks: a group of inputs is one question.
function questions(person) {
  return person.page.locator('main form').locator('input:not([type=hidden]), select, textarea').evaluateAll((inputs) => {
    const asked = inputs.map((input) => {
      let outermost = input;
      for (let group = input.closest('fieldset'); group; group = group.parentElement.closest('fieldset')) outermost = group;
      return outermost;
    });
    return new Set(asked).size;
  });
}

export const group = (person, question) => person.page.getByRole('group', { name: question });

// walk goes on to the check page and answers what is put on the way, whichever
// page it stands on: a choice or several, a text, {province, commune, line}, or
// a file. An answer to a question that never came is an error.
export async function walk(person, answers) {
  const left = new Map(Object.entries(answers));
  while (!(await person.page.getByRole('heading', { name: of(person).check, exact: true }).count())) {
    const [at, before] = [person.page.url(), left.size];
    for (const [question, answer] of left) {
      if (await answered(person, question, answer)) left.delete(question);
    }
    await next(person);
    // A page that took a file comes once more, with the file.
    assert.ok(person.page.url() !== at || left.size < before, `nobody told how to answer: ${await person.text()}`);
  }
  assert.deepEqual([...left.keys()], [], 'questions that were never put');
}

async function answered(person, question, answer) {
  if (await group(person, question).count()) {
    if (answer.commune) await address(person, question, answer.province, answer.commune, answer.line);
    else for (const choice of [answer].flat()) await choose(person, question, choice);
    return true;
  }
  const input = field(person, question);
  if (!(await input.count())) return false;
  if (answer.buffer) await input.setInputFiles(answer);
  else await enter(person, question, answer);
  return true;
}

// choose answers a question by one of the choices that are offered.
export async function choose(person, question, answer) {
  const choice = { name: answer, exact: true };
  const list = field(person, question).and(person.page.locator('select'));
  if (await list.count()) return list.selectOption({ label: answer }); // there are many
  await group(person, question).getByRole('radio', choice).or(group(person, question).getByRole('checkbox', choice)).check();
}

// field is a single input, named by its label: no choice whose words are alike.
const field = (person, label) => person.main.getByLabel(label).and(person.page.locator('input:not([type=radio], [type=checkbox]), select, textarea'));

// enter types an answer, or picks it from a list.
export async function enter(person, label, value) {
  const input = field(person, label);
  if (await input.evaluate((e) => e.matches('select'))) {
    const option = await input.getByRole('option').filter({ hasText: value }).innerText();
    await input.selectOption({ label: option.trim() });
  } else await input.fill(value);
}

// address answers by province, commune and line. With the script the commune is
// found by typing; without it the page is drawn again with the communes.
export async function address(person, question, province, commune, line) {
  const w = of(person);
  const at = group(person, question);
  await at.getByLabel(w.province).selectOption({ label: province });
  if (person.js) {
    const search = at.getByRole('combobox', { name: w.commune });
    await search.fill(commune);
    await person.page.getByRole('option', { name: commune, exact: true }).click();
  } else {
    await person.press(w.communes, { within: at });
    await at.getByLabel(w.commune).selectOption({ label: commune });
  }
  await at.getByLabel(w.line).fill(line);
}

// file files the draft from its check page and gives the case's code.
export async function file(person) {
  await person.press(of(person).file);
  await person.heading(of(person).seen);
  return code(person);
}

// code reads the code of the case from the page.
export async function code(person) {
  const [found] = (await person.text()).match(/H[\d.]+-\d{6}-\d{6}/) ?? assert.fail(`no code of a case at ${person.page.url()}: ${await person.text()}`);
  return found;
}

// open opens the case from the list of one's cases.
export async function open(person, code, tab) {
  await person.visit('/ho-so');
  await person.follow(person.page.getByRole('listitem').filter({ hasText: code }).getByRole('link').first());
  if (tab) await person.press(tab);
}

// pay goes from the page that names the amount to the payment platform, which the
// sandbox plays, and presses one of its buttons there.
export async function pay(person, choice = of(person).pay) {
  await person.until(of(person).toPlatform);
  await person.press(of(person).toPlatform);
  assert.ok(person.page.url().startsWith(sandbox), person.page.url());
  await person.press(choice);
}

// answerRequest opens what another case asks of the person, found in their list,
// and goes to the page on which the answer is confirmed.
export async function answerRequest(person, answer) {
  await person.visit('/');
  const signIn = person.page.getByRole('link', { name: 'Đăng nhập', exact: true });
  if (await signIn.count()) {
    await person.follow(signIn);
    await person.signIn();
  }
  await person.visit('/ho-so');
  await person.until('Cần Ông/Bà làm');
  await person.press(/^Làm ngay/);
  await person.press(answer);
  await person.heading(answer); // what follows from it, with the same button
}
