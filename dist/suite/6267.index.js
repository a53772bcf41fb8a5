var w=Object.defineProperty;var o=(i,n)=>w(i,"name",{value:n,configurable:!0});export const id=6267,ids=[6267],modules={86267:((i,n,d)=>{d.d(n,{withSizes:o(()=>u,"withSizes")});const g=`
SELECT asked.name, t.reltuples::bigint AS rows, pg_catalog.pg_total_relation_size(t.oid) AS bytes
FROM pg_catalog.json_array_elements_text($1::json) AS asked(name)
JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(asked.name)
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
JOIN pg_catalog.pg_class t ON t.oid = coalesce(i.indrelid, c.oid)`,l="the table of ";function r(e){const a=e.startsWith(l)?e.slice(l.length):e;return(a.includes(".")?a.split("."):["public",a]).map(c=>`"${c.replaceAll('"','""')}"`).join(".")}o(r,"quoted");async function u(e,a){const s=[...new Set(e.flatMap(({lock:t})=>t?[r(t.relation)]:[]))];if(s.length===0)return[...e];await a.query("SET default_transaction_read_only = on; SET statement_timeout = '30s'");const c=await a.query(g,[JSON.stringify(s)]),p=new Map(c.map(({name:t,rows:_,bytes:m})=>[t,{rows:Number(_)<0?null:Number(_),bytes:Number(m)}]));return e.map(t=>t.lock?{...t,lock:{...t.lock,...p.get(r(t.lock.relation))}}:t)}o(u,"withSizes")})};
