// exports.mjs MODULE FUNCTION - What a module imports and exports, and the function's result.
import fs from 'node:fs';

const module = new WebAssembly.Module(fs.readFileSync(process.argv[2]));
const imports = {};
for (const {module: from, name} of WebAssembly.Module.imports(module))
  (imports[from] ??= {})[name] = () => { throw new Error(name); };
const names = list => list.map(x => ' ' + x.name).sort().join('');
console.log('imports' + names(WebAssembly.Module.imports(module)));
console.log('exports' + names(WebAssembly.Module.exports(module)));
console.log(new WebAssembly.Instance(module, imports).exports[process.argv[3]]());
