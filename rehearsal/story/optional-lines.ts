const announcement = /^\s*# Optional: /;
const commented = /^(\s*)# (.*)$/;

/**
 * A template as a team has it that needs what is optional: the comments below each "# Optional: …" become lines. Throws
 * when there are none.
 */
export function withOptionalLines(template: string): string {
  let optional = false;
  let count = 0;
  const lines = template.split('\n').map((line) => {
    const [, indent, text] = (optional && commented.exec(line)) || [];
    optional = announcement.test(line) || text !== undefined;
    if (text === undefined) return line;
    count += 1;
    return `${indent}${text}`;
  });
  if (count === 0) throw new Error('the template has no line below a comment "# Optional: …"');
  return lines.join('\n');
}
