var te=Object.defineProperty;var e=(x,D)=>te(x,"name",{value:D,configurable:!0});export const id=9715,ids=[9715],modules={19080:((x,D,o)=>{o.d(D,{Zm:e(()=>b,"Zm"),hX:e(()=>g,"hX"),o2:e(()=>n,"o2"),py:e(()=>l,"py"),pz:e(()=>v,"pz")});const n=["environment","service","version","colour","sha"],f=/\{\{\s*([^{}]*?)\s*\}\}/g;function g(h){return[...h.matchAll(f)].map(([,m])=>m??"").filter(m=>!n.some(a=>a===m))}e(g,"unknownPlaceholders");function b(h){return h.replace(f,"")}e(b,"withoutPlaceholders");function v(h,m){return h.replace(f,(a,u)=>m[u])}e(v,"fillIn");function l(h,m,a){const u=h.replace(f,(_,s)=>encodeURIComponent(m[s]));return new URL(u,a).href}e(l,"fillInAddress")}),45079:((x,D,o)=>{o.d(D,{M:e(()=>n,"M"),Z:e(()=>f,"Z")});const n=["number","seconds","milliseconds","share","percent"];function f(g){return g}e(f,"defineSource")}),50359:((x,D,o)=>{o.d(D,{DQ:e(()=>b,"DQ"),DV:e(()=>f,"DV"),ZH:e(()=>g,"ZH"),ey:e(()=>l,"ey"),j$:e(()=>h,"j$")});var n=o(88343);const f=e(()=>n.OZ5({protocol:/^https?$/,error:"an http or https address"}),"addressField"),g=e(()=>n.g1P(n.YjP().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/,"the name of a header, such as Authorization"),n.KCZ([n.YjP().regex(/^[\t\x20-\x7e\x80-\xff]*$/,"text of one line"),n.rej({env:n.YjP().regex(/^[A-Za-z_][A-Za-z0-9_]*$/,"the name of an environment variable").describe("Environment variable of the step that holds the whole value, which is masked.")})])).default({}).describe("Headers sent along: a value, or { env: NAME } for a secret."),"headersField");function b(m,a){const u={};for(const[_,s]of Object.entries(m)){const i=typeof s=="string"?s:a(s.env);if(!i||/[\r\n\0]/.test(i)){const O=i?"has more than one line":"is not set",w=typeof s=="string"?"":`. Fix: under "env:" of the step add  ${s.env}: \${{ secrets.${s.env} }}`;return{ok:!1,why:`the variable for the header ${_} ${O}${w}`}}u[_]=i}return{ok:!0,headers:u}}e(b,"resolveHeaders");const v=8388608;async function l(m,a,u){const _=await m.send({...a,headers:{accept:"application/json",...a.headers},maxBodyBytes:v,...u?{signal:u}:{}}),s=h(a.url);if(!_.ok)return{ok:!1,why:_.fault.message};const{status:i,body:O}=_.response;try{return{ok:!0,json:JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(O)),status:i}}catch{return{ok:!1,why:i===200?`${s} answers no JSON`:`${s} answers ${i} instead of 200`}}}e(l,"askJson");function h(m){const{origin:a,pathname:u}=new URL(m);return`${a}${u}`}e(h,"withoutQuery")}),49324:((x,D,o)=>{o.d(D,{Mx:e(()=>v,"Mx"),OT:e(()=>b,"OT"),RU:e(()=>g,"RU")});var n=o(88343),f=o(19080);const g=e(()=>n.YjP().min(1).refine(l=>(0,f.hX)(l).length===0,`text whose {{ … }} are among ${f.o2.join(", ")}`),"templateField"),b=e(()=>g().refine(l=>/^\/(?!\/)[^\s\\]*$/.test((0,f.Zm)(l)),"a path that starts with one slash"),"pathField"),v=e(l=>n.euz(l).describe("Kind of source (docs/rollback-criteria.md)."),"sourceType")}),83507:((x,D,o)=>{o.d(D,{Pq:e(()=>T,"Pq"),UA:e(()=>z,"UA"),kO:e(()=>M,"kO"),tk:e(()=>Q,"tk")});var n=o(88343),f=o(14719),g=o(89350),b=o(66630),v=o(47318),l=o(19080),h=o(45079),m=o(50359),a=o(49324);const u=["from-seconds","to-seconds","from-ms","to-ms","from-iso","to-iso"],_=/\{\{\s*([^{}]*?)\s*\}\}/g,s=[...l.o2,...u],i=e(()=>n.YjP().min(1).refine(t=>[...t.matchAll(_)].every(([,P])=>s.includes(P??"")),`text whose {{ … }} are among ${s.join(", ")}`),"template"),O=e(t=>n.YjP().regex(/^\$/,"a JSONPath, which begins with $").describe(t),"jsonPath"),w=n.rej({type:(0,a.Mx)("json"),url:i().refine(t=>/^https?:\/\/[^\s/?#]/.test(t),"an http or https address").describe("What is asked, with {{ version }}, {{ from-seconds }}, {{ to-iso }} and the like."),method:n.k5n(["GET","POST"]).default("GET").describe("How it is asked."),headers:(0,m.ZH)(),body:i().optional().describe("POST: the body, with {{ … }} inside JSON text."),timeout:(0,f.p0)().prefault("10s").describe("Longest wait for the answer."),every:(0,f.p0)().prefault("0s").describe("Least time between two questions: the resolution of the server."),delay:(0,f.p0)().prefault("0s").describe("How late the server knows its numbers; asked for is the time before."),requests:O("Requests between from and to.").optional(),errors:O("Those of them that failed.").optional(),value:O("A number, in place of requests and errors.").optional(),unit:n.k5n(h.M).default("number").describe("The unit of value."),at:O("When it was measured: epoch seconds or milliseconds, or ISO 8601.").optional(),"max-age":(0,f.p0)().prefault("5m").describe('How old "at" may be.')}).refine((0,b.Rc)(t=>t.value===void 0?t.requests!==void 0&&t.errors!==void 0:t.requests===void 0&&t.errors===void 0,()=>[(0,b.M4)(["value","requests"]),...(0,b.LM)(["value","requests"]),...(0,b.LM)(["value","errors"])]),"either requests and errors, or value (JSONPaths)"),S=e(({value:t,unit:P,every:k,delay:A})=>t===void 0?{is:"counts",by:!1}:{is:"numbers",by:!1,unit:P,baseline:!1,lagMs:k+A},"gives");class M extends Error{static{e(this,"Unusable")}constructor(P,k){super(k),this.is=P}is}function L(t,{http:P,subject:k,variable:A=e(()=>{},"variable")}){const $=(0,m.DQ)(t.headers,A);let c,p;async function r(d,I){if(!$.ok)throw new M("error",$.why);const E=B(t.url,d,Y=>encodeURIComponent(Y),k),{method:R,body:y,timeout:W}=t,j=y&&B(y,d,Y=>JSON.stringify(Y).slice(1,-1),k),C=j===void 0?{}:{body:j},K={...y?{"content-type":"application/json"}:{},...$.headers},N=await(0,m.ey)(P,{url:E,method:R,headers:K,...C,timeoutMs:W},I);if(!N.ok)throw new M("error",N.why);if(N.status!==200)throw new M("error",`${(0,m.j$)(E)} answers ${N.status} instead of 200`);p??=(0,g.Q)();const J=await p,H=e(Y=>Q(Y,J,N.json),"one");if(t.at!==void 0&&z(t.at,J,N.json,d.to-t["max-age"]),t.value!==void 0){const Y={number:1,milliseconds:1,seconds:1e3,share:1,percent:.01}[t.unit];return{is:"data",samples:[],values:[{...d,value:H(t.value)*Y}]}}const[G,X]=[H(t.requests),H(t.errors)];if(G<0||X<0||X>G)throw new M("error",`it counts ${X} errors of ${G} requests, which cannot be`);return{is:"data",samples:[{...d,requests:G,errors:X}]}}return e(r,"ask"),{async query(d,I){const E=d.to-t.delay,R=c??d.from-t.delay;if(E-R<Math.max(1,t.every))return c??=R,{is:"data",samples:[]};try{const y=await r({from:R,to:E},I);return c=E,y}catch(y){if(!(y instanceof M))throw y;return t.value!==void 0&&(c=E),{is:y.is,message:y.message}}}}}e(L,"open");function B(t,{from:P,to:k},A,$){const c={"from-seconds":String(Math.floor(P/1e3)),"to-seconds":String(Math.floor(k/1e3)),"from-ms":String(P),"to-ms":String(k),"from-iso":(0,v.j2)(P),"to-iso":(0,v.j2)(k)};return t.replace(_,(p,r)=>A(c[r]??(0,l.pz)(p,$)))}e(B,"fill");function U(t,P,k){const A=P(t);if(!A.ok)throw new M("error",`${t} is no JSONPath: ${A.reason}`);const $=A.path.values(k);if(!$.ok)throw new M("error",`${t}: ${$.reason}`);if($.value.length>1)throw new M("error",`${t} finds ${$.value.length} values, and one is judged. Fix: name one, such as ${t}[0]`);const[c]=$.value;if(c==null)throw new M("absent",`${t} finds nothing`);return c}e(U,"valueAt");function Q(t,P,k){const A=U(t,P,k),$=typeof A=="string"&&/^-?\d{1,15}(\.\d{1,15})?(e[+-]?\d{1,3})?$/i.test(A)?Number(A):A;if(typeof $!="number"||!Number.isFinite($))throw new M("error",`${t} finds no number but ${JSON.stringify(A)?.slice(0,80)}`);return $}e(Q,"numberAt");function z(t,P,k,A){const $=U(t,P,k),c=typeof $=="number"?$<1e11?$*1e3:$:typeof $=="string"?(0,v.nV)($):void 0;if(c===void 0)throw new M("error",`${t} finds no time but ${JSON.stringify($)?.slice(0,80)}`);if(c<A)throw new M("stale",`it was measured at ${(0,v.j2)(c)}, which is too long ago`)}e(z,"checkAge");function F({url:t,body:P=""}){const k=[...`${t} ${P}`.matchAll(_)].map(([,$=""])=>$),A=["from","to"].filter($=>!k.some(c=>c.startsWith(`${$}-`)));return A.length===0?void 0:`its question does not name the time (no ${A.map($=>`{{ ${$}-… }}`).join(" and no ")} in url or body)`}e(F,"noPast");const T=(0,h.Z)({schema:w,gives:S,noPast:F,open:L})}),40497:((x,D,o)=>{o.d(D,{Bk:e(()=>O,"Bk"),CZ:e(()=>i,"CZ"),O4:e(()=>m,"O4"),SU:e(()=>h,"SU")});var n=o(88343),f=o(50359);const g=n.PVZ([n.aig(),n.YjP()]),b=n.g1P(n.YjP(),n.YjP()),v=n.Ikc({status:n.euz("success"),warnings:n.YOg(n.YjP()).optional(),data:n.gMt("resultType",[n.Ikc({resultType:n.euz("matrix"),result:n.YOg(n.Ikc({metric:b,values:n.YOg(g).default([]),histograms:n.YOg(n.L5J()).optional()}))}),n.Ikc({resultType:n.euz("vector"),result:n.YOg(n.Ikc({metric:b,value:g.optional(),histogram:n.L5J().optional()}))}),n.Ikc({resultType:n.euz("scalar"),result:g})])}),l=n.Ikc({status:n.euz("error"),errorType:n.YjP().optional(),error:n.YjP()}),h=e((w,S,M,L)=>u(w,"query",{query:S,time:a(M)},L),"queryInstant"),m=e((w,S,{from:M,to:L,stepMs:B},U)=>u(w,"query_range",{query:S,start:a(M),end:a(L),step:a(B)},U),"queryRange"),a=e(w=>(w/1e3).toFixed(3),"seconds");async function u({http:w,url:S,headers:M,timeoutMs:L},B,U,Q){const z=`${S.replace(/\/+$/,"")}/api/v1/${B}`,F=new URLSearchParams({...U,timeout:`${L}ms`}),T=await(0,f.ey)(w,{url:`${z}?${F}`,headers:M,timeoutMs:L},Q);if(!T.ok)return T;const t=(0,f.j$)(z),P=l.safeParse(T.json);if(P.success){const{errorType:r="error",error:d}=P.data;return{ok:!1,why:`${t}: ${r}: ${s(d)}`}}if(T.status!==200)return{ok:!1,why:`${t} answers ${T.status} instead of 200`};const k=v.safeParse(T.json);if(!k.success)return{ok:!1,why:`${t} does not answer as Prometheus does`};const{warnings:A=[],data:$}=k.data;if(A.length>0)return{ok:!1,why:`${t} warns that the answer is not whole: ${s(A.join("; "))}`};const c=e(r=>r.map(([d,I])=>({at:Math.round(d*1e3),value:_(I)})),"pointsOf"),p={ok:!1,why:`${t} answers a native histogram. Fix: ask for a number, by histogram_quantile or histogram_count`};switch($.resultType){case"matrix":return $.result.some(({histograms:r=[]})=>r.length>0)?p:{ok:!0,series:$.result.map(({metric:r,values:d})=>({labels:r,points:c(d)}))};case"vector":return $.result.some(({value:r})=>r===void 0)?p:{ok:!0,series:$.result.map(({metric:r,value:d})=>({labels:r,points:c([d])}))};case"scalar":return{ok:!0,series:[{labels:{},points:c([$.result])}]}}}e(u,"ask");const _=e(w=>w==="+Inf"||w==="Inf"?1/0:w==="-Inf"?-1/0:w===""?NaN:Number(w),"numberOf"),s=e(w=>w.length>300?`${w.slice(0,297)}...`:w,"cut"),i=e(w=>`"${w.replace(/[\\"]/g,"\\$&").replace(/\n/g,"\\n")}"`,"promString"),O=e((w,S)=>`${w}{${Object.entries(S).map(([M,L])=>`${M}=${i(L)}`).join(",")}}`,"selectorOf")}),75569:((x,D,o)=>{o.d(D,{P:e(()=>f,"P")});var n=o(3625);async function*f(g,b,v,l,h){let m=null;for(;;){const{nodes:a,pageInfo:u}=l(m===null&&h!==void 0?h:await g.graphql(b,{...v,after:m}));if(yield{nodes:a,isLast:!u.hasNextPage},!u.hasNextPage)return;if(u.endCursor===null||u.endCursor===m)throw new n.y("GitHub says that a list goes on, but not where. Fix: run the step again.",200);m=u.endCursor}}e(f,"connectionPages")}),82400:((x,D,o)=>{o.d(D,{B:e(()=>n,"B")});function n(f,g){const b=Object.assign({},...g.map(({variables:l})=>l)),v=Object.entries(b).map(([l,h])=>`, $${l}: ${h}`);return`query ${f}($owner: String!, $name: String!${v.join("")}) {
    repository(owner: $owner, name: $name) {
      ${g.map(({members:l})=>l).join(`
`)}
    }
  }`}e(n,"repositoryQuery")}),33781:((x,D,o)=>{o.d(D,{u:e(()=>b,"u")});var n=o(54815);const f=1048576,g=`
  query TrustedFile($owner: String!, $name: String!, $path: String!) {
    repository(owner: $owner, name: $name) {
      defaultBranchRef {
        name
        target {
          oid
          ... on Commit {
            file(path: $path) {
              object {
                __typename
                ... on Blob {
                  text
                  isTruncated
                  byteSize
                }
              }
            }
          }
        }
      }
    }
  }
`;async function b(v,l){const h=await v.graphql(g,{path:l.replace(/^\.?\/+/,"")}),m=`${v.owner}/${v.repository}`,a=e((i,O)=>{throw new n.j([{file:l,path:"",got:i,allowed:`a text file of at most ${f} bytes on the default branch`,fix:O}])},"refuse"),u=h.repository?.defaultBranchRef,_=u?.target?.oid;if(!u||!_)return a(`no default branch in ${m}`,'push a first commit, and grant the job "contents: read"');const s=u.target?.file?.object;return s?s.__typename!=="Blob"?a(`a ${s.__typename.toLowerCase()}`,"name a file, not a folder"):s.isTruncated||(s.byteSize??0)>f?a(`${s.byteSize??"too many"} bytes, truncated by GitHub`,`make ${l} smaller`):typeof s.text!="string"?a("a binary file",`save ${l} as UTF-8 text`):{text:s.text,commit:_,branch:u.name}:a(`no such file at ${u.name} (${_.slice(0,12)}) of ${m}`,`merge ${l} to ${u.name}: a copy in the workspace or in the released commit does not count`)}e(b,"readTrustedFile")}),47360:((x,D,o)=>{o.d(D,{B:e(()=>b,"B"),K:e(()=>g,"K")});var n=o(39190),f=o(3971);function g({services:v,environment:l},h){return(v.length===0||v.some(m=>(0,f.kd)(m,h.service)))&&(l==null||(0,f.q)(l,h.environment))}e(g,"concerns");function b(v,l){const h=e(a=>n.X.options.indexOf(a),"rank"),{severity:m}=v;return m!=null&&h(m)<=h(l.blockAt)&&g(v,l)}e(b,"blocks")}),45480:((x,D,o)=>{o.d(D,{Lz:e(()=>L,"Lz"),MZ:e(()=>U,"MZ"),pF:e(()=>M,"pF")});var n=o(88343),f=o(26401),g=o(39190),b=o(82400),v=o(75569),l=o(47318),h=o(3971),m=o(79114),a=o(1033);const u=n.rej({schema:n.euz("devops-actions/incident@1"),service:f.Jq,environment:f.Jq,severity:g.X,causedBy:n.Whr().positive().optional(),fingerprint:n.YjP(),openedAt:f.p8,resolvedAt:f.p8.optional()}),_="<!-- devops-actions:incident ",s=" -->";function i(T){return`${_}${JSON.stringify(T).replace(/[<>-]/g,t=>`\\u${t.charCodeAt(0).toString(16).padStart(4,"0")}`)}${s}`}e(i,"writeMarker");function O(T){const t=T.lastIndexOf(_),P=T.indexOf(s,t);if(!(t<0||P<0))try{const k=u.safeParse(JSON.parse(T.slice(t+_.length,P)));return k.success?k.data:void 0}catch{return}}e(O,"readMarker");function w(T){return["incident",`severity:${T.severity}`,(0,h.uZ)(T.service)]}e(w,"incidentLabels");const S=256;async function M(T,t,P=a.K9){const{incidents:k}=await U(T,{states:["OPEN"],writers:P}),A=k.find(c=>c.marker?.fingerprint===t.marker.fingerprint);if(A)return await T.rest("POST /repos/{owner}/{repo}/issues/{issue_number}/comments",{issue_number:A.number,body:t.body}),{number:A.number,url:A.url,fresh:!1};const $=await T.rest("POST /repos/{owner}/{repo}/issues",{title:t.title.slice(0,S),body:`${t.body}

${i(t.marker)}
`,labels:w(t.marker)});return{number:$.number,url:$.html_url,fresh:!0}}e(M,"openIncident");const L={variables:{states:"[IssueState!]",since:"DateTime",after:"String"},members:`
    issues(
      labels: ["incident"]
      states: $states
      filterBy: { since: $since }
      first: 100
      after: $after
      orderBy: { field: CREATED_AT, direction: DESC }
    ) {
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        number
        url
        title
        body
        state
        createdAt
        closedAt
        author {
          __typename
          login
        }
        editor {
          __typename
          login
        }
        lastEditedAt
        labels(first: 100) {
          pageInfo {
            hasNextPage
          }
          nodes {
            name
          }
        }
      }
    }
  `},B=(0,b.B)("LedgerIncidents",[L]);async function U(T,t,P){const k=t.writers??a.K9,A=[];let $=0;const c={states:[...t.states],since:t.since??null};for await(const{nodes:p}of(0,v.P)(T,B,c,r=>r.repository.issues,P&&{repository:P})){$++;for(const r of p){const d=r.labels.nodes.map(y=>y.name),E=[r.author,...r.lastEditedAt?[r.editor]:[]].every(y=>(0,a.Ui)((0,m.cu)(y),k))?O(r.body):void 0,R=d.filter(y=>/^service:/i.test(y)).map(y=>y.slice(8).trim());A.push({number:r.number,url:r.url,title:r.title,open:r.state==="OPEN",createdAt:(0,l.nV)(r.createdAt)??0,closedAt:r.closedAt?(0,l.nV)(r.closedAt):void 0,labels:d,severity:r.labels.pageInfo.hasNextPage?"critical":F(z(d),E?.severity),services:Q(R,E?.service),environment:E?.environment,marker:E})}}return{incidents:A,requests:$}}e(U,"listIncidents");function Q(T,t){return t===void 0?[...new Set(T)]:[...new Set([...T.filter(P=>!(0,h.kd)(P,t)),t])]}e(Q,"namesOf");function z(T){return T.map(t=>t.toLowerCase()).filter(t=>t.startsWith("severity")).map(t=>g.X.safeParse(t.slice(9).trim()).data??"high").reduce(F,void 0)}e(z,"severityOf");function F(T,t){return g.X.options.find(P=>P===T||P===t)}e(F,"worst")}),63183:((x,D,o)=>{o.d(D,{J:e(()=>Q,"J")});var n=o(75569),f=o(3625),g=o(3971);const b=100;async function v(c,p,r){const d=Array.from({length:Math.ceil(r.length/b)},(E,R)=>r.slice(R*b,(R+1)*b));return{nodes:(await Promise.all(d.map(E=>c.graphql(p,{ids:E})))).flatMap(({nodes:E})=>E),requests:d.length}}e(v,"readNodes");var l=o(87962),h=o(47318),m=o(79114),a=o(1033);const u=`
  fragment LedgerStatus on DeploymentStatus {
    id
    state
    createdAt
    description
    logUrl
    creator {
      __typename
      login
    }
  }
`,_=`
  ${u}
  fragment LedgerRecord on Deployment {
    id
    databaseId
    task
    environment
    commitOid
    createdAt
    payload
    creator {
      __typename
      login
    }
    statuses(first: 100) {
      pageInfo {
        hasNextPage
      }
      nodes {
        ...LedgerStatus
      }
    }
  }
`;function s(c,p,r){if(!c.task?.startsWith("devops-actions/"))return;const d=O(c.payload);if(!d||(0,g.RD)(d.service)!==c.task)return;const I=(0,m.cu)(c.creator),E=(0,a.Ui)(I,p)?[]:[`created by ${I.login}, who does not write the ledger`];[d.releasedSha,d.builtSha].includes(c.commitOid)||E.push(`its commit ${c.commitOid} is not the one in its payload`);const R=(c.statuses?.nodes??[]).map(y=>({state:y.state.toLowerCase(),at:(0,h.nV)(y.createdAt)??0,by:(0,m.cu)(y.creator),description:y.description??"",...y.logUrl?{log:y.logUrl}:{}})).filter(y=>(0,a.Ui)(y.by,p)).reverse();return{id:c.databaseId,environment:c.environment??"",service:d.service,sha:c.commitOid,createdAt:(0,h.nV)(c.createdAt)??0,by:I,payload:d,statuses:i(R),distrust:E,...r===void 0?{}:{unread:r}}}e(s,"readRecord");function i(c){return c.map((p,r)=>({status:p,index:r})).sort((p,r)=>p.status.at-r.status.at||p.index-r.index).map(({status:p})=>p)}e(i,"oldestFirst");function O(c){try{let p=JSON.parse(c??"");typeof p=="string"&&(p=JSON.parse(p));const r=l.B.safeParse(p);return r.success?r.data:void 0}catch{return}}e(O,"readPayload");const w=20,S=e(()=>({pages:w}),"statusBudget"),M=`
  query LedgerOldestStatuses($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Deployment {
        id
        oldest: statuses(last: 100) {
          totalCount
          nodes {
            ...LedgerStatus
          }
        }
      }
    }
  }
  ${u}
`;async function L(c,p,r){const d=p.filter(({statuses:j})=>j?.pageInfo.hasNextPage);if(d.length===0)return{read:p.map(j=>({node:j})),requests:0};const I=d.map(({id:j})=>j),E=await v(c,M,I),R=new Map(E.nodes.map(j=>[j.id,j.oldest])),y=[],W=r.pages;for(const j of p){const C=d.includes(j)?R.get(j.id):void 0;y.push(C?await B(c,j,C,r):{node:j})}return{read:y,requests:E.requests+W-r.pages}}e(L,"withOlderStatuses");async function B(c,p,{totalCount:r,nodes:d},I){const E=new Map((p.statuses?.nodes??[]).map(C=>[C.id,C])),R=e(()=>new Set([...E.keys(),...d.map(({id:C})=>C)]).size<r,"missing");for(let C=2;R()&&C<=w&&I.pages>0;C++){I.pages--;const K=await U(c,p.databaseId,C);for(const N of K)E.set(N.id,N);if(K.length===0)break}const y=R();for(const C of d)E.set(C.id,C);const W={pageInfo:{hasNextPage:y},nodes:[...E.values()]};if(!y)return{node:{...p,statuses:W}};const j=`it has ${r} statuses, of which only ${E.size} can be read`;return{node:{...p,statuses:W},unread:j}}e(B,"fillGap");async function U(c,p,r){return(await c.rest("GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses",{deployment_id:p,per_page:100,page:r})).map(({node_id:I,state:E,created_at:R,description:y,log_url:W,creator:j})=>({id:I,state:E,createdAt:R,description:y,logUrl:W||null,creator:j&&{__typename:j.type,login:j.login}}))}e(U,"readPage");async function Q(c,p){const{service:r,environments:d}=p,I=p.writers??a.K9,E=r!==void 0&&p.wholeFirst?await T(c,d):void 0,R=E?.isLast?[E]:r===void 0?F(c,d):A(c,r,[...new Set(d)]),y=new Map,W=new Set,j=S();let C=E&&!E.isLast?E.requests:0,K=!0;for await(const J of R){const H=J.nodes.filter(({task:V})=>V?.startsWith("devops-actions/")),G=await L(c,H,j);C+=J.requests+G.requests;let X=!1;for(const{node:V,unread:ee}of G.read){const Z=s(V,I,ee);!Z||r!==void 0&&!(0,g.q)(Z.service,r)||(y.set(Z.id,Z),p.since!==void 0&&Z.createdAt<p.since&&(X=!0,Z.distrust.length===0&&Z.statuses.some(m.oJ)&&W.add(`${Z.environment}
${Z.service}`)))}const Y=new Set([...y.values()].map(V=>`${V.environment}
${V.service}`)),q=X&&[...Y].every(V=>W.has(V));if(J.isLast||q||(K=y.size<(p.limit??1e4),!K))break}const N=[...y.values()];return r!==void 0&&d.length>1&&N.sort((J,H)=>H.createdAt-J.createdAt||H.id-J.id),{records:N,requests:C,complete:K}}e(Q,"listDeployments");const z=`
  query LedgerDeployments($owner: String!, $name: String!, $environments: [String!], $after: String) {
    repository(owner: $owner, name: $name) {
      deployments(
        environments: $environments
        first: 100
        after: $after
        orderBy: { field: CREATED_AT, direction: DESC }
      ) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          ...LedgerRecord
        }
      }
    }
  }
  ${_}
`;async function*F(c,p){const r={environments:[...p]},d=e(I=>I.repository.deployments,"connectionOf");for await(const I of(0,n.P)(c,z,r,d))yield{...I,requests:1}}e(F,"pagesOfAll");async function T(c,p){for await(const r of F(c,p))return r}e(T,"firstPage");const t=`
  query LedgerDeploymentsOfService($ids: [ID!]!) {
    nodes(ids: $ids) {
      ...LedgerRecord
    }
  }
  ${_}
`,P=100,k=3;async function*A(c,p,r){let d=r.length===1?r:[void 0];for(let I=1,E=1,R=0;d.length>0;){const y=await Promise.all(d.map(j=>$(c,p,j,I)));if(R+=y.length,d[0]===void 0&&y[0]?.length===P){d=r;continue}const W=y.flat().filter(({environment:j})=>d[0]!==void 0||r.some(C=>(0,g.q)(C,j)));try{const{nodes:j,requests:C}=await v(c,t,W.map(({node_id:K})=>K));d=d.filter((K,N)=>y[N].length===P),yield{nodes:j,isLast:d.length===0,requests:R+C},I++,R=0}catch(j){if(!(j instanceof f.y&&/Could not resolve to a node/i.test(j.message))||E++>=k)throw j}}}e(A,"pagesOfService");const $=e((c,p,r,d)=>c.rest("GET /repos/{owner}/{repo}/deployments",{task:(0,g.RD)(p),...r===void 0?{}:{environment:r},per_page:P,page:d}),"readList")}),97875:((x,D,o)=>{o.d(D,{T:e(()=>b,"T"),j:e(()=>f,"j")});const n=30;async function f(v,l,h,m){let a=[...l];for(const[u,_]of h.entries()){if(u>=n)throw new Error(`${n} Deployments in a row do not prove themselves, so the ledger decides nothing: ${b(a)}. Someone writes records that no release made: list them with gh api repos/{owner}/{repo}/deployments`);const[s=_]=await v([_],a);if(a=a.map(i=>i.id===s.id?s:i),s.distrust.length===0&&m(s))return{found:s,records:a}}return{found:void 0,records:a}}e(f,"firstProved");function g({id:v,distrust:l,statuses:h,unread:m}){if(l.length>0)return`Deployment ${v} does not count: ${l.join("; ")}`;if(m!==void 0)return`What became of Deployment ${v} is not known: ${m}`;const a=h.flatMap(({doubt:s})=>s??[]),[u,..._]=a;return u===void 0?"":`A status of Deployment ${v} does not count: ${u}${_.length>0?`, and ${_.length} more`:""}`}e(g,"doubtsOf");function b(v){const l=v.find(({distrust:h})=>h.length>0)??v.find(h=>g(h));return l?g(l):""}e(b,"describeDoubted")}),17073:((x,D,o)=>{o.d(D,{A3:e(()=>m,"A3"),Mm:e(()=>v,"Mm"),Y$:e(()=>l,"Y$")});var n=o(30714);let f,g,b;function v(s,i){const O=`it was stopped after ${s} ms of processor time`;if(!b)return h(s,i,O);const{totalMs:w,leftMs:S}=b,M=`the ${w} ms that may be spent on one answer were used up`;if(S<=0)return{ok:!1,reason:M};const L=_(),B=S<s?h(S,i,M):h(s,i,O);return b.leftMs=S-(_()-L),B}e(v,"bounded");function l(s,i){const O=b;b={totalMs:s,leftMs:s};try{return i()}finally{b=O}}e(l,"withBudget");function h(s,i,O){for(let w=s*a;;){const S=_(),M=u(Math.ceil(w),i);if(M!=="stopped")return M;const L=_()-S;if(L>=s)return{ok:!1,reason:O};w*=Math.min(8,s/L*a)}}e(h,"runBounded");function m(s){const{message:i}=s;return/^Maximum call stack size/.test(i)?"it leads deeper than can be followed":i}e(m,"reasonOf");const a=1.25;function u(s,i){f??=(0,n.createContext)({work:void 0}),g??=new n.Script("work()");let O;f.work=()=>{O=i()};try{return g.runInContext(f,{timeout:s}),{ok:!0,value:O}}catch(w){const{code:S}=w;return S==="ERR_SCRIPT_EXECUTION_TIMEOUT"?"stopped":{ok:!1,reason:m(w)}}finally{f.work=void 0}}e(u,"runFor");function _(){const{threadCpuUsage:s=process.cpuUsage}=process,{user:i,system:O}=s.call(process);return(i+O)/1e3}e(_,"processorMs")}),89350:((x,D,o)=>{o.d(D,{Q:e(()=>l,"Q")});var n=o(17073),f=o(93928);const g=250,b=1e4,v=500;async function l(){const{JSONPathEnvironment:s,jsonpath:i}=(0,f.e)(await o.e(393).then(o.t.bind(o,50393,19)),"JSONPathEnvironment"),O=new s({strict:!0,maxRecursionDepth:v}),{Match:w,Search:S}=i.functions;return O.functionRegister.set("match",a(new w({throwErrors:!0}))),O.functionRegister.set("search",a(new S({throwErrors:!0}))),M=>{try{const L=O.compile(m(M)),B=L.singularQuery()?_:U=>(0,n.Mm)(g,U);return{ok:!0,path:{values:e(U=>B(()=>u(L.lazyQuery(U))),"values")}}}catch(L){return{ok:!1,reason:L.message}}}}e(l,"loadJsonPath");const h=/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[A-Z_\u{80}-\u{10FFFF}][\w\u{80}-\u{10FFFF}]*|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/giu;function m(s){return s.replace(h,i=>{if(/^-?0\d/.test(i))throw new Error(`${i} is not a number: it begins with 0`);const[O,w="",S="0"]=/^0(?:\.(\d+))?(?:e(.+))?$/i.exec(i)??[];if(O===void 0)return i;const M=w.replace(/^0+/,"");return M===""?"0":`${M}e${Number(S)-w.length}`})}e(m,"withoutLeadingZeros");function a(s){return{argTypes:s.argTypes,returnType:s.returnType,call:e((i,O)=>typeof i=="string"&&typeof O=="string"&&s.call(i,O),"call")}}e(a,"ofTexts");function u(s){const i=[];for(const{value:O}of s)if(i.push(O)>b)throw new Error(`it finds more than ${b} nodes`);return i}e(u,"collect");function _(s){try{return{ok:!0,value:s()}}catch(i){return{ok:!1,reason:i.message}}}e(_,"unbounded")}),93928:((x,D,o)=>{o.d(D,{e:e(()=>n,"e")});function n(f,g){return g in f?f:f.default}e(n,"namesOf")}),66630:((x,D,o)=>{o.d(D,{LM:e(()=>l,"LM"),M4:e(()=>v,"M4"),QU:e(()=>m,"QU"),Qq:e(()=>h,"Qq"),Rc:e(()=>f,"Rc")});const n=new WeakMap;function f(a,u){return n.set(a,u),a}e(f,"withJsonForm");function g(a){const{checks:u=[],shape:_={}}=a._zod.def,s=Object.keys(_).filter(i=>_[i]._zod.optin!=="optional");return u.flatMap(i=>{const{fn:O}=i._zod.def;return(n.get(i._zod.check)??(O&&n.get(O)))?.(Object.keys(_),s)??[]})}e(g,"jsonFormsOf");const b=e(a=>({properties:{[a]:!0},required:[a]}),"hasKey");function v(a,u,_=[]){const s=u?.filter(i=>!a.includes(i));return s?.every(i=>_.includes(i))?{minProperties:s.length+1}:{anyOf:a.map(b)}}e(v,"hasSomeOf");const l=e(a=>a.slice(0,-1).map((u,_)=>({if:b(u),then:{properties:Object.fromEntries(a.slice(_+1).map(s=>[s,!1]))}})),"hasNoTwoOf");function h(a){const u=e(s=>s.replace(/\?$/,""),"bare"),_=[...new Set(a.flat().map(u))];return{anyOf:a.map(s=>({properties:Object.fromEntries(_.map(i=>[i,s.map(u).includes(i)])),required:s.filter(i=>!i.endsWith("?"))}))}}e(h,"hasOneFormOf");const m="asOneOf"})};
