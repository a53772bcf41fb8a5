var te=Object.defineProperty;var e=(x,E)=>te(x,"name",{value:E,configurable:!0});export const id=1690,ids=[1690],modules={19080:((x,E,n)=>{n.d(E,{Zm:e(()=>b,"Zm"),hX:e(()=>g,"hX"),o2:e(()=>s,"o2"),py:e(()=>u,"py"),pz:e(()=>v,"pz")});const s=["environment","service","version","colour","sha"],m=/\{\{\s*([^{}]*?)\s*\}\}/g;function g(h){return[...h.matchAll(m)].map(([,a])=>a??"").filter(a=>!s.some(c=>c===a))}e(g,"unknownPlaceholders");function b(h){return h.replace(m,"")}e(b,"withoutPlaceholders");function v(h,a){return h.replace(m,(c,f)=>a[f])}e(v,"fillIn");function u(h,a,c){const f=h.replace(m,(d,r)=>encodeURIComponent(a[r]));return new URL(f,c).href}e(u,"fillInAddress")}),45079:((x,E,n)=>{n.d(E,{M:e(()=>s,"M"),Z:e(()=>m,"Z")});const s=["number","seconds","milliseconds","share","percent"];function m(g){return g}e(m,"defineSource")}),50359:((x,E,n)=>{n.d(E,{DQ:e(()=>b,"DQ"),DV:e(()=>m,"DV"),ZH:e(()=>g,"ZH"),ey:e(()=>u,"ey"),j$:e(()=>h,"j$")});var s=n(88343);const m=e(()=>s.OZ5({protocol:/^https?$/,error:"an http or https address"}),"addressField"),g=e(()=>s.g1P(s.YjP().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/,"the name of a header, such as Authorization"),s.KCZ([s.YjP().regex(/^[\t\x20-\x7e\x80-\xff]*$/,"text of one line"),s.rej({env:s.YjP().regex(/^[A-Za-z_][A-Za-z0-9_]*$/,"the name of an environment variable").describe("Environment variable of the step that holds the whole value, which is masked.")})])).default({}).describe("Headers sent along: a value, or { env: NAME } for a secret."),"headersField");function b(a,c){const f={};for(const[d,r]of Object.entries(a)){const _=typeof r=="string"?r:c(r.env);if(!_||/[\r\n\0]/.test(_)){const D=_?"has more than one line":"is not set",w=typeof r=="string"?"":`. Fix: under "env:" of the step add  ${r.env}: \${{ secrets.${r.env} }}`;return{ok:!1,why:`the variable for the header ${d} ${D}${w}`}}f[d]=_}return{ok:!0,headers:f}}e(b,"resolveHeaders");const v=8388608;async function u(a,c,f){const d=await a.send({...c,headers:{accept:"application/json",...c.headers},maxBodyBytes:v,...f?{signal:f}:{}}),r=h(c.url);if(!d.ok)return{ok:!1,why:d.fault.message};const{status:_,body:D}=d.response;try{return{ok:!0,json:JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(D)),status:_}}catch{return{ok:!1,why:_===200?`${r} answers no JSON`:`${r} answers ${_} instead of 200`}}}e(u,"askJson");function h(a){const{origin:c,pathname:f}=new URL(a);return`${c}${f}`}e(h,"withoutQuery")}),49324:((x,E,n)=>{n.d(E,{Mx:e(()=>v,"Mx"),OT:e(()=>b,"OT"),RU:e(()=>g,"RU")});var s=n(88343),m=n(19080);const g=e(()=>s.YjP().min(1).refine(u=>(0,m.hX)(u).length===0,`text whose {{ … }} are among ${m.o2.join(", ")}`),"templateField"),b=e(()=>g().refine(u=>/^\/(?!\/)[^\s\\]*$/.test((0,m.Zm)(u)),"a path that starts with one slash"),"pathField"),v=e(u=>s.euz(u).describe("Kind of source (docs/rollback-criteria.md)."),"sourceType")}),83507:((x,E,n)=>{n.d(E,{Pq:e(()=>T,"Pq"),UA:e(()=>F,"UA"),kO:e(()=>M,"kO"),tk:e(()=>Q,"tk")});var s=n(88343),m=n(14719),g=n(89350),b=n(66630),v=n(47318),u=n(19080),h=n(45079),a=n(50359),c=n(49324);const f=["from-seconds","to-seconds","from-ms","to-ms","from-iso","to-iso"],d=/\{\{\s*([^{}]*?)\s*\}\}/g,r=[...u.o2,...f],_=e(()=>s.YjP().min(1).refine(t=>[...t.matchAll(d)].every(([,O])=>r.includes(O??"")),`text whose {{ … }} are among ${r.join(", ")}`),"template"),D=e(t=>s.YjP().regex(/^\$/,"a JSONPath, which begins with $").describe(t),"jsonPath"),w=s.rej({type:(0,c.Mx)("json"),url:_().refine(t=>/^https?:\/\/[^\s/?#]/.test(t),"an http or https address").describe("What is asked, with {{ version }}, {{ from-seconds }}, {{ to-iso }} and the like."),method:s.k5n(["GET","POST"]).default("GET").describe("How it is asked."),headers:(0,a.ZH)(),body:_().optional().describe("POST: the body, with {{ … }} inside JSON text."),timeout:(0,m.p0)().prefault("10s").describe("Longest wait for the answer."),every:(0,m.p0)().prefault("0s").describe("Least time between two questions: the resolution of the server."),delay:(0,m.p0)().prefault("0s").describe("How late the server knows its numbers; asked for is the time before."),requests:D("Requests between from and to.").optional(),errors:D("Those of them that failed.").optional(),value:D("A number, in place of requests and errors.").optional(),unit:s.k5n(h.M).default("number").describe("The unit of value."),at:D("When it was measured: epoch seconds or milliseconds, or ISO 8601.").optional(),"max-age":(0,m.p0)().prefault("5m").describe('How old "at" may be.')}).refine((0,b.Rc)(t=>t.value===void 0?t.requests!==void 0&&t.errors!==void 0:t.requests===void 0&&t.errors===void 0,()=>[(0,b.M4)(["value","requests"]),...(0,b.LM)(["value","requests"]),...(0,b.LM)(["value","errors"])]),"either requests and errors, or value (JSONPaths)"),S=e(({value:t,unit:O,every:I,delay:A})=>t===void 0?{is:"counts",by:!1}:{is:"numbers",by:!1,unit:O,baseline:!1,lagMs:I+A},"gives");class M extends Error{static{e(this,"Unusable")}constructor(O,I){super(I),this.is=O}is}function C(t,{http:O,subject:I,variable:A=e(()=>{},"variable")}){const $=(0,a.DQ)(t.headers,A);let i,p;async function o(l,k){if(!$.ok)throw new M("error",$.why);const P=W(t.url,l,Y=>encodeURIComponent(Y),I),{method:L,body:y,timeout:N}=t,j=y&&W(y,l,Y=>JSON.stringify(Y).slice(1,-1),I),R=j===void 0?{}:{body:j},K={...y?{"content-type":"application/json"}:{},...$.headers},B=await(0,a.ey)(O,{url:P,method:L,headers:K,...R,timeoutMs:N},k);if(!B.ok)throw new M("error",B.why);if(B.status!==200)throw new M("error",`${(0,a.j$)(P)} answers ${B.status} instead of 200`);p??=(0,g.Q)();const J=await p,H=e(Y=>Q(Y,J,B.json),"one");if(t.at!==void 0&&F(t.at,J,B.json,l.to-t["max-age"]),t.value!==void 0){const Y={number:1,milliseconds:1,seconds:1e3,share:1,percent:.01}[t.unit];return{is:"data",samples:[],values:[{...l,value:H(t.value)*Y}]}}const[G,X]=[H(t.requests),H(t.errors)];if(G<0||X<0||X>G)throw new M("error",`it counts ${X} errors of ${G} requests, which cannot be`);return{is:"data",samples:[{...l,requests:G,errors:X}]}}return e(o,"ask"),{async query(l,k){const P=l.to-t.delay,L=i??l.from-t.delay;if(P-L<Math.max(1,t.every))return i??=L,{is:"data",samples:[]};try{const y=await o({from:L,to:P},k);return i=P,y}catch(y){if(!(y instanceof M))throw y;return t.value!==void 0&&(i=P),{is:y.is,message:y.message}}}}}e(C,"open");function W(t,{from:O,to:I},A,$){const i={"from-seconds":String(Math.floor(O/1e3)),"to-seconds":String(Math.floor(I/1e3)),"from-ms":String(O),"to-ms":String(I),"from-iso":(0,v.j2)(O),"to-iso":(0,v.j2)(I)};return t.replace(d,(p,o)=>A(i[o]??(0,u.pz)(p,$)))}e(W,"fill");function U(t,O,I){const A=O(t);if(!A.ok)throw new M("error",`${t} is no JSONPath: ${A.reason}`);const $=A.path.values(I);if(!$.ok)throw new M("error",`${t}: ${$.reason}`);if($.value.length>1)throw new M("error",`${t} finds ${$.value.length} values, and one is judged. Fix: name one, such as ${t}[0]`);const[i]=$.value;if(i==null)throw new M("absent",`${t} finds nothing`);return i}e(U,"valueAt");function Q(t,O,I){const A=U(t,O,I),$=typeof A=="string"&&/^-?\d{1,15}(\.\d{1,15})?(e[+-]?\d{1,3})?$/i.test(A)?Number(A):A;if(typeof $!="number"||!Number.isFinite($))throw new M("error",`${t} finds no number but ${JSON.stringify(A)?.slice(0,80)}`);return $}e(Q,"numberAt");function F(t,O,I,A){const $=U(t,O,I),i=typeof $=="number"?$<1e11?$*1e3:$:typeof $=="string"?(0,v.nV)($):void 0;if(i===void 0)throw new M("error",`${t} finds no time but ${JSON.stringify($)?.slice(0,80)}`);if(i<A)throw new M("stale",`it was measured at ${(0,v.j2)(i)}, which is too long ago`)}e(F,"checkAge");function z({url:t,body:O=""}){const I=[...`${t} ${O}`.matchAll(d)].map(([,$=""])=>$),A=["from","to"].filter($=>!I.some(i=>i.startsWith(`${$}-`)));return A.length===0?void 0:`its question does not name the time (no ${A.map($=>`{{ ${$}-… }}`).join(" and no ")} in url or body)`}e(z,"noPast");const T=(0,h.Z)({schema:w,gives:S,noPast:z,open:C})}),1736:((x,E,n)=>{n.d(E,{Bk:e(()=>D,"Bk"),CZ:e(()=>_,"CZ"),O4:e(()=>a,"O4"),SU:e(()=>h,"SU")});var s=n(88343),m=n(50359);const g=s.PVZ([s.aig(),s.YjP()]),b=s.g1P(s.YjP(),s.YjP()),v=s.Ikc({status:s.euz("success"),warnings:s.YOg(s.YjP()).optional(),data:s.gMt("resultType",[s.Ikc({resultType:s.euz("matrix"),result:s.YOg(s.Ikc({metric:b,values:s.YOg(g).default([]),histograms:s.YOg(s.L5J()).optional()}))}),s.Ikc({resultType:s.euz("vector"),result:s.YOg(s.Ikc({metric:b,value:g.optional(),histogram:s.L5J().optional()}))}),s.Ikc({resultType:s.euz("scalar"),result:g})])}),u=s.Ikc({status:s.euz("error"),errorType:s.YjP().optional(),error:s.YjP()}),h=e((w,S,M,C)=>f(w,"query",{query:S,time:c(M)},C),"queryInstant"),a=e((w,S,{from:M,to:C,stepMs:W},U)=>f(w,"query_range",{query:S,start:c(M),end:c(C),step:c(W)},U),"queryRange"),c=e(w=>(w/1e3).toFixed(3),"seconds");async function f({http:w,url:S,headers:M,timeoutMs:C},W,U,Q){const F=`${S.replace(/\/+$/,"")}/api/v1/${W}`,z=new URLSearchParams({...U,timeout:`${C}ms`}),T=await(0,m.ey)(w,{url:`${F}?${z}`,headers:M,timeoutMs:C},Q);if(!T.ok)return T;const t=(0,m.j$)(F),O=u.safeParse(T.json);if(O.success){const{errorType:o="error",error:l}=O.data;return{ok:!1,why:`${t}: ${o}: ${r(l)}`}}if(T.status!==200)return{ok:!1,why:`${t} answers ${T.status} instead of 200`};const I=v.safeParse(T.json);if(!I.success)return{ok:!1,why:`${t} does not answer as Prometheus does`};const{warnings:A=[],data:$}=I.data;if(A.length>0)return{ok:!1,why:`${t} warns that the answer is not whole: ${r(A.join("; "))}`};const i=e(o=>o.map(([l,k])=>({at:Math.round(l*1e3),value:d(k)})),"pointsOf"),p={ok:!1,why:`${t} answers a native histogram. Fix: ask for a number, by histogram_quantile or histogram_count`};switch($.resultType){case"matrix":return $.result.some(({histograms:o=[]})=>o.length>0)?p:{ok:!0,series:$.result.map(({metric:o,values:l})=>({labels:o,points:i(l)}))};case"vector":return $.result.some(({value:o})=>o===void 0)?p:{ok:!0,series:$.result.map(({metric:o,value:l})=>({labels:o,points:i([l])}))};case"scalar":return{ok:!0,series:[{labels:{},points:i([$.result])}]}}}e(f,"ask");const d=e(w=>w==="+Inf"||w==="Inf"?1/0:w==="-Inf"?-1/0:w===""?NaN:Number(w),"numberOf"),r=e(w=>w.length>300?`${w.slice(0,297)}...`:w,"cut"),_=e(w=>`"${w.replace(/[\\"]/g,"\\$&").replace(/\n/g,"\\n")}"`,"promString"),D=e((w,S)=>`${w}{${Object.entries(S).map(([M,C])=>`${M}=${_(C)}`).join(",")}}`,"selectorOf")}),75569:((x,E,n)=>{n.d(E,{P:e(()=>m,"P")});var s=n(3625);async function*m(g,b,v,u,h){let a=null;for(;;){const{nodes:c,pageInfo:f}=u(a===null&&h!==void 0?h:await g.graphql(b,{...v,after:a}));if(yield{nodes:c,isLast:!f.hasNextPage},!f.hasNextPage)return;if(f.endCursor===null||f.endCursor===a)throw new s.y("GitHub says that a list goes on, but not where. Fix: run the step again.",200);a=f.endCursor}}e(m,"connectionPages")}),82400:((x,E,n)=>{n.d(E,{B:e(()=>s,"B")});function s(m,g){const b=Object.assign({},...g.map(({variables:u})=>u)),v=Object.entries(b).map(([u,h])=>`, $${u}: ${h}`);return`query ${m}($owner: String!, $name: String!${v.join("")}) {
    repository(owner: $owner, name: $name) {
      ${g.map(({members:u})=>u).join(`
`)}
    }
  }`}e(s,"repositoryQuery")}),33781:((x,E,n)=>{n.d(E,{u:e(()=>b,"u")});var s=n(54815);const m=1048576,g=`
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
`;async function b(v,u){const h=await v.graphql(g,{path:u.replace(/^\.?\/+/,"")}),a=`${v.owner}/${v.repository}`,c=e((_,D)=>{throw new s.j([{file:u,path:"",got:_,allowed:`a text file of at most ${m} bytes on the default branch`,fix:D}])},"refuse"),f=h.repository?.defaultBranchRef,d=f?.target?.oid;if(!f||!d)return c(`no default branch in ${a}`,'push a first commit, and grant the job "contents: read"');const r=f.target?.file?.object;return r?r.__typename!=="Blob"?c(`a ${r.__typename.toLowerCase()}`,"name a file, not a folder"):r.isTruncated||(r.byteSize??0)>m?c(`${r.byteSize??"too many"} bytes, truncated by GitHub`,`make ${u} smaller`):typeof r.text!="string"?c("a binary file",`save ${u} as UTF-8 text`):{text:r.text,commit:d,branch:f.name}:c(`no such file at ${f.name} (${d.slice(0,12)}) of ${a}`,`merge ${u} to ${f.name}: a copy in the workspace or in the released commit does not count`)}e(b,"readTrustedFile")}),47360:((x,E,n)=>{n.d(E,{B:e(()=>b,"B"),K:e(()=>g,"K")});var s=n(39190),m=n(3971);function g({services:v,environment:u},h){return(v.length===0||v.some(a=>(0,m.kd)(a,h.service)))&&(u==null||(0,m.q)(u,h.environment))}e(g,"concerns");function b(v,u){const h=e(c=>s.X.options.indexOf(c),"rank"),{severity:a}=v;return a!=null&&h(a)<=h(u.blockAt)&&g(v,u)}e(b,"blocks")}),45480:((x,E,n)=>{n.d(E,{Lz:e(()=>C,"Lz"),MZ:e(()=>U,"MZ"),pF:e(()=>M,"pF")});var s=n(88343),m=n(26401),g=n(39190),b=n(82400),v=n(75569),u=n(47318),h=n(3971),a=n(79114),c=n(1033);const f=s.rej({schema:s.euz("devops-actions/incident@1"),service:m.Jq,environment:m.Jq,severity:g.X,causedBy:s.Whr().positive().optional(),fingerprint:s.YjP(),openedAt:m.p8,resolvedAt:m.p8.optional()}),d="<!-- devops-actions:incident ",r=" -->";function _(T){return`${d}${JSON.stringify(T).replace(/[<>-]/g,t=>`\\u${t.charCodeAt(0).toString(16).padStart(4,"0")}`)}${r}`}e(_,"writeMarker");function D(T){const t=T.lastIndexOf(d),O=T.indexOf(r,t);if(!(t<0||O<0))try{const I=f.safeParse(JSON.parse(T.slice(t+d.length,O)));return I.success?I.data:void 0}catch{return}}e(D,"readMarker");function w(T){return["incident",`severity:${T.severity}`,(0,h.uZ)(T.service)]}e(w,"incidentLabels");const S=256;async function M(T,t,O=c.K9){const{incidents:I}=await U(T,{states:["OPEN"],writers:O}),A=I.find(i=>i.marker?.fingerprint===t.marker.fingerprint);if(A)return await T.rest("POST /repos/{owner}/{repo}/issues/{issue_number}/comments",{issue_number:A.number,body:t.body}),{number:A.number,url:A.url,fresh:!1};const $=await T.rest("POST /repos/{owner}/{repo}/issues",{title:t.title.slice(0,S),body:`${t.body}

${_(t.marker)}
`,labels:w(t.marker)});return{number:$.number,url:$.html_url,fresh:!0}}e(M,"openIncident");const C={variables:{states:"[IssueState!]",since:"DateTime",after:"String"},members:`
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
  `},W=(0,b.B)("LedgerIncidents",[C]);async function U(T,t,O){const I=t.writers??c.K9,A=[];let $=0;const i={states:[...t.states],since:t.since??null};for await(const{nodes:p}of(0,v.P)(T,W,i,o=>o.repository.issues,O&&{repository:O})){$++;for(const o of p){const l=o.labels.nodes.map(y=>y.name),P=[o.author,...o.lastEditedAt?[o.editor]:[]].every(y=>(0,c.Ui)((0,a.cu)(y),I))?D(o.body):void 0,L=l.filter(y=>/^service:/i.test(y)).map(y=>y.slice(8).trim());A.push({number:o.number,url:o.url,title:o.title,open:o.state==="OPEN",createdAt:(0,u.nV)(o.createdAt)??0,closedAt:o.closedAt?(0,u.nV)(o.closedAt):void 0,labels:l,severity:o.labels.pageInfo.hasNextPage?"critical":z(F(l),P?.severity),services:Q(L,P?.service),environment:P?.environment,marker:P})}}return{incidents:A,requests:$}}e(U,"listIncidents");function Q(T,t){return t===void 0?[...new Set(T)]:[...new Set([...T.filter(O=>!(0,h.kd)(O,t)),t])]}e(Q,"namesOf");function F(T){return T.map(t=>t.toLowerCase()).filter(t=>t.startsWith("severity")).map(t=>g.X.safeParse(t.slice(9).trim()).data??"high").reduce(z,void 0)}e(F,"severityOf");function z(T,t){return g.X.options.find(O=>O===T||O===t)}e(z,"worst")}),63183:((x,E,n)=>{n.d(E,{J:e(()=>Q,"J")});var s=n(75569),m=n(3625),g=n(3971);const b=100;async function v(i,p,o){const l=Array.from({length:Math.ceil(o.length/b)},(P,L)=>o.slice(L*b,(L+1)*b));return{nodes:(await Promise.all(l.map(P=>i.graphql(p,{ids:P})))).flatMap(({nodes:P})=>P),requests:l.length}}e(v,"readNodes");var u=n(87962),h=n(47318),a=n(79114),c=n(1033);const f=`
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
`,d=`
  ${f}
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
`;function r(i,p,o){if(!i.task?.startsWith("devops-actions/"))return;const l=D(i.payload);if(!l||(0,g.RD)(l.service)!==i.task)return;const k=(0,a.cu)(i.creator),P=(0,c.Ui)(k,p)?[]:[`created by ${k.login}, who does not write the ledger`];[l.releasedSha,l.builtSha].includes(i.commitOid)||P.push(`its commit ${i.commitOid} is not the one in its payload`);const L=(i.statuses?.nodes??[]).map(y=>({state:y.state.toLowerCase(),at:(0,h.nV)(y.createdAt)??0,by:(0,a.cu)(y.creator),description:y.description??"",...y.logUrl?{log:y.logUrl}:{}})).filter(y=>(0,c.Ui)(y.by,p)).reverse();return{id:i.databaseId,environment:i.environment??"",service:l.service,sha:i.commitOid,createdAt:(0,h.nV)(i.createdAt)??0,by:k,payload:l,statuses:_(L),distrust:P,...o===void 0?{}:{unread:o}}}e(r,"readRecord");function _(i){return i.map((p,o)=>({status:p,index:o})).sort((p,o)=>p.status.at-o.status.at||p.index-o.index).map(({status:p})=>p)}e(_,"oldestFirst");function D(i){try{let p=JSON.parse(i??"");typeof p=="string"&&(p=JSON.parse(p));const o=u.B.safeParse(p);return o.success?o.data:void 0}catch{return}}e(D,"readPayload");const w=20,S=e(()=>({pages:w}),"statusBudget"),M=`
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
  ${f}
`;async function C(i,p,o){const l=p.filter(({statuses:j})=>j?.pageInfo.hasNextPage);if(l.length===0)return{read:p.map(j=>({node:j})),requests:0};const k=l.map(({id:j})=>j),P=await v(i,M,k),L=new Map(P.nodes.map(j=>[j.id,j.oldest])),y=[],N=o.pages;for(const j of p){const R=l.includes(j)?L.get(j.id):void 0;y.push(R?await W(i,j,R,o):{node:j})}return{read:y,requests:P.requests+N-o.pages}}e(C,"withOlderStatuses");async function W(i,p,{totalCount:o,nodes:l},k){const P=new Map((p.statuses?.nodes??[]).map(R=>[R.id,R])),L=e(()=>new Set([...P.keys(),...l.map(({id:R})=>R)]).size<o,"missing");for(let R=2;L()&&R<=w&&k.pages>0;R++){k.pages--;const K=await U(i,p.databaseId,R);for(const B of K)P.set(B.id,B);if(K.length===0)break}const y=L();for(const R of l)P.set(R.id,R);const N={pageInfo:{hasNextPage:y},nodes:[...P.values()]};if(!y)return{node:{...p,statuses:N}};const j=`it has ${o} statuses, of which only ${P.size} can be read`;return{node:{...p,statuses:N},unread:j}}e(W,"fillGap");async function U(i,p,o){return(await i.rest("GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses",{deployment_id:p,per_page:100,page:o})).map(({node_id:k,state:P,created_at:L,description:y,log_url:N,creator:j})=>({id:k,state:P,createdAt:L,description:y,logUrl:N||null,creator:j&&{__typename:j.type,login:j.login}}))}e(U,"readPage");async function Q(i,p){const{service:o,environments:l}=p,k=p.writers??c.K9,P=o!==void 0&&p.wholeFirst?await T(i,l):void 0,L=P?.isLast?[P]:o===void 0?z(i,l):A(i,o,[...new Set(l)]),y=new Map,N=new Set,j=S();let R=P&&!P.isLast?P.requests:0,K=!0;for await(const J of L){const H=J.nodes.filter(({task:V})=>V?.startsWith("devops-actions/")),G=await C(i,H,j);R+=J.requests+G.requests;let X=!1;for(const{node:V,unread:ee}of G.read){const Z=r(V,k,ee);!Z||o!==void 0&&!(0,g.q)(Z.service,o)||(y.set(Z.id,Z),p.since!==void 0&&Z.createdAt<p.since&&(X=!0,Z.distrust.length===0&&Z.statuses.some(a.oJ)&&N.add(`${Z.environment}
${Z.service}`)))}const Y=new Set([...y.values()].map(V=>`${V.environment}
${V.service}`)),q=X&&[...Y].every(V=>N.has(V));if(J.isLast||q||(K=y.size<(p.limit??1e4),!K))break}const B=[...y.values()];return o!==void 0&&l.length>1&&B.sort((J,H)=>H.createdAt-J.createdAt||H.id-J.id),{records:B,requests:R,complete:K}}e(Q,"listDeployments");const F=`
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
  ${d}
`;async function*z(i,p){const o={environments:[...p]},l=e(k=>k.repository.deployments,"connectionOf");for await(const k of(0,s.P)(i,F,o,l))yield{...k,requests:1}}e(z,"pagesOfAll");async function T(i,p){for await(const o of z(i,p))return o}e(T,"firstPage");const t=`
  query LedgerDeploymentsOfService($ids: [ID!]!) {
    nodes(ids: $ids) {
      ...LedgerRecord
    }
  }
  ${d}
`,O=100,I=3;async function*A(i,p,o){let l=o.length===1?o:[void 0];for(let k=1,P=1,L=0;l.length>0;){const y=await Promise.all(l.map(j=>$(i,p,j,k)));if(L+=y.length,l[0]===void 0&&y[0]?.length===O){l=o;continue}const N=y.flat().filter(({environment:j})=>l[0]!==void 0||o.some(R=>(0,g.q)(R,j)));try{const{nodes:j,requests:R}=await v(i,t,N.map(({node_id:K})=>K));l=l.filter((K,B)=>y[B].length===O),yield{nodes:j,isLast:l.length===0,requests:L+R},k++,L=0}catch(j){if(!(j instanceof m.y&&/Could not resolve to a node/i.test(j.message))||P++>=I)throw j}}}e(A,"pagesOfService");const $=e((i,p,o,l)=>i.rest("GET /repos/{owner}/{repo}/deployments",{task:(0,g.RD)(p),...o===void 0?{}:{environment:o},per_page:O,page:l}),"readList")}),97875:((x,E,n)=>{n.d(E,{T:e(()=>b,"T"),j:e(()=>m,"j")});const s=30;async function m(v,u,h,a){let c=[...u];for(const[f,d]of h.entries()){if(f>=s)throw new Error(`${s} Deployments in a row do not prove themselves, so the ledger decides nothing: ${b(c)}. Someone writes records that no release made: list them with gh api repos/{owner}/{repo}/deployments`);const[r=d]=await v([d],c);if(c=c.map(_=>_.id===r.id?r:_),r.distrust.length===0&&a(r))return{found:r,records:c}}return{found:void 0,records:c}}e(m,"firstProved");function g({id:v,distrust:u,statuses:h,unread:a}){if(u.length>0)return`Deployment ${v} does not count: ${u.join("; ")}`;if(a!==void 0)return`What became of Deployment ${v} is not known: ${a}`;const c=h.flatMap(({doubt:r})=>r??[]),[f,...d]=c;return f===void 0?"":`A status of Deployment ${v} does not count: ${f}${d.length>0?`, and ${d.length} more`:""}`}e(g,"doubtsOf");function b(v){const u=v.find(({distrust:h})=>h.length>0)??v.find(h=>g(h));return u?g(u):""}e(b,"describeDoubted")}),17073:((x,E,n)=>{n.d(E,{M:e(()=>v,"M"),Y:e(()=>u,"Y")});var s=n(30714);let m,g,b;function v(d,r){const _=`it was stopped after ${d} ms of processor time`;if(!b)return h(d,r,_);const{totalMs:D,leftMs:w}=b,S=`the ${D} ms that may be spent on one answer were used up`;if(w<=0)return{ok:!1,reason:S};const M=f(),C=w<d?h(w,r,S):h(d,r,_);return b.leftMs=w-(f()-M),C}e(v,"bounded");function u(d,r){const _=b;b={totalMs:d,leftMs:d};try{return r()}finally{b=_}}e(u,"withBudget");function h(d,r,_){for(let D=d*a;;){const w=f(),S=c(Math.ceil(D),r);if(S!=="stopped")return S;const M=f()-w;if(M>=d)return{ok:!1,reason:_};D*=Math.min(8,d/M*a)}}e(h,"runBounded");const a=1.25;function c(d,r){m??=(0,s.createContext)({work:void 0}),g??=new s.Script("work()");let _;m.work=()=>{_=r()};try{return g.runInContext(m,{timeout:d}),{ok:!0,value:_}}catch(D){const{code:w,message:S}=D;return w==="ERR_SCRIPT_EXECUTION_TIMEOUT"?"stopped":{ok:!1,reason:S}}finally{m.work=void 0}}e(c,"runFor");function f(){const{threadCpuUsage:d=process.cpuUsage}=process,{user:r,system:_}=d.call(process);return(r+_)/1e3}e(f,"processorMs")}),89350:((x,E,n)=>{n.d(E,{Q:e(()=>u,"Q")});var s=n(17073),m=n(93928);const g=250,b=1e4,v=500;async function u(){const{JSONPathEnvironment:r,jsonpath:_}=(0,m.e)(await n.e(393).then(n.t.bind(n,50393,19)),"JSONPathEnvironment"),D=new r({strict:!0,maxRecursionDepth:v}),{Match:w,Search:S}=_.functions;return D.functionRegister.set("match",c(new w({throwErrors:!0}))),D.functionRegister.set("search",c(new S({throwErrors:!0}))),M=>{try{const C=D.compile(a(M)),W=C.singularQuery()?d:U=>(0,s.M)(g,U);return{ok:!0,path:{values:e(U=>W(()=>f(C.lazyQuery(U))),"values")}}}catch(C){return{ok:!1,reason:C.message}}}}e(u,"loadJsonPath");const h=/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[A-Z_\u{80}-\u{10FFFF}][\w\u{80}-\u{10FFFF}]*|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/giu;function a(r){return r.replace(h,_=>{if(/^-?0\d/.test(_))throw new Error(`${_} is not a number: it begins with 0`);const[D,w="",S="0"]=/^0(?:\.(\d+))?(?:e(.+))?$/i.exec(_)??[];if(D===void 0)return _;const M=w.replace(/^0+/,"");return M===""?"0":`${M}e${Number(S)-w.length}`})}e(a,"withoutLeadingZeros");function c(r){return{argTypes:r.argTypes,returnType:r.returnType,call:e((_,D)=>typeof _=="string"&&typeof D=="string"&&r.call(_,D),"call")}}e(c,"ofTexts");function f(r){const _=[];for(const{value:D}of r)if(_.push(D)>b)throw new Error(`it finds more than ${b} nodes`);return _}e(f,"collect");function d(r){try{return{ok:!0,value:r()}}catch(_){return{ok:!1,reason:_.message}}}e(d,"unbounded")}),93928:((x,E,n)=>{n.d(E,{e:e(()=>s,"e")});function s(m,g){return g in m?m:m.default}e(s,"namesOf")}),66630:((x,E,n)=>{n.d(E,{LM:e(()=>u,"LM"),M4:e(()=>v,"M4"),Qq:e(()=>h,"Qq"),Rc:e(()=>m,"Rc")});const s=new WeakMap;function m(a,c){return s.set(a,c),a}e(m,"withJsonForm");function g(a){const{checks:c=[],shape:f={}}=a._zod.def;return c.flatMap(d=>{const{fn:r}=d._zod.def;return(s.get(d._zod.check)??(r&&s.get(r)))?.(Object.keys(f))??[]})}e(g,"jsonFormsOf");const b=e(a=>({properties:{[a]:!0},required:[a]}),"hasKey"),v=e((a,c)=>c?.every(f=>a.includes(f))?{minProperties:1}:{anyOf:a.map(b)},"hasSomeOf"),u=e(a=>a.slice(0,-1).map((c,f)=>({if:b(c),then:{properties:Object.fromEntries(a.slice(f+1).map(d=>[d,!1]))}})),"hasNoTwoOf");function h(a){const c=e(d=>d.replace(/\?$/,""),"bare"),f=[...new Set(a.flat().map(c))];return{anyOf:a.map(d=>({properties:Object.fromEntries(f.map(r=>[r,d.map(c).includes(r)])),required:d.filter(r=>!r.endsWith("?"))}))}}e(h,"hasOneFormOf")})};
