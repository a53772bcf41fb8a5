import { isMap, isNode, parseDocument, type Document, type YAMLMap, type YAMLSeq } from 'yaml';
import { allStages, schemaLine, type Answers, type InitFile, type Stage } from './answers.js';

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
  renameBranch(document, gates, answers.branch);
  return made;
}

/** The CI that the templates' policies name. */
const templateCi = '.github/workflows/ci.yml';

/** The team's own checks in place of those of the templates' CI; what comes from elsewhere, such as a back-up, stays. */
function checksOf(document: Document, gates: YAMLMap, { checks, ci }: Answers): YAMLSeq {
  const all = document.createNode(
    checks.map((name) => ({ name, workflow: ci, events: ['push'] })),
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
