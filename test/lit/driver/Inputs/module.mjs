// module.mjs - Loads a module made of portable.c, fills its memory, and misuses it.
import fs from 'node:fs';

const module = new WebAssembly.Module(fs.readFileSync(process.argv[2]));
const [section] = WebAssembly.Module.customSections(module, 'cairn');
console.log('section', Buffer.from(section).toString());
const names = list => list.map(x => (x.module ? x.module + '.' : '') + x.name).sort().join(' ');
console.log('imports', names(WebAssembly.Module.imports(module)));
console.log('exports', names(WebAssembly.Module.exports(module)));

let memory;
function text(at) {
  const bytes = new Uint8Array(memory.buffer);
  return Buffer.from(bytes.subarray(at, bytes.indexOf(0, at))).toString();
}
const {exports} = new WebAssembly.Instance(module, {
  cairn: {
    fail(kind, at, message) {
      throw new Error(`fail: kind ${kind}, ${message ? text(message) : 'no more'}`);
    },
    full(request, limit) {
      throw new Error(`full: request ${request}, limit ${limit}`);
    },
  },
});
memory = exports.memory;

function fill() {
  let list = 0, count = 0;
  try {
    for (;; ++count) list = exports.cons(count, list);
  } catch (error) {
    return {list, count, error};
  }
}
const first = fill();
console.log(first.error.message);
exports.drop(first.list);
const second = fill();
console.log('made again:', second.count === first.count ? 'as many' : `${second.count} of ${first.count}`);
exports.drop(second.list);
console.log('memory', memory.buffer.byteLength);
const last = exports.cons(1, 0);
exports.drop(last);
try {
  exports.drop(last);
} catch (error) {
  console.log(error.message);
}
console.log('and on:', exports.cons(1, 0));
