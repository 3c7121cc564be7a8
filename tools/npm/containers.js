//===- containers.js - Lists and dicts of the heap, read and written -*- JavaScript -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both borrow: they hold no count, and check before each call that the object at their
// address is still one of their kind. References are addresses; 0 is null.
//
//===----------------------------------------------------------------------===//

import {
  ENTRY_BYTES, ENTRY_FLOAT, ENTRY_INT, ENTRY_KEY, ENTRY_KIND, ENTRY_REF, VALUE_KINDS,
} from './abi.js';
import {CairnError, hex, show, whole} from './error.js';

/** A number where that is exact, else a bigint. */
function narrow(value) {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function integer(value, size) {
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
    const wide = BigInt(value), limit = 1n << BigInt(size * 8 - 1);
    if (wide >= -limit && wide < limit)
      return wide;
    throw new CairnError('range', `${show(value)} does not fit an element of ${size} bytes, which ` +
        `holds integers from ${-limit} to ${limit - 1n}`, {value});
  }
  throw new CairnError('argument', `${show(value)} is not an integer of ${size} bytes`, {value});
}

function float(value, size) {
  if (typeof value !== 'number')
    throw new CairnError('argument', `${show(value)} is not a number`, {value});
  if (size < 4)
    throw new CairnError('kind', `elements of ${size} bytes hold no floats`);
  if (size === 4 && Number.isFinite(value) && !Number.isFinite(Math.fround(value)))
    throw new CairnError('range', `${value} does not fit an element of 4 bytes, which holds ` +
        `floats up to 3.4028234663852886e+38`, {value});
  return value;
}

function known(kind) {
  if (!VALUE_KINDS.includes(kind, 1)) // not none
    throw new CairnError('argument', `the kind is ${show(kind)}, not 'int', 'float' or 'ref'`);
  return kind;
}

/** Calls cairn_<what>_<kind's form>(p, ...key, value). */
const FORMS = {
  list: {append: {int: '', float: '_float', ref: '_ref'}, set: {int: '', float: '_float', ref: '_ref'},
    get: {int: '', float: '_float', ref: '_ref'}},
  dict: {set: {int: '_int', float: '_float', ref: ''}, get: {int: '_int', float: '_float', ref: ''}},
};

class Container {
  #runtime;
  #what;

  constructor(runtime, what) {
    this.#runtime = runtime;
    this.#what = what;
  }

  get address() { return this.#runtime.p; }
  get runtime() { return this.#runtime; }

  call(name, ...values) {
    this.#runtime.check();
    return this.#runtime.call(`cairn_${this.#what}_${name}`, this.#runtime.p, ...values);
  }

  read(kind, ...key) {
    const value = this.call('get' + FORMS[this.#what].get[kind], ...key);
    return kind === 'int' ? narrow(value) : kind === 'ref' ? value >>> 0 : value;
  }

  write(operation, kind, size, value, ...key) {
    const given = kind === 'int'     ? integer(value, size)
                  : kind === 'float' ? float(value, size)
                                     : this.#runtime.object(whole(value, 'the reference'));
    this.call(operation + FORMS[this.#what][operation][kind], ...key, given);
  }
}

export class List {
  #list;

  constructor(runtime) {
    this.#list = new Container(runtime, 'list');
  }

  get address() { return this.#list.address; }
  get length() { return this.#list.call('length') >>> 0; }
  get elementSize() { return this.#list.call('elem_size') >>> 0; }
  get kind() { return VALUE_KINDS[this.#list.call('kind')]; }

  #at(index) {
    const length = this.length;
    if (!Number.isInteger(index) || index < 0 || index >= length)
      throw new CairnError('bounds', `element ${show(index)} of a list of ${length} at ` +
          hex(this.address), {address: this.address, index, length});
    return index;
  }

  get(index) {
    return this.#list.read(this.kind, this.#at(index));
  }

  set(index, value) {
    this.#list.write('set', this.kind, this.elementSize, value, this.#at(index));
  }

  append(value, kind = this.kind) {
    const own = this.kind;
    if (kind === 'none')
      throw new CairnError('kind', `the list at ${hex(this.address)} is empty: say whether it is ` +
          `to hold 'int', 'float' or 'ref'`, {address: this.address});
    if (known(kind) !== own && own !== 'none')
      throw new CairnError('kind', `the list at ${hex(this.address)} holds ${own}, not ${kind}`,
          {address: this.address});
    this.#list.write('append', kind, this.elementSize, value);
  }

  * [Symbol.iterator]() {
    for (let i = 0; i < this.length; ++i)
      yield this.get(i);
  }

  toArray() { return [...this]; }
}

/** Layout of cairn_dict_entry, and a word for the position behind it. */
/** Where `next` writes: an entry, and behind it the position that it goes on from. */
const NEXT = {position: ENTRY_BYTES, bytes: ENTRY_BYTES + 16};

export class Dict {
  #dict;

  constructor(runtime) {
    this.#dict = new Container(runtime, 'dict');
  }

  get address() { return this.#dict.address; }
  get size() { return this.#dict.call('length') >>> 0; }

  /** Calls back with the key's bytes in memory. */
  #key(key, use) {
    if (typeof key !== 'string')
      throw new CairnError('argument', `the key is ${show(key)}, not a string`);
    const {scratch, memory} = this.#dict.runtime;
    const bytes = new TextEncoder().encode(key);
    return scratch(bytes.length, at => {
      new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
      return use(at, bytes.length);
    });
  }

  #kind(at, n) { return VALUE_KINDS[this.#dict.call('kind', at, n)]; }

  kind(key) { return this.#key(key, (at, n) => this.#kind(at, n)); }
  has(key) { return this.kind(key) !== 'none'; }

  get(key) {
    return this.#key(key, (at, n) => {
      const kind = this.#kind(at, n);
      return kind === 'none' ? undefined : this.#dict.read(kind, at, n);
    });
  }

  set(key, value, kind) {
    this.#key(key, (at, n) => {
      const own = this.#kind(at, n);
      kind ??= own !== 'none' ? own : typeof value === 'bigint' ? 'int' : undefined;
      this.#dict.write('set', known(kind), 8, value, at, n);
    });
  }

  delete(key) {
    return this.#key(key, (at, n) => this.#dict.call('delete', at, n) !== 0);
  }

  clear() { this.#dict.call('cleanup'); }

  entries() {
    const {scratch, memory, string} = this.#dict.runtime;
    return scratch(NEXT.bytes, at => {
      new Uint32Array(memory.buffer, at + NEXT.position, 1)[0] = 0;
      const entries = [];
      while (this.#dict.call('next', at + NEXT.position, at)) {
        const data = new DataView(memory.buffer, at, ENTRY_BYTES);
        const kind = VALUE_KINDS[data.getUint32(ENTRY_KIND, true)];
        const value = kind === 'int'     ? narrow(data.getBigInt64(ENTRY_INT, true))
                      : kind === 'float' ? data.getFloat64(ENTRY_FLOAT, true)
                                         : data.getUint32(ENTRY_REF, true);
        entries.push([string(data.getUint32(ENTRY_KEY, true)), value]);
      }
      return entries;
    });
  }

  [Symbol.iterator]() { return this.entries()[Symbol.iterator](); }
}
