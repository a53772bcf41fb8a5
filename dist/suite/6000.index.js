var P=Object.defineProperty;var h=(d,o)=>P(d,"name",{value:o,configurable:!0});export const id=6e3,ids=[6e3],modules={36e3:((d,o,t)=>{t.r(o),t.d(o,{check:h(()=>v,"check")});var _=t(76760),m=t(11829),g=t(73816),E=t(69248),p=t(83811),w=t(29154),a=t(90806);const v={summary:"finds what is wrong in the files of this suite in a repository, offline",usage:`usage: devops-actions check [FOLDER] [--var NAME …]

Reads every file of the suite in a repository, offline, and says everything that is wrong with it: traffic files
(.github/traffic/ENVIRONMENT.yml), the release policy (.github/release-policy.yml), rollback criteria
(.github/rollback.yml), smoke suites (.github/smoke.yml, .github/smoke-SERVICE.yml), incidents, migrations, go-live,
waivers, rulesets, and other files below .github whose first comment names one of their schemas. Also what no file shows alone: an environment without traffic or
gates, a required check that no workflow makes, a secret or variable of the suite that the caller does not pass, a
suite of a service that nothing releases, a deploy script that is not there, a hotfix workflow without its gate.
Sends nothing and asks nobody.

  --var NAME   a variable that the workflow passes to the smoke suite; may be repeated

Exit codes: 0 nothing is wrong; 1 something is; 2 there is nothing to check.`,async run(M,e){const r=(0,g.l)(M,{values:["var"],flags:[]}),[f=".",...k]=r.positionals;if(k.length>0)throw new a.eb("Name one folder to check.");const b=(0,_.resolve)(e.cwd,f),s=await(0,E.l)(b);if(s.length===0)throw new a.eb(`${f} has none of the suite's files below .github. Is it the root of a repository?`);const O=await(0,w.G)(b,s,r.all("var"),e);for(const{path:l,kind:u}of s){const c=O.filter(({file:D})=>D===l).length;e.out(`${c===0?"ok  ":"WRONG".padEnd(4)} ${l} (${y[u]})`)}if(O.length===0){e.out(`Nothing is wrong in ${s.length} ${s.length===1?"file":"files"}.`);const l=s.flatMap(n);l.length>0&&e.out(`
But these lines still name an example, where your own address belongs:`);for(const c of l)e.out(`  ${c}`);const u=await(0,p.H)(b);u.length>0&&e.out(`
But these lines fail until you write what they do, and so do the workflows that run them:`);for(const c of u)e.out(`  ${c}`);return a.hS.pass}return e.out(`
${(0,m.y)(O)}`),a.hS.fail}},n=h(({path:M,text:e})=>e.split(`
`).flatMap((r,f)=>/\bexample\.(com|net|org)\b/.test(r.replace(/(^|\s)#.*/,""))?[`${M}:${f+1}: ${r.trim()}`]:[]),"examplesIn"),y={traffic:"traffic",policy:"release policy",rollback:"rollback criteria",suite:"smoke suite",incidents:"incidents","go-live":"go-live",migrations:"migrations",waivers:"waivers",ruleset:"rules of GitHub"}}),83811:((d,o,t)=>{t.d(o,{H:h(()=>p,"H")});var _=t(51455),m=t(76760);const g=["deploy/ephemeral","deploy/contain","test/acceptance"],E=/(^|[\s)])unfilled [^(]/;async function p(w){return(await Promise.all(g.map(async i=>[i,await(0,_.readFile)((0,m.join)(w,i),"utf8").catch(()=>"")]))).flatMap(([i,v])=>v.split(`
`).flatMap((n,y)=>E.test(n.replace(/^\s*#.*/,""))&&!n.includes("echo")?[`${i}:${y+1}: ${n.trim()}`]:[]))}h(p,"unfilledIn")})};
