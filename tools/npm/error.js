//===- error.js - The one error class, and checks of arguments -*- JavaScript -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/** `cairn_error_kind`, by number. */
import {ERROR_KINDS} from './abi.js';

const TEXTS = {foreign: 'in no heap, or never given out', dead: 'its object is dead'};

export class CairnError extends Error {
  /** @param details goes into the error's own properties */
  constructor(kind, message, details = {}) {
    super(message);
    this.name = 'CairnError';
    this.kind = kind;
    Object.assign(this, details);
  }

  /** For the import `fail`. */
  static fromRuntime(number, address, message) {
    const kind = ERROR_KINDS[number] ?? 'unknown';
    const text = message || TEXTS[kind] || 'a wrong call';
    return new CairnError(kind, `${hex(address)}: ${text}`, {address});
  }

  static full(request, limit) {
    return new CairnError('full', `out of memory: ${request} bytes requested, the limit is ` +
        `${limit} bytes`, {request, limit});
  }
}

export const hex = p => '0x' + p.toString(16);

/** An integer from 0 to `limit`, or throws what it is instead. */
export function whole(value, what, limit = 0xffffffff) {
  if (!Number.isInteger(value) || value < 0 || value > limit)
    throw new CairnError('argument', `${what} is ${show(value)}, not an integer from 0 to ${limit}`);
  return value;
}

export function show(value) {
  if (typeof value === 'bigint')
    return `${value}n`;
  if (typeof value === 'string')
    return JSON.stringify(value);
  if (typeof value === 'function' || (typeof value === 'object' && value))
    return `a value of type ${typeof value}`;
  return String(value);
}
