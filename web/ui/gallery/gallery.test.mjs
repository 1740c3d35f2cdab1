// The shared parts in a browser: axe on every page at three widths, no sideways
// scrolling at 320 px, and what the script adds. Needs Go, npm ci, the assets and
// Chromium (CHROMIUM, else /usr/bin/chromium).
//
//     node --test web/ui/gallery/gallery.test.mjs

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const paths = ['/', '/thu-tuc', '/cau-hoi', '/loi', '/mot-cau', '/kiem-tra', '/da-nop', '/ho-so', '/hang-doi', '/thu-ly'];
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

let gallery;
let browser;
let base;

before(async () => {
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  // A group of its own: go run starts the program as a child.
  gallery = spawn('go', ['run', './web/ui/gallery', '-addr', `127.0.0.1:${port}`], { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([once(gallery.stdout, 'data'), once(gallery, 'exit').then(([code]) => assert.fail(`the gallery ended with ${code}`))]);
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
});

after(async () => {
  await browser?.close();
  if (gallery?.exitCode === null) process.kill(-gallery.pid);
});

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

// open loads a page and fails on whatever the browser complains of, a breach of
// the content policy included.
async function open(t, path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && !message.text().includes('422') && complaints.push(message.text()));
  t.after(() => assert.deepEqual(complaints, []));
  await page.goto(base + path);
  return page;
}

for (const width of [320, 390, 1280]) {
  for (const lang of ['vi', 'en']) {
    test(`no violation and no sideways scrolling, ${width} px, ${lang}`, async (t) => {
      for (const path of paths) {
        const page = await open(t, `${path}?lang=${lang}`, { viewport: { width, height: 844 } });
        const { violations } = await page.evaluate(`${axe}; axe.run({resultTypes: ['violations']})`);
        assert.deepEqual(violations.map((v) => `${path}: ${v.id}: ${v.nodes[0].html}`), []);
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(beyond, 0, `${path} is ${beyond} px too wide`);
        await page.close();
      }
    });
  }
}

test('what is pressed is at least 44 px high', async (t) => {
  for (const path of paths) {
    const page = await open(t, path);
    const small = await page.evaluate(() => {
      const area = (e) => (e.matches('[type=radio], [type=checkbox]') ? e.closest('label, .hs-choice') : e).getBoundingClientRect();
      return [...document.querySelectorAll('a, button, summary, select, textarea, input:not([type=hidden])')]
        .filter((e) => e.checkVisibility() && !e.closest('p') && !e.matches('.hs-skip, .hs-files a, .hs-summary-error a') && area(e).width > 0 && area(e).height < 43.5)
        .map((e) => `${e.outerHTML.slice(0, 80)} is ${area(e).height} px`);
    });
    assert.deepEqual(small, [], path);
    await page.close();
  }
});

test('the error summary has the focus, and its links lead into the inputs', async (t) => {
  const page = await open(t, '/loi');
  assert.ok(await page.evaluate(() => document.activeElement.matches('[data-error-summary]')));
  for (const id of ['fullName', 'birthDate-day', 'home-province', 'children-1-fullName']) {
    await page.click(`[data-error-summary] a[href="#${id}"]`);
    assert.equal(await page.evaluate(() => document.activeElement.id), id);
  }
});

test('communes follow the province and are found without their marks', async (t) => {
  const page = await open(t, '/cau-hoi');
  const codes = () => page.$$eval('#home-commune option', (all) => all.length - 1);
  const before = await codes();
  const other = await page.$$eval('#home-province option', (all) => all.map((o) => o.value).find((v) => v && v !== '01'));
  await Promise.all([page.waitForResponse(/don-vi\.json/), page.selectOption('#home-province', other)]);
  await page.waitForFunction((n) => document.querySelectorAll('#home-commune option').length - 1 !== n, before);
  await Promise.all([page.waitForResponse(/don-vi\.json/), page.selectOption('#home-province', '01')]);
  await page.waitForFunction(() => document.querySelector('#home-commune option[value="00070"]'));
  await page.fill('#home-commune-search', 'hoan kiem');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await page.inputValue('#home-commune-search'), 'Phường Hoàn Kiếm');
  assert.equal(await page.$eval('#home-commune', (e) => e.value), '00070');
  await page.fill('#home-commune-search', 'zzz');
  assert.equal(await page.$eval('#home-commune', (e) => e.value), '');
  assert.match(await page.textContent('.hs-combo [role=status]'), /Không có tên/);
});

test('what is typed before the communes are there stands when they come', async (t) => {
  const page = await open(t, '/cau-hoi');
  let answer;
  const asked = new Promise((done) => page.route(/don-vi\.json/, (route) => { answer = route; done(); }));
  const other = await page.$$eval('#home-province option', (all) => all.map((o) => o.value).find((v) => v && v !== '01'));
  await page.selectOption('#home-province', other);
  await asked;
  await page.fill('#home-commune-search', 'ba dinh');
  await answer.fulfill({ json: [{ code: '1', name: 'Phường Ba Đình' }, { code: '2', name: 'Phường Hoàn Kiếm' }] });
  await page.waitForFunction(() => document.querySelectorAll('#home-commune-list li').length === 1);
  await page.keyboard.press('Tab');
  assert.equal(await page.inputValue('#home-commune-search'), 'Phường Ba Đình');
  assert.equal(await page.$eval('#home-commune', (e) => e.value), '1');
});

