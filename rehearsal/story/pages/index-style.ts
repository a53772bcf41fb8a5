/** Light and dark differ only in the named colours. */
export const indexStyle = `
:root{--ground:#f6f7f9;--card:#fff;--ink:#1c2430;--soft:#5b6675;--rule:#e3e7ec;--accent:#2f6fde;--good:#1c7f5a;--bad:#b8432a;--code:#eef1f5}
@media(prefers-color-scheme:dark){:root{--ground:#11151b;--card:#1a2029;--ink:#e7ebf0;--soft:#9aa6b5;--rule:#2b3440;--accent:#6ea2ff;--good:#57c79b;--bad:#f0875f;--code:#232b36}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1080px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 6px}
h2{font-size:1.2rem;margin:40px 0 10px}
p{margin:0 0 10px}
a{color:var(--accent);overflow-wrap:anywhere}
.soft{color:var(--soft)}
.good{color:var(--good)}.bad{color:var(--bad)}
.badge{display:inline-block;font-size:.78rem;border:1px solid currentColor;border-radius:99px;padding:0 9px;line-height:1.6}
nav ul{list-style:none;padding:0;margin:16px 0}
nav li{padding:2px 0}
.scroll,article{overflow-x:auto}
.card{background:var(--card);border:1px solid var(--rule);border-radius:10px;margin:8px 0;padding:0 16px}
.card>summary{padding:10px 0;font-weight:500}
summary{cursor:pointer}
article{padding:0 0 14px;border-top:1px solid var(--rule)}
article h2{font-size:1.1rem;margin:16px 0 8px}
article h3{font-size:1rem;margin:16px 0 8px}
article details{margin:10px 0}
article summary{color:var(--soft)}
article table{width:auto;max-width:100%;margin:0 0 12px}
table{border-collapse:collapse;width:100%;font-size:.92rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th{color:var(--soft);font-weight:500;font-size:.84rem;text-align:left}
th,td{padding:7px 16px 7px 0;border-bottom:1px solid var(--rule);vertical-align:top;overflow-wrap:break-word}
th{white-space:nowrap}
td code{overflow-wrap:break-word}
tbody tr:last-child td{border-bottom:0}
code{background:var(--code);border-radius:4px;padding:1px 5px;font:.88em/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{background:var(--code);border-radius:8px;padding:12px 14px;overflow-x:auto;margin:0 0 12px}
pre code{background:none;padding:0;overflow-wrap:normal}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
`;
