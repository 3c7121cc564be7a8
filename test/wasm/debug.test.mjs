// debug.test.mjs - A debug build finds faults that are planted in linear memory.
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// $CAIRN is the driver of a debug build (docs/debug-build.md). Each case writes over one word
// of the heap's own, and goes on as a program does: the module must trap, after a message
// that names the structure.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import {fileURLToPath} from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-wasm-'));
process.on('exit', () => fs.rmSync(directory, {recursive: true, force: true}));

const output = path.join(directory, 'runtime.wasm');
execFileSync(process.env.CAIRN, ['build', '-O2', path.join(here, 'Inputs/runtime.c'),
  '--target=wasm32', '--js', '--max-memory=4M', '-o', output]);
const module = new WebAssembly.Module(fs.readFileSync(output));

/** A heap with slabs, of which one has free slots, and large blocks, one of them freed. */
function world() {
  let printed = '';
  const unexpected = (...what) => assert.fail(JSON.stringify(what));
  const {exports: e} = new WebAssembly.Instance(module, {
    cairn: {
      fail: unexpected,
      full: unexpected,
      print(at, n) {
        printed += Buffer.from(new Uint8Array(e.memory.buffer, at, n)).toString();
      },
    },
    test: {stop() {}},
  });
  const blocks = Array.from({length: 500}, () => e.raw(100));
  const objects = e.list(100);
  for (const i of [3, 10, 20])
    e.raw_free(blocks[i]);
  const large = [5000, 6000, 7000, 8000].map(n => e.raw(n));
  e.raw_free(large[1]);
  return {
    e, objects, large,
    slab: blocks[0] & ~16383,
    other: blocks[499] & ~16383,
    word: (at, change) => {
      const words = new Uint32Array(e.memory.buffer);
      const old = words[at >>> 2];
      if (change !== undefined)
        words[at >>> 2] = typeof change === 'function' ? change(old) : change;
      return old;
    },
    use() {
      for (let i = 0; i < 2000; ++i) {
        e.raw_free(e.raw(9000));
        e.raw(200);
      }
    },
    printed: () => printed,
  };
}

// A slab's page: free list, credit, next, prev, every, slots. A large block's word, bytes asked
// for, prev and check lie in the 16 bytes before it.
const faults = {
  'a wrong credit': ['slab', w => w.word(w.slab + 4, n => n + 1)],
  'a wrong number of slots': ['slab', w => w.word(w.slab + 20, n => n - 1)],
  'a wrong reciprocal': ['slab', w => w.word(w.slab + 16, n => n + 1)],
  'a free list in a circle': ['free list', w => w.word(w.word(w.slab), w.word(w.slab))],
  'a free list that leaves the slab': ['free list', w => w.word(w.word(w.slab), w.other + 32)],
  'a free list off a slot': ['free list', w => w.word(w.slab, n => n + 4)],
  'a queue with a wrong neighbour': ['queue of slabs', w => w.word(w.slab + 12, 16)],
  'a count in a free object': ['list of bin', w => {
    w.e.drop(w.objects);
    const free = w.e.list(1);
    w.e.drop(free);
    w.word((free & ~16383) + 24 + 16 * 1000, 1);
  }],
  'a large block that is too long': ['chunk', w => w.word(w.large[0] - 16, n => n + 64)],
  'a large block without its check': ['chunk', w => w.word(w.large[2] - 4, n => n ^ 1)],
  'more bytes asked for than there are': ['chunk', w => w.word(w.large[2] - 12, n => n + 4096)],
  'a free chunk without its size at its end': ['chunk', w => w.word(w.large[2] - 20, 64)],
  'a chunk that is not said to follow a free one':
    ['chunk', w => w.word(w.large[2] - 16, n => n & ~2)],
};

for (const [name, [structure, plant]] of Object.entries(faults))
  test(`${name} is found`, () => {
    const w = world();
    plant(w);
    assert.throws(() => w.use(), WebAssembly.RuntimeError);
    assert.match(w.printed(), new RegExp(`^cairn: assertion failed: ${structure} 0x`));
  });

test('nothing is found where nothing was planted', () => {
  const w = world();
  w.use();
  assert.equal(w.printed(), '');
  assert.ok(w.e.check());
});
