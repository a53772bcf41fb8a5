// What plain YAML is made of; each pattern looks only where its lastIndex says.

/** A text without quotes in a flow collection: colons and hashes only where they are part of a word. */
export const flowText = /(?:[^\s,[\]{}:#]+|:(?=[^\s,[\]{}])|(?<=[^\s])#| +(?=[^\s,[\]{}:#]))+/y;

/** Empty lines, comments on lines of their own, and the blanks before the next text. */
export const untilText = /(?: *(?:#[^\n]*)?\n)* *(?:#[^\n]*$)?/y;

/** The rest of a line that has nothing but a comment left. */
export const endOfLine = /(?: +#[^\n]*| *)(?:\n|$)/y;

/** A dash with what it begins on its line. */
export const dash = /- +(?=[^ \n#])/y;

/** The key of a block mapping that begins as a value. */
export const startOfMapping = /(?:"[^"\\\n]*"|[A-Za-z_][^:#"'{}[\]\n]*):(?: |\n|$)/y;

/** The line that most lines are: a word as key, words as value or none, and the blanks before a text on the next line. */
export const plainEntry = /([A-Za-z_][\w-]*):(?: ([\w/$.][\w/$.-]*(?: [\w/$.-]+)*))?\n( *)(?=[^ #\n])/y;
