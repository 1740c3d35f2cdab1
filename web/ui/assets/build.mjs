// Makes the files that the program embeds: the style (the parts of the design
// system that the pages use, our theme, our own rules), the script, the icon and
// the typeface cut down to Vietnamese. File names carry a digest of the content;
// manifest.json tells package ui which is which. Prints what a page costs.
//
//     npm ci --omit=dev && node web/ui/assets/build.mjs

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';
import subset from 'subset-font';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const resolve = createRequire(import.meta.url).resolve;

const fromSystem = ['base', 'button', 'input', 'label', 'link', 'heading', 'alert', 'tag', 'table', 'card', 'error-summary'];
const own = ['frame', 'form', 'parts', 'desk', 'studio'];
const weights = [400, 600];
const target = ['chrome109', 'firefox115', 'safari16'];

// What a page loads may weigh on the wire; its own HTML has 12 KB more, which the gallery's test holds.
const budget = 48 * 1024;

// The letters of Vietnamese and English, digits, and the marks that the pages print.
const scripts = {
  latin: {
    range: 'U+0020-007E, U+00A0-00BF, U+00C0-00C3, U+00C8-00CA, U+00CC-00CD, U+00D2-00D5, U+00D7, U+00D9-00DA, U+00DD, U+00E0-00E3, U+00E8-00EA, U+00EC-00ED, U+00F2-00F5, U+00F9-00FA, U+00FD, U+2009, U+2013-2014, U+2018-2019, U+201C-201D, U+2022, U+2026, U+202F, U+2190-2193, U+2212',
    features: ['kern', 'liga', 'mark', 'ccmp', 'locl'],
  },
  vietnamese: {
    range: 'U+0102-0103, U+0110-0111, U+0128-0129, U+0168-0169, U+01A0-01A1, U+01AF-01B0, U+0300-0301, U+0303, U+0309, U+0323, U+1EA0-1EF9, U+20AB',
    features: ['kern', 'mark', 'mkmk', 'ccmp', 'locl'],
  },
};

const manifest = {};
const sizes = {};

await mkdir(dist, { recursive: true });
for (const file of await readdir(dist)) {
  if (file !== '.gitignore') await rm(join(dist, file));
}
const faces = await fonts();
await put('ui.css', await style(faces));
await put('ui.js', await script());
await put('icon.svg', await readFile(join(here, 'icon.svg')));
await writeFile(join(dist, 'manifest.json'), JSON.stringify(manifest, null, 1) + '\n');
report();

// put writes a file under its digest, with its packed forms where they help.
async function put(name, content) {
  const bytes = Buffer.from(content);
  const dot = name.lastIndexOf('.');
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const file = `${name.slice(0, dot)}-${digest}${name.slice(dot)}`;
  manifest[name] = file;
  sizes[name] = bytes.length;
  await writeFile(join(dist, file), bytes);
  if (name.endsWith('.woff2')) return file; // packed already
  const packed = gzipSync(bytes, { level: 9 });
  sizes[name] = packed.length;
  await writeFile(join(dist, file + '.gz'), packed);
  await writeFile(join(dist, file + '.br'), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  return file;
}

async function fonts() {
  let css = '';
  for (const weight of weights) {
    for (const [name, { range, features }] of Object.entries(scripts)) {
      const source = await readFile(resolve(`@fontsource/be-vietnam-pro/files/be-vietnam-pro-${name}-${weight}-normal.woff2`));
      const cut = await subset(source, characters(range), { targetFormat: 'woff2', noHinting: true, keepFeatures: features });
      const file = await put(`be-vietnam-pro-${name}-${weight}.woff2`, cut);
      css += `@font-face{font-family:"Be Vietnam Pro";font-weight:${weight};font-display:swap;src:url("${file}") format("woff2");unicode-range:${range.replaceAll(' ', '')}}\n`;
    }
  }
  return css;
}

function characters(range) {
  let text = '';
  for (const part of range.split(', ')) {
    const [from, to = from] = part.slice(2).split('-').map((hex) => parseInt(hex, 16));
    for (let code = from; code <= to; code++) text += String.fromCodePoint(code);
  }
  return text;
}

async function style(faces) {
  const theme = await readFile(join(here, 'theme.css'), 'utf8');
  const parts = [];
  for (const name of fromSystem) parts.push(await readFile(resolve(`@digdir/designsystemet-css/${name}.css`), 'utf8'));
  const rules = [];
  for (const name of own) rules.push(await readFile(join(here, name + '.css'), 'utf8'));
  const system = prune(parts.join('\n'));
  const missing = undefinedTokens(theme + system, system + rules.join('\n') + theme);
  if (missing.length > 0) throw new Error('theme.css does not define ' + missing.join(', '));
  const whole = `${faces}@layer ds.theme, ds.base;\n${theme}\n@layer ds.base {\n${system}\n}\n${rules.join('\n')}`;
  return (await transform(whole, { loader: 'css', minify: true, target })).code;
}

// prune leaves out sizes of headings that no page of ours has: the component
// reads seven of them, one is used.
function prune(css) {
  return css.replace(/\[data-size="?(?:2xl|xl|lg|md|sm|xs)"?\]:is\([^{}]*\)\{[^{}]*\}/g, '').replace(/\.ds-heading\[data-size="?(?:2xl|xl|lg|md|sm|xs)"?\]\{[^{}]*\}/g, '');
}

// undefinedTokens are the tokens that the style reads and nothing sets: with an
// update of the package a new one would show as a missing border or colour.
function undefinedTokens(defining, using) {
  const set = new Set([...defining.matchAll(/(--ds-[\w-]+)\s*:/g)].map((m) => m[1]));
  const read = new Set([...using.matchAll(/var\((--ds-[\w-]+)\)/g)].map((m) => m[1]));
  return [...read].filter((token) => !set.has(token)).sort();
}

async function script() {
  const out = await build({ entryPoints: [join(here, 'script', 'ui.mjs')], bundle: true, minify: true, format: 'iife', target, write: false, logLevel: 'warning' });
  return out.outputFiles[0].text;
}

function report() {
  let sum = 0;
  for (const [name, size] of Object.entries(sizes)) {
    sum += size;
    console.log(`${String(size).padStart(7)}  ${name}`);
  }
  console.log(`${String(sum).padStart(7)}  bytes on the wire (gzip), of ${budget}`);
  if (sum > budget) throw new Error('the assets of a page are over their budget');
}
