//===- view.js - Typed views that outlive a growth of memory -*- JavaScript -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Growth detaches every typed array over the old memory.buffer; those read as undefined
// and drop what is written. A view makes a new array then, at each access. Methods that
// call back, and iteration, work on a copy: the callback may grow memory too.
//
//===----------------------------------------------------------------------===//

import {CairnError, hex, show, whole} from './error.js';

const CHANGES = new Set(['copyWithin', 'fill', 'reverse', 'set', 'sort']);

function index(name) {
  return typeof name === 'string' && /^(0|[1-9]\d*)$/.test(name) ? Number(name) : -1;
}

/** Calls back; what the engine says of a wrong argument becomes a CairnError. Of a call that
 *  is given functions nobody knows whose error it is: it stays as it is. */
function checked(name, values, use) {
  try {
    return use();
  } catch (error) {
    const engines = error instanceof TypeError || error instanceof RangeError ||
        error instanceof SyntaxError;
    if (!engines || values.some(value => typeof value === 'function'))
      throw error;
    throw new CairnError('argument', `${name} of a view: ${error.message}`, {cause: error});
  }
}

/** A proxy of a `Type` of n elements at p, which must lie in a live block. */
export function makeView(memory, p, Type, n) {
  let current = new Type(memory.buffer, p, n);
  const array = () => {
    if (current.buffer !== memory.buffer)
      current = new Type(memory.buffer, p, n);
    return current;
  };
  const inRange = at => {
    if (at >= n)
      throw new CairnError('range', `element ${at} of a view of ${n} at ${hex(p)}`,
          {address: p, index: at, length: n});
    return at;
  };
  const methods = {
    /** As of the typed array. */
    toJSON() { return array().slice(); },
    /** The typed array itself, for loops that do not grow memory. */
    get array() { return array(); },
    get buffer() { return memory.buffer; },
    subarray(from = 0, to = n) {
      const place = x => Math.min(Math.max(Math.trunc(x < 0 ? n + x : x), 0), n);
      const first = checked('subarray', [], () => place(from));
      return makeView(memory, p + first * Type.BYTES_PER_ELEMENT, Type,
          Math.max(checked('subarray', [], () => place(to)) - first, 0));
    },
    // A comparator may grow memory: sort a copy, put it back.
    sort(compare) {
      const sorted = checked('sort', [compare], () => array().slice().sort(compare));
      array().set(sorted);
      return proxy;
    },
    set(source, offset = 0) {
      const values = checked('set', [], () => Type.from(source)); // valueOf of an element may grow memory
      whole(offset, 'the offset');
      if (values.length > n - offset)
        throw new CairnError('range', `${values.length} elements at ${offset} of a view of ${n} ` +
            `at ${hex(p)}`, {address: p, index: offset, length: n});
      array().set(values, offset);
    },
  };
  // The target holds nothing; it makes `instanceof` true. Node's console looks at it.
  const holder = Object.create(Type.prototype, {
    [Symbol.for('nodejs.util.inspect.custom')]: {value: () => array().slice(), configurable: true},
  });
  const proxy = new Proxy(holder, {
    get(_, name) {
      const at = index(name);
      if (at >= 0)
        return array()[inRange(at)];
      if (Object.hasOwn(methods, name))
        return methods[name];
      const value = Reflect.get(array(), name, array());
      if (typeof value !== 'function' || name === 'constructor')
        return value;
      return (...values) => {
        const target = CHANGES.has(name) ? array() : array().slice();
        const result = checked(String(name), values, () => value.apply(target, values));
        return result === target && CHANGES.has(name) ? proxy : result;
      };
    },
    set(_, name, value) {
      const at = index(name);
      if (at < 0)
        throw new CairnError('argument', `a view has no property ${show(name)} to set`);
      // Converted first: valueOf may grow memory.
      const element = new Type(1);
      checked(`element ${name}`, [], () => { element[0] = value; });
      array()[inRange(at)] = element[0];
      return true;
    },
    ownKeys: () => Array.from({length: n}, (_, i) => String(i)),
    getOwnPropertyDescriptor: (_, name) => index(name) < 0 || index(name) >= n ? undefined : {
      value: array()[index(name)], writable: true, enumerable: true, configurable: true,
    },
    defineProperty: (_, name) => {
      throw new CairnError('argument', `a view has no property ${show(name)} to define`);
    },
    deleteProperty: (_, name) => {
      throw new CairnError('argument', `a view has no property ${show(name)} to delete`);
    },
    has: (_, name) => index(name) >= 0 ? index(name) < n : name in Type.prototype,
  });
  return proxy;
}