test('communes that cannot be fetched are said to be so', async (t) => {
  const page = await open(t, '/cau-hoi');
  await page.route(/don-vi\.json/, (route) => route.fulfill({ status: 204 }).catch(() => {}));
  await page.selectOption('#home-province', '');
  await page.selectOption('#home-province', '01');
  await page.waitForFunction(() => document.querySelector('.hs-combo [role=status]').textContent.includes('Chưa lấy được'));
});

test('a draft is saved after a pause, and says so when it is not', async (t) => {
  const page = await open(t, '/mot-cau');
  let sent;
  let status = 200;
  await page.route('**/luu', (route) => {
    sent = route.request();
    return status === 200 ? route.fulfill({ body: '11:05' }) : route.fulfill({ status: 302, headers: { location: '/auth/login' } });
  });
  await page.check('#title-2');
  await page.waitForFunction(() => document.querySelector('[data-saved]').textContent === 'Đã lưu lúc 11:05');
  assert.equal(sent.headers()['x-autosave'], '1');
  assert.deepEqual(Object.fromEntries(new URLSearchParams(sent.postData())), { csrf: 'gallery', title: 'family' });
  status = 302; // signed out meanwhile
  await page.check('#title-3');
  await page.waitForFunction(() => document.querySelector('[data-saved]').textContent.startsWith('Chưa lưu được'));
});

test('the keys of the desk', async (t) => {
  const page = await open(t, '/hang-doi', { viewport: { width: 1280, height: 800 } });
  const here = () => page.evaluate(() => document.activeElement.textContent.trim());
  for (const [key, want] of [['j', '000120'], ['j', '000121'], ['k', '000120'], ['k', '000120']]) {
    await page.keyboard.press(key);
    assert.ok((await here()).endsWith(want), `${key} leads to ${await here()}`);
  }
  await page.keyboard.press('?');
  assert.ok(await page.$eval('[data-keys]', (e) => e.open));
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/thu-ly');
  const pressed = page.waitForRequest((request) => request.method() === 'POST');
  await page.route('**/thu-ly', (route) => (route.request().method() === 'POST' ? route.fulfill({ body: 'ok' }) : route.continue()));
  await page.keyboard.press('s');
  assert.equal(new URLSearchParams((await pressed).postData()).get('event'), 'supplement');
});

test('a form with files shows how far it is, and its problems take the place of the page', async (t) => {
  const page = await open(t, '/cau-hoi');
  await page.route('**/cau-hoi', (route) => (route.request().method() === 'POST'
    ? route.fulfill({ status: 422, contentType: 'text/html', body: '<title>Lỗi: x</title><main><div data-error-summary tabindex="-1">Có vấn đề</div></main>' })
    : route.continue()));
  await page.setInputFiles('#certificate', { name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(200_000) });
  const sent = page.waitForRequest((request) => request.method() === 'POST');
  await page.getByRole('button', { name: 'Tiếp tục', exact: true }).click();
  assert.match((await sent).headers()['content-type'], /^multipart\/form-data/);
  await page.waitForFunction(() => document.title === 'Lỗi: x');
  assert.ok(await page.evaluate(() => document.activeElement.matches('[data-error-summary]')));
});

test('unsaved changes are not left without a question', async (t) => {
  const page = await open(t, '/cau-hoi');
  let asked = 0;
  page.on('dialog', (dialog) => {
    asked++;
    dialog.accept();
  });
  await page.click('.hs-brand');
  await page.waitForURL(base + '/');
  assert.equal(asked, 0, 'nothing was changed');
  await page.goBack();
  await page.locator('#fullName').pressSequentially('Minh');
  await page.click('.hs-brand');
  await page.waitForURL(base + '/');
  assert.equal(asked, 1);
});

test('the session is warned of, and stays when it is wanted', async (t) => {
  const page = await open(t, '/da-nop');
  const box = page.locator('[data-session-ends]');
  await box.waitFor({ state: 'visible' });
  const kept = page.waitForRequest((request) => request.method() === 'HEAD');
  await page.click('[data-session-stay]');
  await kept;
  await page.reload();
  await page.route('**/da-nop', (route) => (route.request().method() === 'HEAD' ? route.fulfill({ status: 303, headers: { location: '/auth/login' } }) : route.continue()));
  await box.waitFor({ state: 'visible' });
  await Promise.all([page.waitForEvent('framenavigated'), page.click('[data-session-stay]')]); // signed out: the page is asked for again
});

test('without the script the communes come by a button, and every input is there', async (t) => {
  const page = await open(t, '/cau-hoi', { javaScriptEnabled: false });
  assert.ok(await page.isVisible('button[name=units][value=home]'));
  assert.ok(await page.isVisible('select#home-commune'));
  assert.ok(await page.isVisible('button[name=add][value=children]'));
});
