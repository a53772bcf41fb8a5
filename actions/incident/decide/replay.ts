import type { IncidentQuestion } from '../../../shared/contracts/reports/incident-report.js';
import { missingSections } from './post-mortem.js';
import { decideSeverity } from './severity.js';
import { decideSweep } from './sweep.js';

/** Makes the decision of a report again from its facts alone, with what comes out now. Pure. */
export function replay(question: IncidentQuestion): IncidentQuestion {
  switch (question.kind) {
    case 'severity':
      return { ...question, answer: decideSeverity(question).is };
    case 'close':
      return { ...question, missing: missingSections(question.text, question.sections) };
    case 'sweep':
      return { ...question, acts: decideSweep(question.facts, question.nowMs, question.remindAfterMs) };
  }
}
