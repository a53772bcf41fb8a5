/** A post-mortem with all headings filled in, or with some of them changed. */
export const postMortem = (changed: Record<string, string | undefined> = {}): string => {
  const sections: Record<string, string | undefined> = {
    'Root cause': 'The pool of connections was smaller than the workers need.',
    Timeline: '10:00 deployed, 10:04 alert, 10:06 rolled back.',
    Lessons: 'The staging database has other limits.',
    'What changes now': 'Gate metric on the pool: #412.',
    ...changed,
  };
  const parts = Object.entries(sections).flatMap(([heading, text]) =>
    text === undefined ? [] : [`### ${heading}\n\n${text}`],
  );
  return `## Post-mortem\n\n${parts.join('\n\n')}`;
};
