//===- package.test.mjs - @cairn/wasm, from its packed file, in Node ---------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import {build, buildWithContainers, importPackage} from './setup.mjs';

const {at, load, CairnError, ABI_VERSION} = await importPackage();
const bytes = buildWithContainers();
const fresh = options => load(bytes, options);

/** What `call` throws is a CairnError of this kind whose message matches. */
function fails(kind, message, call) {
  assert.throws(call, error => {
    assert.ok(error instanceof CairnError, `${error}`);
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, message);
    return true;
  });
}

/** The heap is empty, sound, and still gives out objects. */
function usable({heap}) {
  heap.check();
  const p = heap.allocString('still here');
  assert.equal(heap.string(p), 'still here');
  heap.decref(p);
}

function empty(program) {
  usable(program);
  const {objects, blocks, bytes} = program.heap.stats();
  assert.deepEqual({objects, blocks, bytes}, {objects: 0, blocks: 0, bytes: 0});
}

test('the packed file holds modules, types, a README and no dependency', () => {
  const list = fs.readdirSync(at).sort();
  assert.deepEqual(list, ['README.md', 'abi.js', 'containers.js', 'dump.js', 'error.js', 'heap.js', 'index.d.ts',
    'index.js', 'load.js', 'package.json', 'track.js', 'view.js']);
  const own = JSON.parse(fs.readFileSync(path.join(at, 'package.json')));
  assert.equal(own.name, '@cairn/wasm');
  assert.equal(own.dependencies, undefined);
});

test('functions are called, counts are kept', async () => {
  const program = await fresh(), {heap, functions} = program;
  assert.equal(program.information.abi, ABI_VERSION);
  const list = [1, 2, 3].reduce((next, value) => functions.cons(value, next), 0);
  assert.equal(program.call('sum', list), 6);
  assert.equal(heap.refcount(list), 1);
  heap.incref(list);
  assert.equal(heap.refcount(list), 2);
  assert.equal(heap.resolve(list + 5), list);
  assert.equal(heap.stats().objects, 3);
  heap.decref(list);
  heap.decref(list);
  empty(program);
  fails('export', /no function "nothing"/, () => program.call('nothing'));
});

test('types made in JavaScript own their fields', async () => {
  const program = await fresh(), {heap} = program;
  const pair = heap.describe(8, [0, 4]);
  const p = heap.alloc(pair), fields = heap.view(p, Uint32Array, 2);
  assert.deepEqual([...fields], [0, 0]);
  fields[0] = heap.allocString('left');
  fields[1] = heap.allocString('right');
  assert.equal(heap.string(fields[1]), 'right');
  assert.equal(heap.stats().objects, 3);
  heap.decref(p);
  fails('type', /field 1 is at 6/, () => heap.describe(8, [0, 6]));
  fails('type', /field 0 is at 8/, () => heap.describe(8, [8]));
  fails('type', /no descriptor/, () => heap.alloc(3));
  fails('type', /no descriptor/, () => heap.alloc(0xfffffff0));
  empty(program);
});

test('strings go both ways', async () => {
  const program = await fresh(), {heap} = program;
  for (const text of ['', 'a', 'naïve', '日本', '🪨', '\0inside\0', '\ufeffmark', 'x'.repeat(100000)]) {
    const p = heap.allocString(text);
    assert.equal(heap.string(p), text);
    assert.equal(heap.length(p), new TextEncoder().encode(text).length);
    heap.decref(p);
  }
  fails('argument', /5 is not a string/, () => heap.allocString(5));
  const node = program.functions.cons(1, 0);
  fails('kind', /not a string/, () => heap.string(node));
  heap.decref(node);
  empty(program);
});

test('arrays are typed views', async () => {
  const program = await fresh(), {heap} = program;
  const numbers = heap.allocArray(heap.describe(8), 100);
  const view = heap.array(numbers, Float64Array);
  assert.ok(view instanceof Float64Array);
  assert.equal(view.length, 100);
  view.fill(0.5).set([1, 2, 3], 10);
  assert.equal(program.functions.total(numbers, 100), 97 * 0.5 + 6);
  assert.deepEqual(Array.from(view.subarray(9, 13)), [0.5, 1, 2, 3]);
  assert.equal(view.reduce((a, b) => a + b, 0), 97 * 0.5 + 6);
  view.sort((a, b) => b - a);
  assert.deepEqual([...view.slice(0, 4)], [3, 2, 1, 0.5]);
  const data = heap.allocByteArray(10, 4), ints = heap.array(data, Int32Array);
  assert.deepEqual([...ints], Array(10).fill(0));
  ints[9] = -7;
  assert.equal(heap.array(data, Int32Array).at(-1), -7);
  heap.decref(data);
  heap.decref(numbers);
  empty(program);
});

