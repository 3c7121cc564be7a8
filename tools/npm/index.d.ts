//===- index.d.ts - Types of @cairn/wasm -*- TypeScript -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/** The ABI version of the modules that this package loads. */
export declare const ABI_VERSION: number;

/** An address in the module's memory, from 0 to 2^32 - 1; 0 is null. */
export type Pointer = number;

export type ErrorKind =
    /** From the runtime: a wrong pointer, or a call on what it is not for. */
    | 'foreign' | 'dead' | 'interior' | 'kind' | 'size' | 'type' | 'corrupt' | 'usage' | 'bounds'
    | 'thread' | 'unique'
    | 'unknown'
    /** No room: `request` and `limit` say how much. */
    | 'full'
    /** The module is for another ABI: `found`, `expected`. */
    | 'abi'
    /** Not a module of Cairn, or one without --js, or it cannot be linked. */
    | 'module'
    /** A function that the module does not export. */
    | 'export'
    /** A view outside its block, an element outside its view, a value that does not fit. */
    | 'range'
    /** An argument of another type, or out of its range. */
    | 'argument';

/** What every wrong use throws. The heap is as before the call. */
export declare class CairnError extends Error {
  readonly name: 'CairnError';
  readonly kind: ErrorKind;
  readonly address?: Pointer;
  /** Bytes. */
  readonly request?: number;
  /** Bytes. */
  readonly limit?: number;
  readonly index?: number;
  readonly length?: number;
  readonly found?: unknown;
  readonly expected?: number;
  readonly export?: string;
  /** In a checked heap, of the block that `address` lies in; the message says it as well. */
  readonly origin?: Origin;
}

export interface LoadOptions {
  /** Imports of the program's own, by module and name. */
  imports?: WebAssembly.Imports;
  /** What `cairn_stats_print` writes goes here; console.log by default. */
  print?(text: string): void;
  /** Remember where in the program each block was made and released: errors and leaks() say so.
   *  For finding mistakes; each call takes some microseconds longer. */
  checked?: boolean;
}

/** What a checked heap knows of the block that an error is about. */
export interface Origin {
  /** "object of type node" */
  what: string;
  /** "function (file:line:column)" */
  made: string;
  /** Undefined while it lives, or when the module released it. */
  released?: string;
}

export interface Information {
  abi: number;
  version: string;
  /** Bytes. */
  maxMemory: number;
}

export type Value = number | bigint;
export type Callable = (...values: Value[]) => any;

export interface Program {
  readonly information: Information;
  /** What the module exports, but for cairn_js_...: pointers come back as signed numbers from
   *  2 GiB on; the heap's methods return them unsigned and take `p >>> 0`. */
  readonly functions: Readonly<Record<string, Callable>>;
  call(name: string, ...values: Value[]): any;
  readonly heap: Heap;
  readonly memory: WebAssembly.Memory;
  readonly instance: {readonly exports: WebAssembly.Exports};
}

export type Source = BufferSource | WebAssembly.Module | Response;

/** Compiles, checks and instantiates. `await load(fetch(url))` does in a browser. */
export declare function load(source: Source | Promise<Source>, options?: LoadOptions):
    Promise<Program>;

export type TypedArray =
    | Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array
    | Uint32Array | Float32Array | Float64Array | BigInt64Array | BigUint64Array;
