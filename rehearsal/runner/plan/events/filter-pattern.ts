const special = /[.*+?^${}()|[\]\\/]/g;

/**
 * One pattern of an event filter as GitHub reads it: `*` stays within a part, `**` does not, `?` and `+` say how often
 * the character before may come, `[…]` is a set, `\` takes the meaning away.
 */
function expression(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const rest = pattern.slice(at);
    const set = /^\[[a-zA-Z0-9-]+\]/.exec(rest)?.[0];
    if (rest.startsWith('\\') && rest.length > 1) {
      source += (rest[1] ?? '').replace(special, '\\$&');
      at += 1;
    } else if (rest.startsWith('**/') && (at === 0 || pattern[at - 1] === '/')) {
      source += '(?:.*/)?';
      at += 2;
    } else if (rest.startsWith('**')) {
      source += '.*';
      at += 1;
    } else if (rest.startsWith('*')) source += '[^/]*';
    else if ((rest.startsWith('?') || rest.startsWith('+')) && at > 0) source += rest[0];
    else if (set !== undefined) {
      source += set;
      at += set.length - 1;
    } else source += (rest[0] ?? '').replace(special, '\\$&');
  }
  return new RegExp(`^${source}$`);
}

/** Whether patterns choose a name: the last that matches decides, and `!` in front says no. */
export function chooses(patterns: readonly string[], name: string): boolean {
  return patterns.reduce((chosen, pattern) => {
    const not = pattern.startsWith('!');
    return expression(not ? pattern.slice(1) : pattern).test(name) ? !not : chosen;
  }, false);
}
