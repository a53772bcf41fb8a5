import { isMap, isNode, parseDocument, type Document, type YAMLMap, type YAMLSeq } from 'yaml';
import { allStages, schemaLine, type Answers, type InitFile, type Stage } from './answers.js';
import { requiredChecks } from './parts/parts.js';
import { tagPrefix } from './parts/values.js';

export const policyPath = '.github/release-policy.yml';

/** The release policy: the template's gates for each stage of this team. */
export function policyFile(answers: Answers, template: string): InitFile {
  const document = parseDocument(template);
  document.commentBefore = null;
  if (document.contents) document.contents.commentBefore = null;
  const [first] = (document.contents as YAMLMap).items;
  if (isNode(first?.key)) first.key.commentBefore = null;
  const given = document.get('environments') as YAMLMap;
  const environments = document.createNode({}) as YAMLMap;
  for (const stage of allStages(answers))
    environments.set(document.createNode(stage.environment), gatesOf(document, given, answers, stage));
  document.set('environments', environments);
  // The first comment of a template is for those who copy it.
  const comment = `${schemaLine(answers, 'release-policy')}# What must hold before a release: docs/release-policy.md of the suite. Read from the default branch only.\n`;
  return {
    path: policyPath,
    text: comment + document.toString({ lineWidth: 0 }).trimStart(),
    seed: true,
  };
}

function gatesOf(document: Document, given: YAMLMap, answers: Answers, stage: Stage): YAMLMap {
  const production = given.get('production') as YAMLMap;
  const early = given.get('staging') as YAMLMap | undefined;
  const source = stage.role === 'production' ? production : (early ?? production);
  const made = source.clone() as YAMLMap;
  const gates = made.get('gates') as YAMLMap;
  // A policy for one environment has no gates for the stages before: they are asked for what is sure.
  if (stage.role !== 'production' && !early)
    for (const { key } of [...gates.items])
      if (!['branch', 'checks'].includes(String(key))) gates.delete(key);
  if (stage.before === undefined) gates.delete('promotion');
  else gates.set('promotion', promotionFrom(document, gates.get('promotion'), stage.before));
  if (gates.has('checks')) gates.setIn(['checks', 'required'], checksOf(document, gates, answers));
  if (stage.role === 'production') gatesOfParts(document, gates, answers, stage);
  renameBranch(document, gates, answers.branch);
  return made;
}

/** What a part is judged by before users meet it, where the policy has no such gate yet. */
function gatesOfParts(document: Document, gates: YAMLMap, answers: Answers, { service }: Stage): void {
  const add = (name: string, value: object) => {
    if (gates.has(name)) return;
    const node = document.createNode(value, { flow: true }) as YAMLMap;
    gates.set(name, node);
  };
  const { parts, services } = answers;
  if (parts.includes('hotfix')) {
    add('hotfix', { tests: ['test/**', 'tests/**', '**/*.test.*'] });
    // Where only some branches come to the released one, its own is one of them.
    const from = ['approvals', 'pull-requests', 'from'];
    const branches = gates.getIn(from) as YAMLSeq | undefined;
    const names = (branches?.toJSON() ?? []) as string[];
    if (branches && !names.some((name) => name.startsWith('hotfix/')))
      gates.setIn(from, document.createNode([...names, 'hotfix/*'], { flow: true }));
  }
  if (parts.includes('release-candidate')) {
    add('release-candidate', { 'let-hotfix': true });
    if (services.length > 1)
      for (const gate of ['release-candidate', 'version'])
        if (gates.has(gate)) gates.setIn([gate, 'prefix'], tagPrefix(answers, service));
  }
}

/** The CI that the templates' policies name. */
const templateCi = '.github/workflows/ci.yml';

/** The team's own checks in place of those of the templates' CI; what comes from elsewhere, such as a back-up, stays. */
function checksOf(document: Document, gates: YAMLMap, answers: Answers): YAMLSeq {
  const all = document.createNode(
    requiredChecks(answers)
      .filter(({ onPush }) => onPush)
      .map(({ name, workflow }) => ({ name, workflow, events: ['push'] })),
  ) as YAMLSeq<YAMLMap>;
  for (const check of all.items) check.flow = true;
  const { items } = gates.getIn(['checks', 'required']) as YAMLSeq<YAMLMap>;
  all.items.push(...items.filter((check) => check.get('workflow') !== templateCi));
  return all;
}

function promotionFrom(document: Document, before: unknown, from: string): YAMLMap {
  const promotion = isMap(before) ? (before as YAMLMap) : (document.createNode({}) as YAMLMap);
  promotion.flow = true;
  promotion.set('from', from);
  return promotion;
}

/** `main` wherever a gate lists branches. */
function renameBranch(document: Document, gates: YAMLMap, branch: string): void {
  if (branch === 'main') return;
  for (const path of [['branch'], ['approvals', 'pull-requests', 'into'], ['environment', 'refs']]) {
    const list = gates.getIn(path) as { toJSON?: () => string[] } | undefined;
    if (!list?.toJSON) continue;
    const renamed = list.toJSON().map((name) => (name === 'main' ? branch : name));
    gates.setIn(path, document.createNode(renamed, { flow: true }));
  }
}
