//===- arguments.test.mjs - Every function of @cairn/wasm with wrong arguments -----===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a call throws is a CairnError, never a trap or an error of the engine's, and the
// heap is sound afterwards. The methods are found, not listed: a new one is tried as well.
//
//===----------------------------------------------------------------------===//

import assert from 'node:assert/strict';
import test from 'node:test';
import {build, buildWithContainers, importPackage} from './setup.mjs';

const {load, CairnError} = await importPackage();

const methodsOf = object => {
  const prototype = Object.getPrototypeOf(object);
  return Object.getOwnPropertyNames(prototype).filter(name => name !== 'constructor' &&
      typeof Object.getOwnPropertyDescriptor(prototype, name).value === 'function');
};

/** Wrong in some place or other, and right in some. */
function values({heap, memory}, containers) {
  const string = heap.allocString('text'), block = heap.malloc(100), large = heap.malloc(100000);
  const dead = heap.allocBytes(2000), freed = heap.malloc(3000);
  heap.decref(dead);
  heap.free(freed);
  const live = containers ? [heap.allocList(4, 1), heap.allocDict(), heap.allocByteArray(3, 4)] : [];
  return [
    undefined, null, NaN, Infinity, -1, 0, 1, 1.5, 7, 8, 64, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53,
    -(2 ** 31), 5n, 2n ** 64n, '', 'text', '4', true, Symbol('s'), {}, [], [4], [null], [2n], () => 0,
    Uint8Array, Float64Array, BigInt64Array, new Uint8Array(4), memory.buffer.byteLength,
    memory.buffer.byteLength - 4, string, string + 1, block, block + 4, large, large + 5000, dead,
    freed, ...live, ...live.map(p => p + 4),
    {valueOf() { throw new Error('valueOf'); }},
  ];
}

