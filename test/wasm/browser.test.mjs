//===- browser.test.mjs - @cairn/wasm on a page, in headless Chromium ---------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Needs Debian's chromium, and playwright-core (`npm ci` here); is skipped without.
//
//===----------------------------------------------------------------------===//

import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import {build, directory, install} from './setup.mjs';

const CHROMIUM = '/usr/bin/chromium';
const playwright = await import('playwright-core').catch(error => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND')
    throw error;
});
const skip = !fs.existsSync(CHROMIUM) ? `there is no ${CHROMIUM} (Debian package chromium)`
             : !playwright ? 'there is no playwright-core: run npm ci in test/wasm'
                           : false;

const TYPES = {'.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm'};

/** Serves the page, the installed package and the module, and nothing else. */
async function serve(files) {
  const server = http.createServer((request, response) => {
    const name = new URL(request.url, 'http://localhost').pathname;
    const file = files(name);
    if (!file || !fs.existsSync(file))
      return response.writeHead(404).end();
    response.writeHead(200, {'content-type': TYPES[path.extname(file)]});
    response.end(fs.readFileSync(file));
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  return server;
}

test('a page loads a program, prints its result and heap.stats()', {skip}, async t => {
  build();
  const installed = install();
  const server = await serve(name => {
    if (name === '/')
      return new URL('page.html', import.meta.url).pathname;
    if (name === '/package.wasm')
      return path.join(directory, 'package.wasm');
    const [, own] = /^\/cairn\/(\w+\.js)$/.exec(name) ?? [];
    return own && path.join(installed, own);
  });
  t.after(() => server.close());
  const context = await playwright.chromium.launchPersistentContext(
      fs.mkdtempSync(path.join(directory, 'profile-')), {
        executablePath: CHROMIUM,
        headless: true,
        args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
          '--disable-background-networking', '--disable-component-update', '--disable-sync'],
      });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => document.title === 'done');
  const [sum, before, error, after] =
      (await page.textContent('#output')).trim().split('\n');
  assert.equal(sum, 'sum 5050');
  assert.equal(JSON.parse(before).objects, 100);
  assert.equal(error, 'CairnError dead');
  assert.deepEqual([JSON.parse(after).objects, JSON.parse(after).bytes], [0, 0]);
});
