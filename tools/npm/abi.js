//===- abi.js - The layouts that this package reads and writes -*- JavaScript -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// runtime/include/cairn/abi.h says these numbers first; test/facts compares each of them.
// No other file of the package may write one.
//
//===----------------------------------------------------------------------===//

/** The ABI that this package reads and writes. */
export const ABI_VERSION = 2;

/** Bytes of a reference, and what offsets of fields are multiples of. */
export const WORD = 4;

/** Bits of an object's header word. */
export const TYPED = 0x80000000, REGISTERED = 0x40000000, ARRAY = 0x20000000;
/** The frontend's tag; the words that are references, or of an array, the words of an element. */
export const TAG_MASK = 0x00ff0000, TAG_SHIFT = 16, SHAPE_MASK = 0xffff, ELEMENT_WORDS = 12, ELEMENT_SHIFT = 12;

/** The longest bytes object, and the most bytes that a request may say in 32 bits. */
export const MAX_BYTES = 0x7fffffff;
/** The most that a descriptor may ask for as its alignment. */
export const MAX_ALIGN = 16;
/** The most fields that a descriptor's count of them can say. */
export const MAX_FIELDS = 65535;

/** A byte array's reference, modulo 16; every other object's is 0. */
export const BYTE_ARRAY_PHASE = 12;
/** Bytes from a byte array's reference to its data. */
export const BYTE_ARRAY_DATA = 4;

/** Where a descriptor has its fields, and how many bytes it has. */
export const TYPE_SIZE = 0, TYPE_ALIGN = 4, TYPE_FIELD_COUNT = 6, TYPE_RESERVED = 12,
    TYPE_FIELDS = 16, TYPE_NAME = 24, TYPE_BYTES = 28;

/** Where cairn_dict_next writes what it finds. */
export const ENTRY_KEY = 0, ENTRY_KIND = 4, ENTRY_INT = 8, ENTRY_FLOAT = 16, ENTRY_REF = 24,
    ENTRY_BYTES = 32;

/** cairn_value_kind, by number. */
export const VALUE_KINDS = ['none', 'int', 'float', 'ref'];
/** cairn_error_kind, by number; 0 is none. */
export const ERROR_KINDS = [
  'unknown', 'foreign', 'dead', 'interior', 'kind', 'size', 'type', 'corrupt', 'usage', 'bounds',
  'thread', 'unique',
];
