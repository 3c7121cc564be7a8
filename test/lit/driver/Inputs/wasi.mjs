// wasi.mjs PROGRAM.wasm ARGUMENT... - Runs a program of wasm32-wasi as one of this machine.
import fs from 'node:fs';
import v8 from 'node:v8';
import {WASI} from 'node:wasi';

// In a fast call, V8 does not see what the stack refers to; and node:wasi may collect garbage in one.
v8.setFlagsFromString('--no-turbo-fast-api-calls');

const args = process.argv.slice(2);
const wasi = new WASI({version: 'preview1', args, env: process.env, preopens: {'.': '.'}, returnOnExit: true});
const module = new WebAssembly.Module(fs.readFileSync(args[0]));
const instance = new WebAssembly.Instance(module, {wasi_snapshot_preview1: wasi.wasiImport});
process.exitCode = wasi.start(instance);
