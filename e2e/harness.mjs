// What all journeys stand on: one browser for each file of journeys, a window
// for each person, and the look that is taken at every page they come to. People
// find things by the words on the page: roles, labels and headings.

import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { after } from 'node:test';
import { chromium } from 'playwright-core';

export const base = process.env.BASE ?? assert.fail('BASE names no portal: run go test ./e2e');
export const sandbox = process.env.SANDBOX ?? assert.fail('SANDBOX names no sandbox: run go test ./e2e');

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const journey = basename(process.argv[1] ?? 'journey', '.test.mjs');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });

const patience = 30_000; // ms, for a page or for a job of the workers
export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 900 };
const narrow = 320; // px, the narrowest screen on which nothing may stick out

const examined = new Set(); // what axe has seen in this process
const pictures = process.env.SHOTS;
let pages = 0;

// finish closes the browser and says how much it has seen.
export async function finish() {
  await browser.close();
  console.log(`${journey}: axe looked at ${examined.size} different pages, of ${pages} visited`);
  if (process.env.PAGES) appendFileSync(process.env.PAGES, `${examined.size}\n`);
}

if (process.env.NODE_TEST_CONTEXT) after(finish);

const windows = new Map();

// who is a person with a window of their own, signed in where they have been:
// citizens at a telephone, officers at a desk.
export async function who(name, options = {}) {
  const { officer = false, ...rest } = options;
  if (!windows.has(name)) windows.set(name, await Person.open(name, { viewport: officer ? desktop : phone, ...rest }));
  return windows.get(name);
}

export class Person {
  // open gives the person a fresh window, in which nobody is signed in.
  static async open(name, { viewport = phone, js = true } = {}) {
    const context = await browser.newContext({ viewport, javaScriptEnabled: js, locale: 'vi-VN', timezoneId: 'Asia/Ho_Chi_Minh' });
    context.setDefaultTimeout(patience);
    const person = new Person();
    Object.assign(person, { name, context, js, phone: viewport.width < 1000, asked: 0, lang: 'vi' });
    await person.tab();
    return person;
  }

