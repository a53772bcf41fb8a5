/** Shows the panel that was chosen; the numbers are ours, never data. */
export function panelStyle(panels: number): string {
  if (panels < 2) return '';
  const rules = Array.from(
    { length: panels },
    (_, index) => `main:has(#panel-${index}:checked)>.panel-${index}{display:block}`,
  );
  return `.panel{display:none}${rules.join('')}@media print{.panel-0{display:block}}`;
}

/** The dashboard's style. Colours are few and named by meaning; light and dark differ only in them. */
export const pageStyle = `
:root{--ground:#f6f7f9;--card:#fff;--ink:#1c2430;--soft:#5b6675;--rule:#e3e7ec;--accent:#2463cf;--accent-band:#2463cf24;--bad:#b8432a;--good:#1c7f5a;--elite:#1c7f5a;--high:#2463cf;--medium:#a16a00;--low:#b8432a}
@media(prefers-color-scheme:dark){:root{--ground:#11151b;--card:#1a2029;--ink:#e7ebf0;--soft:#9aa6b5;--rule:#2b3440;--accent:#6ea2ff;--accent-band:#6ea2ff2b;--bad:#f0875f;--good:#57c79b;--elite:#57c79b;--high:#6ea2ff;--medium:#e2b04a;--low:#f0875f}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1180px;margin:0 auto;padding:40px 24px 64px}
header{margin-bottom:28px}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 6px;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:44px 0 14px}
h3{font-size:1rem;margin:0 0 2px}
p{margin:0 0 8px}
.soft{color:var(--soft)}
.small{font-size:.86rem}
.verdict{font-size:1.06rem;max-width:70ch;overflow-wrap:anywhere}
.note{border-left:3px solid var(--medium);padding:4px 12px;margin:10px 0;overflow-wrap:anywhere}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:2px;overflow-wrap:anywhere}
.cards{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:16px}
.charts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px}
.card{background:var(--card);border:1px solid var(--rule);border-radius:12px;padding:18px 20px;min-width:0}
.card .top{display:flex;justify-content:space-between;align-items:flex-start;gap:10px;min-height:1.6em}
.card .name{font-size:.9rem;color:var(--soft);font-weight:400;margin:0}
.card .row{display:flex;justify-content:space-between;align-items:flex-end;gap:12px;margin:8px 0 6px}
.value{font-size:1.9rem;line-height:1.15;font-weight:640;letter-spacing:-.02em;font-variant-numeric:tabular-nums;white-space:nowrap}
.value.none{color:var(--soft);font-weight:400;font-size:1.4rem}
.tier{font-size:.76rem;font-weight:600;border:1px solid currentColor;border-radius:99px;padding:0 9px;line-height:1.65;white-space:nowrap}
.tier.elite{color:var(--elite)}.tier.high{color:var(--high)}.tier.medium{color:var(--medium)}.tier.low{color:var(--low)}
.bounds{margin-top:6px;border-top:1px dashed var(--rule);padding-top:6px}
.change.up{color:var(--good)}.change.down{color:var(--bad)}
.choice{border:0;padding:0;margin:0 0 10px;display:flex;flex-wrap:wrap;gap:6px;align-items:center}
.choice legend{float:left;color:var(--soft);font-size:.9rem;margin-right:8px;padding:4px 0}
.choice span{position:relative}
.choice input{position:absolute;opacity:0;inset:0;margin:0;cursor:pointer}
.choice label{display:block;border:1px solid var(--rule);border-radius:99px;padding:4px 14px;font-size:.9rem;background:var(--card);overflow-wrap:anywhere}
.choice input:checked+label{background:var(--ink);color:var(--card);border-color:var(--ink)}
.choice input:focus-visible+label{outline:2px solid var(--accent);outline-offset:2px}
.by-day,.by-month{display:none}
main:has(#by-0:checked) .by-day,main:has(#by-2:checked) .by-month{display:grid}
main:has(#by-0:checked) .by-week,main:has(#by-2:checked) .by-week{display:none}
.stream{display:flex;gap:2px;height:26px;border-radius:6px;overflow:hidden;margin:10px 0}
.stream .work,.key .work{background:var(--accent)}
.stream .wait,.key .wait{background:var(--medium)}
.spark{width:112px;height:28px;flex:0 1 112px;min-width:0}
.chart{display:block;width:100%;height:auto;margin-top:10px}
.grid{stroke:var(--rule);stroke-width:1}
.axis{fill:var(--soft);font-size:11px}
.ok{fill:var(--accent)}
.bad{fill:var(--bad)}
.line{fill:none;stroke:var(--accent);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.band{fill:var(--accent-band)}
.whisker{stroke:var(--accent);stroke-width:1.5;opacity:.45}
.dot{fill:var(--accent)}
.key{display:flex;flex-wrap:wrap;gap:4px 16px;margin:8px 0 0;font-size:.84rem;color:var(--soft)}
.key i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px}
.key .ok{background:var(--accent)}.key .bad{background:var(--bad)}.key .band{background:var(--accent-band);outline:1px solid var(--accent)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th{color:var(--soft);font-weight:500;font-size:.82rem;text-align:left}
th,td{padding:8px 14px 8px 0;border-bottom:1px solid var(--rule);vertical-align:top;overflow-wrap:anywhere}
tbody tr:last-child td{border-bottom:0}
td{font-variant-numeric:tabular-nums}
td:first-child{min-width:7em}
.nowrap{white-space:nowrap;overflow-wrap:normal}
.figures td,.figures th{white-space:nowrap;overflow-wrap:normal}
.outcome{white-space:nowrap}
.outcome.bad{color:var(--bad)}.outcome.good{color:var(--good)}
details+div{margin-top:24px}
details{margin-top:12px;font-size:.92rem}
summary{cursor:pointer;color:var(--soft);padding:2px 0}
dl{display:grid;grid-template-columns:minmax(0,230px) minmax(0,1fr);gap:8px 20px;margin:0;font-size:.94rem}
dt{font-weight:600}
dd{margin:0;color:var(--soft)}
footer{margin-top:44px;padding-top:14px;border-top:1px solid var(--rule)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media(max-width:900px){.cards{grid-template-columns:repeat(2,minmax(0,1fr))}}
@media(max-width:760px){.charts{grid-template-columns:minmax(0,1fr)}}
@media(max-width:560px){
main{padding:22px 14px 44px}
h1{font-size:1.4rem}
.cards{grid-template-columns:minmax(0,1fr);gap:10px}
.card{padding:14px 16px}
.axis{font-size:14px}
dl{grid-template-columns:minmax(0,1fr);gap:2px}
dd{margin-bottom:10px}
.stack thead{display:none}
.stack tr{display:block;padding:10px 0;border-bottom:1px solid var(--rule)}
.stack tr:last-child{border-bottom:0}
.stack td{display:flex;justify-content:space-between;gap:16px;padding:2px 0;border:0;text-align:right}
.stack td::before{content:attr(data-label);color:var(--soft);flex:none;text-align:left}
}
@media print{body{background:#fff}.card{break-inside:avoid}.choice{display:none}main{padding:0}}
`;