test('a view stays right when memory grows', async () => {
  const program = await fresh(), {heap, memory} = program;
  const block = heap.malloc(64), view = heap.view(block, Uint32Array, 16);
  for (let i = 0; i < 16; ++i)
    view[i] = i + 1;
  const expected = Array.from(view), part = view.subarray(4, 8), raw = view.array;
  const before = memory.buffer;
  const big = heap.malloc(4 << 20);
  assert.notEqual(memory.buffer, before, 'memory grew');
  assert.equal(raw.length, 0, 'a bare typed array is detached');
  assert.deepEqual(Array.from(view), expected);
  assert.deepEqual(Array.from(part), [5, 6, 7, 8]);
  view[0] = 99;
  assert.equal(heap.view(block, Uint32Array, 1)[0], 99);
  // Growth in a callback, in the middle of an iteration, in the value that is stored.
  memory.grow(1);
  assert.deepEqual(Array.from(view.map(x => (x === 3 && memory.grow(1), x))),
      [99, ...expected.slice(1)]);
  const seen = [];
  for (const x of view)
    seen.push((x === 5 && memory.grow(1), x));
  assert.deepEqual(seen, [99, ...expected.slice(1)]);
  view[1] = {valueOf: () => (memory.grow(1), 50)};
  assert.equal(view[1], 50);
  view.set([{valueOf: () => (memory.grow(1), 60)}, 61], 2);
  assert.deepEqual([view[2], view[3]], [60, 61]);
  view.sort((a, b) => (memory.grow(0), a - b));
  assert.equal(view[15], 99);
  heap.free(big);
  heap.free(block);
  empty(program);
});

test('views out of range are refused', async () => {
  const program = await fresh(), {heap} = program;
  const p = heap.allocBytes(64), view = heap.view(p, Uint8Array, 64);
  fails('range', /element 64 of a view of 64/, () => view[64]);
  fails('range', /element 64 of a view of 64/, () => { view[64] = 1; });
  fails('range', /3 elements at 62/, () => view.set([1, 2, 3], 62));
  fails('range', /needs 8000 bytes; there are/, () => heap.view(p, Float64Array, 1000));
  fails('range', /not a multiple of the 4 bytes/, () => heap.view(p + 2, Int32Array, 1));
  fails('argument', /length is -1/, () => heap.view(p, Uint8Array, -1));
  fails('argument', /not a typed array/, () => heap.view(p, Array, 1));
  assert.throws(() => heap.view(0xfffffff0, Uint8Array, 1), CairnError);
  assert.throws(() => heap.view(0, Uint8Array, 1), CairnError);
  heap.decref(p);
  empty(program);
});

test('lists are read and written', async () => {
  const program = await fresh(), {heap} = program;
  const list = heap.list(heap.allocList());
  fails('kind', /empty: say whether/, () => list.append(1));
  list.append(1, 'int');
  list.append(-2);
  list.append(2n ** 62n);
  list.set(0, 7);
  assert.deepEqual(list.toArray(), [7, -2, 2n ** 62n]);
  assert.equal(list.kind, 'int');
  fails('bounds', /element 3 of a list of 3/, () => list.get(3));
  fails('kind', /holds int, not float/, () => list.append(1.5, 'float'));
  fails('argument', /1.5 is not an integer of 8 bytes/, () => list.append(1.5));
  const small = heap.list(heap.allocList(4, 1));
  small.append(127, 'int');
  fails('range', /128 does not fit an element of 1 bytes, which holds integers from -128 to 127/,
      () => small.append(128));
  const floats = heap.list(heap.allocList());
  floats.append(0.25, 'float');
  assert.deepEqual([...floats], [0.25]);
  const refs = heap.list(heap.allocList(0, 4)), text = heap.allocString('in a list');
  refs.append(text, 'ref');
  refs.append(0);
  heap.decref(text);
  assert.equal(heap.string(refs.get(0)), 'in a list');
  assert.throws(() => refs.append(12345), CairnError);
  for (let i = 0; i < 1000; ++i)
    floats.append(i);
  assert.equal(floats.length, 1001);
  fails('kind', /not a dict/, () => heap.dict(list.address));
  for (const each of [list, small, floats, refs])
    heap.decref(each.address);
  assert.throws(() => list.length, CairnError);
  empty(program);
});

