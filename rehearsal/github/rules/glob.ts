/** Whether a branch or tag matches a pattern as Ruby's File.fnmatch does: `*` stays within a path part, `**` + `/` does not. */
export function matchesGlob(pattern: string, name: string): boolean {
  const source = pattern.replace(/\*\*\/|[*?]|\[[^\]]*\]|[^*?[]+|\[/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    if (part.startsWith('[') && part.endsWith(']')) return part.replace('[!', '[^');
    return part.replace(/[\\^$.|+(){}[\]]/g, '\\$&');
  });
  return new RegExp(`^${source}$`).test(name);
}
