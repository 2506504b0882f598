import w from '@prisma/prisma-schema-wasm';
import fs from 'fs';
const text=fs.readFileSync(0,'utf8');
const c=s=>s.replace(/\x1b\[[0-9;]*m/g,'');
try { console.log(JSON.stringify(JSON.parse(w.get_dmmf(JSON.stringify({prismaSchema:[["a.prisma",text]]}))).datamodel,null,process.argv[2]?1:0)) } catch(e) { try {console.log(c(JSON.parse(e.message).message))} catch { console.log(e.message)} }