  // tab opens a further page in the same window; what was open stays.
  async tab() {
    const page = await this.context.newPage();
    Object.assign(this, { page, status: 0, complaints: [] });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) this.complaints.push(message.text());
    });
    page.on('response', (response) => {
      const request = response.request();
      if (request.resourceType() === 'xhr' || (request.isNavigationRequest() && request.frame() === page.mainFrame())) this.status = response.status();
      else if (response.status() >= 400 && response.status() !== 409) this.complaints.push(`${response.status()} ${response.url()}`);
    });
    return page;
  }

  // on lets what follows happen in another tab of the person.
  on(page) {
    this.page = page;
    return this;
  }

  get main() {
    return this.page.getByRole('main');
  }

  async close() {
    windows.delete(this.name);
    await this.context.close();
    await this.mirror?.context().close();
  }

  // visit goes to an address, as from a bookmark or from a paper.
  async visit(path, status = 200) {
    await this.page.goto(new URL(path, base).href);
    await this.examine(status);
  }

  // press follows a button, or a link, by its text; a pattern stands for a part of it.
  async press(name, { status = 200, within = this.page } = {}) {
    const named = { name, exact: typeof name === 'string' };
    await this.follow(within.getByRole('button', named).or(within.getByRole('link', named)), status);
  }

  // follow clicks and waits for the page that comes: it is loaded, or, where the
  // script sends a form with files, put in the place of the one before.
  async follow(target, status = 200) {
    if (this.js) await this.page.evaluate(() => document.body.setAttribute('data-before', ''));
    const come = this.js ? this.page.waitForFunction(() => document.readyState === 'complete' && !document.querySelector('body[data-before]')) : this.page.waitForEvent('load');
    await Promise.all([come.catch(async () => assert.fail(`${this.name} stays at ${this.page.url()}: ${await this.text()}`)), target.click()]);
    await this.examine(status);
  }

  // examine holds every page: its status, that the browser complains of nothing,
  // that axe finds nothing, and for citizens that nothing sticks out at 320 px.
  async examine(status = 200) {
    pages++;
    const at = `${this.name} at ${this.page.url()}`;
    if (!(this.any && this.status === 422)) assert.equal(this.status, status, `${at}: ${this.status === status ? '' : await this.text()}`);
    assert.deepEqual(this.complaints, [], at);
    if (this.page.url().startsWith(base)) assert.equal(await this.page.locator('html').getAttribute('lang'), this.lang, at);
    if (pictures) await this.picture();
    // What was answered, ids, codes, dates and hours do not make a page another one.
    const look = `${this.phone} ${(await this.page.content()).replace(/value="[^"]*"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|H[\d.]+-\d{6}-\d{6}|\d{1,2}[/:]\d\d([/:]\d+)?/g, '')}`;
    if (examined.has(look)) return;
    examined.add(look);
    const { violations } = await this.violations();
    assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`), [], at);
    if (!this.phone) return;
    await this.page.setViewportSize({ width: narrow, height: phone.height });
    const beyond = await this.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    await this.page.setViewportSize(phone);
    assert.equal(beyond, 0, `${at} is ${beyond} px too wide for ${narrow} px`);
  }

  // violations runs axe. In a window without JavaScript it cannot run, so that it
  // gets the same page, without scripts, in another window.
  async violations() {
    const run = `${axe}; axe.run({resultTypes: ['violations']})`;
    if (this.js) return this.page.evaluate(run);
    if (!this.mirror) {
      const context = await browser.newContext({ viewport: this.page.viewportSize() });
      this.mirror = await context.newPage();
      await this.mirror.route('**', async (route) => {
        if (route.request().isNavigationRequest()) await route.fulfill({ body: await this.page.content(), contentType: 'text/html; charset=utf-8' });
        else if (route.request().resourceType() === 'script') await route.abort();
        else await route.continue();
      });
    }
    await this.mirror.goto(this.page.url());
    return this.mirror.evaluate(run);
  }

  async picture() {
    mkdirSync(pictures, { recursive: true });
    const title = (await this.page.title()).normalize('NFD').replace(/đ/gi, 'd').replace(/[^a-zA-Z0-9 ]/g, '').trim().replace(/ +/g, '-').slice(0, 50);
    await this.page.screenshot({ path: join(pictures, `${journey}-${String(pages).padStart(3, '0')}-${this.phone ? 'phone' : 'desk'}-${title}.png`), fullPage: true });
  }

  async text() {
    return (await this.main.innerText()).replace(/\s+/g, ' ');
  }

  // says checks that the page shows each of the texts.
  async says(...texts) {
    const shown = await this.text();
    for (const text of texts) {
      if (text instanceof RegExp) assert.match(shown, text, `${this.name} at ${this.page.url()}`);
      else assert.ok(shown.includes(text), `${this.name} at ${this.page.url()} does not read “${text}”:\n${shown}`);
    }
  }

  async saysNot(text) {
    const shown = await this.text();
    assert.ok(!shown.includes(text), `${this.name} at ${this.page.url()} reads “${text}”:\n${shown}`);
  }

  // until reloads the page until it says the text: workers do what follows from an act.
  async until(text) {
    for (let end = Date.now() + patience, reloaded = false; ; reloaded = true) {
      const shown = await this.text();
      if (text instanceof RegExp ? text.test(shown) : shown.includes(text)) return reloaded && this.examine();
      if (Date.now() > end) assert.fail(`${this.name} at ${this.page.url()} waits in vain for “${text}”:\n${shown}`);
      await new Promise((done) => setTimeout(done, 200));
      await this.page.reload();
    }
  }

  async heading(name) {
    assert.equal((await this.page.getByRole('heading', { level: 1 }).innerText()).replace(/\s+/g, ' ').trim(), name, `${this.name} at ${this.page.url()}`);
  }

  // mistaken checks the page of a form that was not accepted: its title, and a
  // summary that has the focus and leads to the input.
  async mistaken() {
    const error = { vi: /^Lỗi: /, en: /^Error: / }[this.lang];
    assert.match(await this.page.title(), error);
    await this.says({ vi: 'Có vấn đề cần sửa', en: 'There is a problem' }[this.lang]);
    if (!this.js) return;
    const focused = (what) => this.page.evaluate((selector) => document.activeElement.matches(selector), what);
    assert.ok(await focused('[data-error-summary]'), 'the summary has the focus');
    await this.main.getByRole('alert').getByRole('link').first().click();
    assert.ok(await focused('input, textarea, select'), 'the link of the summary leads to the input');
  }

  // pdf takes the paper behind a link and gives its bytes.
  async pdf(name) {
    const [download] = await Promise.all([this.page.waitForEvent('download'), this.page.getByRole('link', { name }).first().click()]);
    const bytes = await readFile(await download.path());
    assert.equal(bytes.subarray(0, 5).toString(), '%PDF-', `${this.name}: ${name}`);
    return bytes;
  }

  // signIn passes the sandbox's page, which plays the national identity provider, by one click.
  async signIn() {
    await this.says(/Chọn một người trong dữ liệu mẫu|Choose somebody of the demo data/);
    await this.press(new RegExp(`^${this.name} `));
  }
}

// paper is a small PDF with one line, as people hand in.
export function paper(name, line) {
  const stream = `BT /F1 18 Tf 60 760 Td (${line}) Tj ET`;
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const at = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const xref = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('')}`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`;
  return { name, mimeType: 'application/pdf', buffer: Buffer.from(text, 'latin1') };
}