test('dicts are read and written', async () => {
  const program = await fresh(), {heap} = program;
  const dict = heap.dict(heap.allocDict());
  dict.set('one', 1, 'int');
  dict.set('half', 0.5, 'float');
  const text = heap.allocString('value');
  dict.set('text', text, 'ref');
  heap.decref(text);
  dict.set('', 0, 'ref');
  dict.set('naïve', -(2n ** 63n));
  assert.equal(dict.get('one'), 1);
  dict.set('one', 2);
  assert.equal(heap.string(dict.get('text')), 'value');
  assert.equal(dict.get('absent'), undefined);
  assert.equal(dict.has('absent'), false);
  assert.deepEqual(new Map(dict),
      new Map([['one', 2], ['half', 0.5], ['text', text], ['', 0], ['naïve', -(2n ** 63n)]]));
  assert.equal(dict.delete('one'), true);
  assert.equal(dict.delete('one'), false);
  assert.equal(dict.size, 4);
  fails('argument', /the key is 5/, () => dict.get(5));
  fails('argument', /the kind is undefined/, () => dict.set('new', 1));
  for (let i = 0; i < 1000; ++i)
    dict.set(`key ${i}`, i, 'int');
  assert.equal(dict.get('key 777'), 777);
  dict.clear();
  assert.equal(dict.size, 0);
  heap.decref(dict.address);
  empty(program);
});

test('wrong pointers and double releases are refused', async () => {
  const program = await fresh(), {heap, functions} = program;
  const p = heap.allocBytes(40), raw = heap.malloc(40);
  for (const call of ['incref', 'decref', 'refcount', 'length', 'string'])
    for (const wrong of [0, 1, 64, 0x7fffffff, 0xfffffff8])
      fails('foreign', /0x/, () => heap[call](wrong));
  for (const wrong of [-1, 1.5, NaN, 2 ** 32, undefined, '4', null])
    fails('argument', /not an integer/, () => heap.decref(wrong));
  fails('kind', /raw block/, () => heap.decref(raw));
  fails('interior', /inside the object/, () => heap.string(p + 4));
  assert.throws(() => heap.free(p), CairnError);
  heap.free(raw);
  assert.throws(() => heap.free(raw), CairnError);
  heap.decref(p);
  fails('dead', /dead/, () => heap.decref(p));
  // Many times, through a frame on the C stack, which must not run out.
  for (let i = 0; i < 2000; ++i)
    assert.throws(() => functions.drop_deep(p), CairnError);
  empty(program);
});

test('exhaustion names the request and the limit; the heap goes on', async () => {
  const program = await fresh(), {heap, functions} = program;
  let list = 0;
  fails('full', /16 bytes requested, the limit is 8388608 bytes/, () => {
    for (;;)
      list = functions.cons(1, list);
  });
  assert.throws(() => heap.allocBytes(1000), {kind: 'full'});
  heap.decref(list);
  empty(program);
  assert.throws(() => heap.malloc(1 << 24), {kind: 'full', request: 1 << 24, limit: 8388608});
  assert.throws(() => heap.allocBytes(1 << 24), error => error.kind === 'full' &&
      error.request >= 1 << 24 && error.limit === 8388608);
  empty(program);
});

test('walk, snapshot and leaks', async () => {
  const program = await fresh(), {heap, functions} = program;
  const kept = heap.allocString('kept'), before = heap.snapshot();
  const nodes = [];
  for (let i = 0; i < 700; ++i)
    nodes.push(functions.cons(i, 0));
  const raw = heap.malloc(100);
  const walked = [...heap.walk()];
  assert.equal(walked.length, 702);
  assert.ok(walked.every((block, i) => i === 0 || walked[i - 1].address < block.address));
  const report = heap.leaks(before);
  assert.equal(report.count, 701);
  assert.ok(!report.blocks.some(block => block.address === kept));
  assert.match(report.text, /^701 blocks live/);
  assert.match(report.text, /700 x object of \d+ bytes/);
  assert.match(report.text, /1 x raw of \d+ bytes/);
  nodes.forEach(node => heap.decref(node));
  heap.free(raw);
  heap.decref(kept);
  assert.equal(heap.leaks().count, 0);
  empty(program);
});