function attempt(what, call) {
  try {
    const result = call();
    if (typeof result?.next === 'function')
      for (let i = 0; i < 3 && !result.next().done; ++i);
  } catch (error) {
    assert.ok(error instanceof CairnError, `${what}: ${error?.constructor?.name} ${error?.message}`);
    assert.notEqual(error.kind, 'corrupt', `${what}: ${error.message}`); // a trap it was
    assert.ok(error.message.length > 5 && !/undefined bytes|\[object/.test(error.message),
        `${what}: ${error.message}`);
  }
}

const describe = value => typeof value === 'symbol' || typeof value === 'bigint' ? String(value)
    : typeof value === 'object' || typeof value === 'function' ? typeof value : String(value);

/** Calls every method with each value in each place, the others being likely ones. */
function tryAll(name, make, given, lengthOf) {
  for (const method of methodsOf(make()))
    for (const first of given)
      for (const second of [undefined, null, 0, 3, 2 ** 32, 5n, Uint8Array, 'int', 'ref', 'float', first])
        for (const third of lengthOf(method) > 2 ? [undefined, -1, 2, 2 ** 31, 7n, 'int'] : [undefined]) {
          const object = make();
          attempt(`${name}.${method}(${[first, second, third].map(describe)})`,
              () => object[method](first, second, third));
        }
}

for (const [kind, containers] of [['all exports', true], ['few exports', false]])
  for (const grown of [false, true])
    test(`heap methods, ${kind}${grown ? ', after growth of memory' : ''}`, async () => {
      const program = await load(containers ? buildWithContainers() : build());
      if (grown)
        program.memory.grow(3);
      const given = values(program, containers);
      tryAll('heap', () => program.heap, given, method => program.heap[method].length);
      program.heap.check();
    });

test('list and dict methods', async () => {
  const program = await load(buildWithContainers()), {heap} = program;
  const given = values(program, true);
  for (const size of [1, 2, 4, 8]) {
    for (const [kind, value] of [['int', 1], ['float', 0.5], ['ref', 0], [undefined]]) {
      if ((kind === 'float' || kind === 'ref') && size < 4)
        continue;
      const p = heap.allocList(2, size);
      if (kind)
        heap.list(p).append(value, kind);
      tryAll('list', () => heap.list(p), given, () => 2);
      heap.decref(p);
    }
  }
  const p = heap.allocDict();
  tryAll('dict', () => heap.dict(p), given, () => 3);
  heap.check();
});

test('a container that is gone, and views, with wrong arguments', async () => {
  const program = await load(buildWithContainers()), {heap} = program;
  const given = values(program, true);
  const list = heap.list(heap.allocList()), dict = heap.dict(heap.allocDict());
  heap.decref(list.address);
  heap.decref(dict.address);
  for (const object of [list, dict])
    for (const method of methodsOf(object))
      attempt(`dead.${method}`, () => object[method]('a', 1, 'int'));
  for (const property of ['length', 'kind', 'elementSize'])
    assert.throws(() => list[property], CairnError);
  const view = heap.array(heap.allocByteArray(4, 4), Int32Array);
  for (const value of given.filter(x => typeof x !== 'object' && typeof x !== 'function'))
    for (const name of ['at', 'subarray', 'set', 'sort', 'fill', 'slice'])
      attempt(`view.${name}(${describe(value)})`, () => view[name](value, value));
  heap.check();
});

test('what does not fit an element is refused, at both ends of every size', async () => {
  const {heap} = await load(buildWithContainers());
  for (const size of [1, 2, 4, 8]) {
    const list = heap.list(heap.allocList(4, size)), limit = 1n << BigInt(size * 8 - 1);
    for (const fits of [-limit, limit - 1n, 0n]) {
      list.append(fits, 'int');
      assert.equal(BigInt(list.get(list.length - 1)), fits);
    }
    const length = list.length;
    for (const wrong of [limit, -limit - 1n, 2n ** 64n - 1n, NaN, 0.5, Infinity, null, undefined, '1'])
      for (const call of [() => list.append(wrong), () => list.set(0, wrong)])
        assert.throws(call, error => error instanceof CairnError &&
            (typeof wrong !== 'bigint' || error.kind === 'range' &&
                error.message.includes(String(wrong)) && error.message.includes(String(limit - 1n))));
    assert.equal(list.length, length);
    assert.equal(BigInt(list.get(0)), -limit);
  }
  const floats = heap.list(heap.allocList(4, 4));
  floats.append(3e38, 'float');
  assert.throws(() => floats.append(1e39), {kind: 'range', message: /1e\+39 does not fit/});
  floats.append(NaN);
  floats.append(-Infinity);
  assert.ok(Number.isNaN(floats.get(1)) && floats.get(2) === -Infinity);
  const dict = heap.dict(heap.allocDict());
  assert.throws(() => dict.set('a', 2n ** 63n), {kind: 'range'});
  assert.throws(() => dict.set('a', 2n ** 64n - 1n, 'int'), {kind: 'range'});
  assert.equal(dict.has('a'), false);
});

test('null is no list and no dict', async () => {
  const {heap} = await load(buildWithContainers());
  for (const call of ['list', 'dict', 'string'])
    assert.throws(() => heap[call](0), {name: 'CairnError', kind: 'foreign'});
  assert.throws(() => heap.array(0, Uint8Array), {name: 'CairnError', kind: 'foreign'});
});

test('a view of a byte array is of its data, and sizes are what was asked for', async () => {
  const {heap} = await load(buildWithContainers());
  for (const length of [4, 5000]) { // small and large
    const p = heap.allocByteArray(length, 4);
    heap.array(p, Int32Array).set([1, 2, 3, 4]);
    assert.deepEqual(Array.from(heap.view(p, Int32Array, 4)), [1, 2, 3, 4]);
    assert.equal(heap.view(p, Int32Array, length).length, length);
    assert.throws(() => heap.view(p, Int32Array, length + 1), {kind: 'range'});
    heap.decref(p);
  }
  for (const n of [0, 1, 10, 123, 5001]) {
    const p = heap.allocBytes(n);
    assert.equal(heap.view(p, Uint8Array, n).length, n);
    assert.throws(() => heap.view(p, Uint8Array, n + 1), {kind: 'range'});
    assert.match(heap.leaks().text, new RegExp(`1 x bytes of ${n} bytes: ${n} bytes`));
    heap.decref(p);
  }
  const raw = heap.malloc(5001);
  assert.throws(() => heap.view(raw, Uint8Array, 5002), {kind: 'range'});
  heap.free(raw);
  const numbers = heap.allocArray(heap.describe(8), 7);
  assert.throws(() => heap.view(numbers, Float64Array, 8), {kind: 'range'});
});

test('tools see the elements of a view', async () => {
  const {heap} = await load(buildWithContainers());
  const {inspect} = await import('node:util');
  const view = heap.array(heap.allocByteArray(3, 1), Uint8Array);
  view.set([1, 2, 3]);
  assert.equal(inspect(view), 'Uint8Array(3) [ 1, 2, 3 ]');
  assert.equal(JSON.stringify(view), JSON.stringify(new Uint8Array([1, 2, 3])));
  assert.deepEqual(Object.keys(view), ['0', '1', '2']);
  assert.deepEqual({...view}, {0: 1, 1: 2, 2: 3});
  assert.equal(new TextDecoder().decode(view.array), '\u0001\u0002\u0003');
  assert.deepEqual(structuredClone(view.slice()), new Uint8Array([1, 2, 3]));
});

test('a request that 32 bits cannot say is reported as it is', async () => {
  const {heap} = await load(buildWithContainers()), limit = 8 << 20;
  const type = heap.describe(64);
  assert.throws(() => heap.allocArray(type, 2 ** 31), {kind: 'full', request: 2 ** 37, limit});
  assert.throws(() => heap.allocByteArray(2 ** 30, 16), {kind: 'full', request: 2 ** 34, limit});
  assert.throws(() => heap.allocList(2 ** 31, 8), {kind: 'full', request: 2 ** 34, limit});
});
