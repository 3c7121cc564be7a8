// wasm.mjs - The WebAssembly heap beside wasi-libc's dlmalloc, in one run.
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   node tools/bench/wasm.mjs [ROUNDS]
//
// $CAIRN is the driver (build/bin/cairn), $CLANG builds the peer (build/llvm/clang). Rounds
// alternate; the table has the median and the least of each, in ns, and their ratios.

import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const cairn = process.env.CAIRN ?? path.join(here, '../../build/bin/cairn');
const clang = process.env.CLANG ?? path.join(path.dirname(cairn), '../llvm/clang');
const rounds = Number(process.argv[2] ?? 15);
if (!(rounds > 0)) {
  console.error(`wasm.mjs: ROUNDS is ${process.argv[2]}, not a number above 0`);
  process.exit(1);
}
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-bench-'));
process.on('exit', () => fs.rmSync(directory, {recursive: true, force: true}));
const at = name => path.join(directory, name);
const source = name => path.join(here, 'wasm', name);
const build = (output, ...options) => {
  execFileSync(cairn, ['build', '--target=wasm32', ...options, '-o', at(output)]);
  return fs.readFileSync(at(output));
};

// Bytes.
const whole = build('whole.wasm', '-Oz', source('size.c')).length;
const stub = build('stub.wasm', '-Oz', '-DSTUB', source('size.c')).length;
console.log(`bytes that allocator and counts add: ${whole - stub} (${whole} - ${stub})`);

// Times.
function start(bytes) {
  const module = new WebAssembly.Module(bytes), imports = {};
  for (const {module: from, name} of WebAssembly.Module.imports(module))
    (imports[from] ??= {})[name] = () => { throw new Error(`${from}.${name}`); };
  return new WebAssembly.Instance(module, imports).exports;
}
const ours = start(build('loops.wasm', '-O2', source('loops.c')));
const withJs = start(build('js.wasm', '-O2', '--js', source('loops.c')));
execFileSync(clang, ['-O2', '--target=wasm32-wasip1', '-DPEER', '-nostdlib', '-Wl,--no-entry',
  source('loops.c'), '/usr/lib/wasm32-wasi/libc.a', '-o', at('peer.wasm')]);
const theirs = start(fs.readFileSync(at('peer.wasm')));

const PAIRS = 2e6, LISTS = 500, NODES = 1000, CALLS = 1e6;
const type = withJs.node_type();
const cases = {
  'malloc(16) + free': [PAIRS, () => ours.pairs(PAIRS), () => theirs.pairs(PAIRS)],
  'list of 1,000 raw nodes, a node':
    [LISTS * NODES, () => ours.raw_lists(LISTS, NODES), () => theirs.raw_lists(LISTS, NODES)],
  'list of 1,000 counted objects, a node':
    [LISTS * NODES, () => ours.lists(LISTS, NODES), () => theirs.raw_lists(LISTS, NODES)],
  'the same, in a module for JavaScript (--js)':
    [LISTS * NODES, () => withJs.lists(LISTS, NODES), () => theirs.raw_lists(LISTS, NODES)],
  'JS calls the program\'s alloc and decref':
    [CALLS, () => { for (let i = 0; i < CALLS; ++i) ours.js_drop(ours.js_new()); },
      () => { for (let i = 0; i < CALLS; ++i) theirs.js_drop(theirs.js_new()); }],
  'JS calls cairn_js_alloc and _decref':
    [CALLS, () => { for (let i = 0; i < CALLS; ++i) withJs.cairn_js_decref(withJs.cairn_js_alloc(type)); },
      () => { for (let i = 0; i < CALLS; ++i) theirs.js_drop(theirs.js_new()); }],
};
const measured = Object.fromEntries(Object.keys(cases).map(name => [name, [[], []]]));
const time = (run, operations) => {
  const from = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - from) / operations;
};
for (let round = -3; round < rounds; ++round) // three to let the engine compile
  for (const [name, [operations, ...runs]] of Object.entries(cases))
    runs.forEach((run, i) => {
      const ns = time(run, operations);
      if (round >= 0)
        measured[name][i].push(ns);
    });
const sorted = list => [...list].sort((a, b) => a - b);
const median = list => sorted(list)[list.length >> 1];
console.log(`node ${process.version}, ${rounds} rounds: median (least), ns`);
for (const [name, [mine, peer]] of Object.entries(measured)) {
  const show = list => `${median(list).toFixed(2)} (${Math.min(...list).toFixed(2)})`;
  const ratio = `${(median(mine) / median(peer)).toFixed(2)} (${(Math.min(...mine) / Math.min(...peer)).toFixed(2)})`;
  console.log(`${name.padEnd(40)} ${show(mine).padEnd(16)} dlmalloc ${show(peer).padEnd(16)} ratio ${ratio}`);
}