test('a dump has types, sizes, counts and references', async () => {
  const {heap} = await fresh(), pair = heap.describe(12, [0, 4]);
  const wide = heap.describe(80, [72]), p = heap.alloc(pair), q = heap.alloc(wide), block = heap.malloc(32);
  heap.view(p, Uint32Array, 3)[0] = q;
  heap.incref(p);
  heap.view(block, Uint32Array, 8)[5] = p + 4;
  const text = heap.dump(), dump = JSON.parse(text), width = dump.snapshot.meta.node_fields.length;
  assert.equal(dump.nodes.length, width * dump.snapshot.node_count);
  assert.equal(dump.edges.length, 3 * dump.snapshot.edge_count);
  const nodes = new Map();
  for (let i = 0, edge = 0; i < dump.nodes.length; i += width) {
    const n = dump.nodes.slice(i, i + width);
    const edges = dump.edges.slice(edge, edge += 3 * n[4]);
    nodes.set(n[8] * 65536 + n[9], {name: dump.strings[n[1]], size: n[3], count: n[10], edges, at: i});
  }
  assert.equal(nodes.get(p).name, 'object with references at 0,4');
  assert.deepEqual([nodes.get(p).count, nodes.get(p).edges], [2, [1, 0, nodes.get(q).at]]);
  assert.deepEqual(nodes.get(block).edges, [1, 20, nodes.get(p).at]);
  assert.equal(nodes.get(block).name, 'block');
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-')), 'js.heapsnapshot');
  fs.writeFileSync(file, text);
  const shown = execFileSync(process.env.CAIRN ?? 'cairn', ['heap', file], {encoding: 'utf8'});
  assert.match(shown, /1 +16 +\d+  object with references at 0,4/);
  fs.rmSync(path.dirname(file), {recursive: true});
});

test('with track, errors and leaks name type, place and holder', async () => {
  const program = await fresh({track: true}), {heap, functions} = program;
  const pair = heap.describe(12, [0, 4]), since = heap.snapshot();
  const p = heap.alloc(pair), inner = heap.alloc(pair), block = heap.malloc(40);
  heap.view(p, Uint32Array, 3)[1] = inner;
  const here = /made by heap\.alloc at package\.test\.mjs:\d+:\d+/;
  const {text, groups} = heap.leaks(since);
  assert.match(text, here);
  assert.match(text, /made by heap\.malloc at package.*; no block holds it/);
  const held = heap.leaks(new Set([...since, p, block]));
  assert.equal(held.groups[0].heldBy, `+4 of object with references at 0,4 at 0x${p.toString(16)}`);
  assert.ok(groups.every(group => group.made));
  heap.decref(p);
  fails('dead', here, () => heap.decref(p));
  fails('dead', /dead object with references at 0,4 of \d+ bytes\n.*\n  released by heap\.decref at package/,
      () => heap.refcount(inner));
  heap.free(block);
  fails('dead', /dead block of \d+ bytes\n  made by heap\.malloc at .*\n  released by heap\.free at /, () => heap.free(block));
  const list = functions.cons(1, 0);
  fails('kind', /live object .*\n  made by cons at package/, () => heap.free(list));
  heap.decref(list);
  fails('dead', /made by cons at .*\n  released by heap\.decref at package/, () => heap.incref(list));
  empty(program);
});

test('a module for another ABI, or no module, is refused', async () => {
  const text = Buffer.from(bytes).toString('latin1');
  const other = Buffer.from(text.replace('"abi":2', '"abi":9'), 'latin1');
  await assert.rejects(load(other), error => error instanceof CairnError && error.kind === 'abi' &&
      error.found === 9 && /ABI version 9.*version 2/.test(error.message));
  const nothing = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  await assert.rejects(load(nothing), {name: 'CairnError', kind: 'module'});
  await assert.rejects(load(new Uint8Array(8)), {name: 'CairnError', kind: 'module'});
  await assert.rejects(load(5), {name: 'CairnError', kind: 'argument'});
});

test('containers that the module does not export are named', async () => {
  const program = await load(build());
  fails('export', /--export=cairn_alloc_list/, () => program.heap.allocList());
  empty(program);
});

test('print goes where it is told to', async () => {
  const lines = [];
  const program = await fresh({print: text => lines.push(text)});
  program.functions.print_stats();
  assert.match(lines.join(''), /live/);
});