export interface TypedArrayClass<T extends TypedArray> {
  new(buffer: ArrayBufferLike, offset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** A typed array that stays right when memory grows; an element out of range throws. It holds
 *  no count: the block must live as long as it is used. */
export type View<T extends TypedArray> = T & {
  /** The typed array itself; growth detaches it. */
  readonly array: T;
};

export interface Stats {
  /** Live objects, live raw blocks. */
  objects: number;
  blocks: number;
  /** Bytes of both. */
  bytes: number;
  /** Bytes of pages in use; the most there ever were; the most there may be. */
  used: number;
  peak: number;
  limit: number;
  /** Bytes of linear memory now. */
  memory: number;
  slabs: number;
  /** Large blocks. */
  large: number;
}

export interface Block {
  address: Pointer;
  /** Bytes that were asked for; of small raw blocks, and objects whose type is not
   *  registered, those of their slot. */
  size: number;
  /** 0 for a raw block, -1 for an object that is never dropped. */
  count: number;
  /** The header word. */
  meta: number;
  kind: 'raw' | 'bytes' | 'array' | 'registered' | 'object';
  /** Of a checked heap, where known: as in Origin. */
  what?: string;
  made?: string;
}

export interface Leaks {
  blocks: Block[];
  /** Blocks alike, most bytes first. */
  groups: {
    kind: Block['kind']; size: number; count: number; bytes: number;
    /** In a checked heap. `heldBy` is one holder of one of them: undefined if no block refers to it. */
    what?: string; made?: string; heldBy?: string;
  }[];
  count: number;
  bytes: number;
  /** The groups, a line each. */
  text: string;
}

export declare class Heap {
  private constructor();

  /** A type of objects of `size` bytes with references at these offsets, for ever. Messages of a
   *  checked heap have the name. */
  describe(size: number, fields?: readonly number[], name?: string): Pointer;
  /** What alloc... return is owned once by the caller. References in it are null; its other
   *  bytes are undefined. */
  alloc(type: Pointer): Pointer;
  allocBytes(n: number): Pointer;
  allocArray(type: Pointer, n: number): Pointer;
  /** UTF-8. */
  allocString(text: string): Pointer;
  /** Elements are zero. */
  allocByteArray(length: number, elementSize?: number): Pointer;
  allocList(capacity?: number, elementSize?: 1 | 2 | 4 | 8): Pointer;
  allocDict(capacity?: number): Pointer;

  /** `p` may lie anywhere in a live object. */
  incref(p: Pointer): void;
  decref(p: Pointer): void;
  /** The object that p lies in, or 0. */
  resolve(p: Pointer): Pointer;
  /** -1 if it is never dropped. */
  refcount(p: Pointer): number;
  /** Elements of an array, bytes of a string; 0 for others. */
  length(p: Pointer): number;
  /** Its descriptor if the type is registered, else 0. */
  type(p: Pointer): Pointer;

  /** Raw blocks. */
  malloc(n: number): Pointer;
  realloc(p: Pointer, n: number): Pointer;
  free(p: Pointer): void;

  /** Text of a string or bytes object. */
  string(p: Pointer): string;
  /** n elements at p, which lies in a live object or starts a raw block; of a byte array, from
   *  its first element on. */
  view<T extends TypedArray>(p: Pointer, type: TypedArrayClass<T>, n: number): View<T>;
  /** All elements of an array, byte array or bytes object. */
  array<T extends TypedArray>(p: Pointer, type: TypedArrayClass<T>): View<T>;
  list(p: Pointer): List;
  dict(p: Pointer): Dict;

  stats(): Stats;
  /** Throws what is wrong with the heap. */
  check(): void;
  /** Live blocks by address; the heap must not change in between. */
  walk(): IterableIterator<Block>;
  /** What the heap holds, as the text of a heap snapshot: for `cairn heap`, or, in a file whose
   *  name ends in ".heapsnapshot", for Chrome's developer tools. */
  dump(): string;
  /** Addresses of live blocks, for leaks(). */
  snapshot(): Set<Pointer>;
  /** Live blocks that are not in `since`, but for objects that are never dropped. */
  leaks(since?: ReadonlySet<Pointer>): Leaks;
}

export type ValueKind = 'int' | 'float' | 'ref';

/** Borrows the list. Integers are numbers where that is exact, else bigints; references are
 *  pointers, borrowed when read and retained when written. */
export interface List extends Iterable<Value> {
  readonly address: Pointer;
  readonly length: number;
  readonly elementSize: number;
  readonly kind: ValueKind | 'none';
  get(index: number): Value;
  set(index: number, value: Value): void;
  /** `kind` is needed for the first element. */
  append(value: Value, kind?: ValueKind): void;
  toArray(): Value[];
}

/** Borrows the dict; values are as in a list. */
export interface Dict extends Iterable<[string, Value]> {
  readonly address: Pointer;
  readonly size: number;
  kind(key: string): ValueKind | 'none';
  has(key: string): boolean;
  get(key: string): Value | undefined;
  /** `kind` is needed for a key that is absent, unless the value is a bigint. */
  set(key: string, value: Value, kind?: ValueKind): void;
  delete(key: string): boolean;
  clear(): void;
  entries(): [string, Value][];
}
