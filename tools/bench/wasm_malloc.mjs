// wasm_malloc.mjs - malloc under WASI beside wasi-libc's dlmalloc: time and memory by pattern.
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   node --no-warnings tools/bench/wasm_malloc.mjs [ROUNDS [PATTERN]]
//
// $CAIRN is the driver (build/bin/cairn), $CLANG builds the peer (build/llvm/clang), $WASI is where
// wasi-libc is (/usr). Each run is in a new instance, and rounds begin with each of the two in
// turn. What earlier instances left is collected before a run: else it would be collected by
// whichever program grows memory next, in its time. The table has the median of the thread's
// processor time of each in ms, and how large memory is afterwards, all of it: stack and data
// too.

import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';
import {WASI} from 'node:wasi';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');

const PATTERNS = [
  'mix 16 64 10000 2000000', 'mix 16 200 10000 2000000', 'mix 16 1024 10000 2000000',
  'mix 16 2048 20000 2000000', 'mix 500 3000 10000 1000000', 'mix 2049 4096 5000 1000000',
  'mix 2049 20000 2000 1000000', 'mix 3000 33000 2000 500000', 'mix 4096 4097 5000 1000000',
  'mix 16384 16385 1000 500000', 'mix 10000 300000 200 200000', 'mix 100000 1000000 50 50000',
  'grow 1 16 150 30000000 0', 'grow 10 16 110 1000000 10', 'grow 10 1024 100 200000 1',
  'grow 100 64 100 20000 1', 'grow 1000 16 150 20000 5', 'grow 2 100 101 3000000 3',
  'resize 16 2000 5000 1000000', 'resize 1000 20000 1000 300000',
  'queue 16 500 20000 2000000', 'queue 2000 9000 3000 1000000', 'queue 20000 90000 300 200000',
  'stack 16 17 20000 100', 'stack 16 500 10000 100', 'stack 2049 10000 2000 100',
  'phases 16 100000', 'aged 200000 5', 'text 20000 1000000', 'text 2000 1000000',
];

const here = path.dirname(fileURLToPath(import.meta.url));
const cairn = process.env.CAIRN ?? path.join(here, '../../build/bin/cairn');
const clang = process.env.CLANG ?? path.join(path.dirname(cairn), '../llvm/clang');
const root = process.env.WASI ?? '/usr';
const rounds = Number(process.argv[2] ?? 5);
if (!(rounds > 0)) {
  console.error(`wasm_malloc.mjs: ROUNDS is ${process.argv[2]}, not a number above 0`);
  process.exit(1);
}
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-bench-'));
process.on('exit', () => fs.rmSync(directory, {recursive: true, force: true}));
const source = path.join(here, 'wasm/patterns.c');
const at = name => path.join(directory, name);

const library = path.join(root, 'lib/wasm32-wasi');
const resources = execFileSync(clang, ['-print-resource-dir'], {encoding: 'utf8'}).trim();
execFileSync(cairn, ['build', '-O2', '--target=wasm32-wasi', source, '-o', at('ours.wasm')]);
execFileSync(clang, ['-O2', '--target=wasm32-wasip1', '-nostdlibinc', '-nostdlib', '-idirafter',
  path.join(root, 'include/wasm32-wasi'), path.join(library, 'crt1-command.o'), source,
  path.join(library, 'libc.a'), path.join(resources, 'lib/wasi/libclang_rt.builtins-wasm32.a'),
  '-o', at('peer.wasm')]);
const modules = ['ours', 'peer'].map(
    name => new WebAssembly.Module(fs.readFileSync(at(`${name}.wasm`))));

const THREAD = 3; // WASI's clock of the thread's processor time

/** Runs a pattern once: [milliseconds, bytes]. */
function run(module, pattern) {
  const wasi = new WASI({version: 'preview1', args: ['patterns', ...pattern.split(' ')],
    returnOnExit: true});
  const clock = wasi.wasiImport.clock_time_get;
  const imports = {
    ...wasi.wasiImport,
    clock_time_get: (id, precision, at) => clock(THREAD, precision, at),
  };
  const instance = new WebAssembly.Instance(module, {wasi_snapshot_preview1: imports});
  collect();
  if (wasi.start(instance))
    throw new Error(`${pattern}: failed`);
  return [instance.exports.elapsed() / 1e6, instance.exports.memory.buffer.byteLength];
}

const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];
const mega = bytes => (bytes / 1e6).toFixed(2);
console.log(`node ${process.version}, median of ${rounds} rounds\n`);
console.log('| pattern | ms | dlmalloc | ratio | MB | dlmalloc | ratio |');
console.log('|---|---|---|---|---|---|---|');
let time = 0, count = 0, space = 0, mine = 0, theirs = 0;
for (const pattern of PATTERNS.filter(name => name.includes(process.argv[3] ?? ''))) {
  const results = [[], []];
  for (let round = -1; round < rounds; ++round) // one to let the engine compile
    for (const i of round % 2 ? [1, 0] : [0, 1]) {
      const result = run(modules[i], pattern);
      if (round >= 0)
        results[i].push(result);
    }
  const [[a, x], [b, y]] = results.map(list => [0, 1].map(k => median(list.map(r => r[k]))));
  console.log(`| ${pattern} | ${a.toFixed(1)} | ${b.toFixed(1)} | ${(a / b).toFixed(2)} ` +
      `| ${mega(x)} | ${mega(y)} | ${(x / y).toFixed(2)} |`);
  time += Math.log(a / b);
  space += Math.log(x / y);
  mine += x;
  theirs += y;
  ++count;
}
console.log(`\ngeometric mean of times ${Math.exp(time / count).toFixed(2)}, of memory ` +
    `${Math.exp(space / count).toFixed(2)}; memory in sum ${mega(mine)} against ${mega(theirs)}: ` +
    `${(mine / theirs).toFixed(2)}`);
