// What officers do with a case: take it from the queue, judge it, and act.

import { sandbox, who } from './harness.mjs';

export const officer = (name) => who(name, { officer: true });

// open opens a case from the officer's queue, and takes it where nobody has.
export async function open(person, code) {
  await person.visit('/can-bo');
  if (person.page.url().startsWith(sandbox)) await person.signIn();
  await person.press('Hàng đợi', { within: person.page.getByRole('banner') });
  await person.until(code);
  await person.press(code);
  const take = person.page.getByRole('button', { name: 'Nhận xử lý', exact: true });
  if (await take.count()) await person.follow(take);
}

// act presses an action of the case and confirms it where a page asks to.
export async function act(person, action) {
  await person.press(action, { within: person.page.getByRole('complementary') });
  await confirm(person, action);
}

export async function confirm(person, action) {
  const button = person.page.getByRole('button', { name: `Xác nhận: ${action}`, exact: true });
  if (await button.count()) await person.follow(button);
}

// judge gives a verdict on each item, by the beginning of its title, and goes on
// to the action that rests on the verdicts: {'Chỗ ở hợp pháp': 'Đạt', …}. A
// verdict with its reason is a list.
export async function judge(person, verdicts, action) {
  for (const [item, given] of Object.entries(verdicts)) {
    const [verdict, reason] = [given].flat();
    const check = person.page.getByRole('group', { name: item }).first();
    await check.getByRole('radio', { name: verdict, exact: true }).check();
    if (reason) await check.getByRole('textbox', { name: 'Lý do' }).fill(reason);
  }
  await person.press(`Lưu và chuyển sang: ${action}`);
}

// refuse refuses on one of the grounds of the law, by the beginning of its words.
export async function refuse(person, action, ground, note) {
  await person.press(action, { within: person.page.getByRole('complementary') });
  await person.page.getByRole('checkbox', { name: ground }).check();
  if (note) await person.page.getByLabel(/^Ý kiến/).fill(note);
  await confirm(person, action);
}

// settle carries a case through one agency: accepted, judged and proposed, granted.
export async function settle(code, { reception, handler, approver }) {
  const [at, accept] = reception;
  const first = await officer(at);
  await open(first, code);
  await act(first, accept);
  const [by, verdicts, propose] = handler;
  const second = await officer(by);
  await open(second, code);
  await judge(second, verdicts, propose);
  await confirm(second, propose);
  const [chief, grant] = approver;
  const third = await officer(chief);
  await open(third, code);
  await act(third, grant);
}
