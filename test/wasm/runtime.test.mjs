//===- runtime.test.mjs - The heap in linear memory, by the module's own exports ---===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// $CAIRN is the driver. Every test has an instance of its own, of at most 4 MiB.
//
//===----------------------------------------------------------------------===//

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

/** What Inputs/runtime.c becomes at a level. */
function build(level) {
  const output = path.join(directory, `runtime${level}.wasm`);
  execFileSync(process.env.CAIRN ?? 'cairn', ['build', level, '-Wall', '-Wextra', '-Werror',
    path.join(here, 'Inputs/runtime.c'), '--target=wasm32', '--js', '--max-memory=4M', '-o', output]);
  return new WebAssembly.Module(fs.readFileSync(output));
}

class Failure extends Error {
  constructor(what) {
    super(JSON.stringify(what));
    Object.assign(this, what);
  }
}

/** The exports of a new instance; `stop` is what finalisers call. */
function start(module, stop = () => {}) {
  let memory;
  const text = at => {
    const bytes = new Uint8Array(memory.buffer);
    return Buffer.from(bytes.subarray(at, bytes.indexOf(0, at))).toString();
  };
  const {exports} = new WebAssembly.Instance(module, {
    cairn: {
      fail(kind, at, message) {
        throw new Failure({kind, at: at >>> 0, message: message ? text(message) : ''});
      },
      full(request, limit) {
        throw new Failure({request, limit});
      },
      print() {},
    },
    test: {stop: () => stop(exports)},
  });
  memory = exports.memory;
  return exports;
}

const FOREIGN = 1, DEAD = 2, INTERIOR = 3, KIND = 4, SIZE = 5;

function fails(kind, call) {
  assert.throws(call, error => error instanceof Failure && error.kind === kind);
}

for (const level of ['-O0', '-O2', '-Oz']) {
  const module = build(level);

  test(`${level}: memory that one size filled serves all others`, () => {
    const e = start(module);
    const first = {};
    for (const n of [16, 100, 2048, 3000, 70000, 1 << 20])
      first[n] = e.fill(n);
    for (const n of [1 << 20, 16, 70000, 3000, 2048, 100])
      assert.equal(e.fill(n), first[n], `${n} bytes`);
    assert.ok(first[16] > 200000 && first[1 << 20] === 3, JSON.stringify(first));
    assert.equal(e.live(), 0);
    assert.ok(e.check());
  });

  test(`${level}: random blocks hold what was written`, () => {
    const e = start(module);
    for (const seed of [1, 2, 3, 4])
      assert.equal(e.churn(seed, 30000), 0);
    assert.equal(e.live(), 0);
    assert.ok(e.used() > 0);
    e.trim();
    assert.equal(e.used(), 0);
    assert.ok(e.check());
  });

  test(`${level}: exhaustion names request and limit, and the heap goes on`, () => {
    const e = start(module);
    let list = 0;
    const failed = (() => {
      try {
        for (;;)
          list = e.cons(1, list);
      } catch (error) {
        return error;
      }
    })();
    assert.deepEqual([failed.request, failed.limit], [16, 4 << 20]);
    assert.equal(e.try_bytes(100), 0);
    assert.equal(e.raw(5000), 0);
    assert.ok(e.check());
    const nodes = e.live();
    e.drop(list);
    assert.equal(e.live(), 0);
    e.drop(e.list(nodes));
    assert.throws(() => e.cairn_js_alloc_bytes(5 << 20), error => error.request === (5 << 20) + 8);
    assert.ok(e.check());
  });

  test(`${level}: memory that the host grows is not the heap's`, () => {
    const e = start(module);
    const list = e.list(1000);
    const theirs = e.memory.grow(2) * 65536;
    new Uint8Array(e.memory.buffer, theirs, 131072).fill(0xab);
    e.drop(list);
    e.fill(16);
    e.fill(40000);
    assert.ok(new Uint8Array(e.memory.buffer, theirs, 131072).every(x => x === 0xab));
    fails(FOREIGN, () => e.raw_free(theirs + 16));
    assert.ok(e.check());
  });

  test(`${level}: wrong addresses`, () => {
    const e = start(module);
    const p = e.raw(100), large = e.raw(10000), list = e.list(3);
    for (const bad of [8, 70000, 0x7ffffff0, -16])
      fails(FOREIGN, () => e.cairn_js_free(bad));
    for (const bad of [8, 70000, 0x7ffffff0, -16])
      fails(FOREIGN, () => e.cairn_js_decref(bad));
    fails(INTERIOR, () => e.cairn_js_free(p + 8));
    fails(INTERIOR, () => e.raw_free(large + 4096));
    fails(KIND, () => e.raw_free(list));
    fails(KIND, () => e.cairn_js_incref(p));
    fails(SIZE, () => e.raw_free_sized(large, 3000));
    e.raw_free(p);
    fails(DEAD, () => e.cairn_js_free(p));
    e.raw_free(large);
    fails(DEAD, () => e.cairn_js_free(large));
    e.drop(list);
    fails(DEAD, () => e.drop(list));
    fails(DEAD, () => e.cairn_js_decref(list));
    // The program's own release, by an address whose count reads 1: that lies in the slot
    // behind, which is free.
    const one = e.cons(1, 0);
    fails(DEAD, () => e.drop(one + 12));
    e.drop(one);
    assert.equal(e.live(), 0);
    assert.ok(e.check());
  });

  test(`${level}: an exception out of a finaliser loses no more than its object`, () => {
    let throwing = false;
    const e = start(module, () => {
      if (throwing)
        throw new Error('stopped');
    });
    const held = e.hold(e.list(5));
    const stack = e.__stack_pointer.value;
    throwing = true;
    assert.throws(() => e.drop(held), /stopped/);
    e.__stack_pointer.value = stack;
    throwing = false;
    assert.equal(e.live(), 6); // it, and what it holds
    e.drop(e.hold(e.list(7)));
    assert.equal(e.live(), 6);
    assert.ok(e.check());
  });

  test(`${level}: what a finaliser drops is gone when the drop returns`, () => {
    let extra = 0;
    const e = start(module, exports => exports.drop(extra));
    extra = e.list(100000);
    e.drop(e.hold(e.list(3)));
    assert.equal(e.live(), 0);
    assert.ok(e.check());
  });

  test(`${level}: alignment, and blocks resized in place and elsewhere`, () => {
    const e = start(module);
    const blocks = [];
    for (let align = 8; align <= 65536; align *= 2)
      for (const n of [1, 24, 3000]) {
        const p = e.aligned(align, n);
        assert.equal((p >>> 0) % align, 0);
        blocks.push(p);
      }
    for (const n of [16, 48, 160, 2048])
      assert.equal(e.raw(n) % 16, 0, `${n} bytes`);
    assert.equal(e.aligned(3, 8), 0);
    blocks.forEach(e.raw_free);
    const last = e.raw(5000);
    assert.equal(e.resize(last, 9000), last);
    assert.equal(e.resize(last, 3000), last);
    new Uint8Array(e.memory.buffer, last, 3000).fill(7);
    const small = e.resize(last, 100);
    assert.ok(new Uint8Array(e.memory.buffer, small, 100).every(x => x === 7));
    assert.equal(e.resize(small, 0xfffffff0), 0);
    assert.ok(e.check());
  });

  test(`${level}: the walk sees every live block once, in order`, () => {
    const e = start(module);
    const wanted = new Set();
    for (let i = 0; i < 700; ++i)
      wanted.add(e.raw(i * 9 % 3000 + 1));
    const list = e.list(500);
    const gone = [...wanted].filter((p, i) => i % 3 === 0);
    for (const p of gone) {
      e.raw_free(p);
      wanted.delete(p);
    }
    for (let at = list; at; at = new Int32Array(e.memory.buffer)[at / 4])
      wanted.add(at);
    const seen = [];
    for (let after = 0;;) {
      const words = new Uint32Array(e.memory.buffer), at = e.cairn_js_walk(after) / 4;
      if (!words[at])
        break;
      for (let i = 0; i < words[at]; ++i)
        seen.push(after = words[at + 1 + i * 4]);
    }
    assert.deepEqual(seen, [...wanted].sort((a, b) => a - b));
  });
}
