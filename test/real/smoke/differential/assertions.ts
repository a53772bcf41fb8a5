/** An assertion of another tool, and what of the answer it is about. */
export interface Assertion {
  text: string;
  of: string;
}

const paths: Readonly<Record<string, string>> = {
  '$.name': 'name',
  '$.id': 'id',
  '$.on': 'on',
  '$.nil': 'nil',
  '$.tags': 'tags',
  '$.tags[0]': 'tags',
  '$.empty': 'empty',
  '$.obj': 'obj',
  '$.obj.k': 'obj',
  '$.items[*].n': 'items',
  '$.nope': 'nope',
};

const predicates = [
  ...['== "Mug"', '== 7', '== 4.5', '== true', '== null', '== "a"', '== 1', '== "y"', '!= "Mug"'],
  ...['!= null', '> 6', '< 8', 'startsWith "M"', 'contains "u"', 'contains "a"'],
  ...['matches /^M/', 'exists', 'isEmpty', 'isString', 'isInteger', 'isFloat', 'isBoolean'],
  ...['isNumber', 'isList', 'isObject', 'count == 2', 'count > 0', 'count == 0'],
];

/** Every predicate of every path, and its opposite, with what else Hurl can look at. */
export const hurlAssertions: readonly Assertion[] = [
  ...Object.entries(paths).flatMap(([path, of]) =>
    predicates.flatMap((predicate) => {
      const opposite = /^(!=|count)/.test(predicate) ? [] : [`not ${predicate}`];
      return [predicate, ...opposite].map((one) => ({ text: `jsonpath "${path}" ${one}`, of }));
    }),
  ),
  ...[
    ...['status == 200', 'status != 404', 'status < 300', 'status >= 200'],
    ...['header "X-A" exists', 'header "X-A" not exists', 'header "X-A" == "one"', 'header "X-A" != "one"'],
    ...['header "X-A" startsWith "o"', 'header "X-A" contains "ne"', 'header "X-A" not contains "two"'],
    ...['header "X-A" matches /^o/', 'header "Content-Type" contains "json"', 'header "X-A" isEmpty'],
    ...[
      'header "Content-Type" not contains "html"',
      'header "X-Debug" not exists',
      'header "X-A" count == 1',
    ],
    ...[
      'cookie "sid" exists',
      'cookie "sid" == "s1"',
      'cookie "sid" not exists',
      'cookie "sid[HttpOnly]" exists',
    ],
    ...['cookie "sid[Path]" == "/"', 'cookie "sid" contains "s"', 'cookie "sid" not contains "x"'],
    ...['body contains "Mug"', 'body not contains "error"', 'body startsWith "{"', 'body endsWith "}"'],
    ...['body matches /"id":7/', 'body isEmpty', 'body not isEmpty', 'body != ""', 'bytes count > 10'],
    ...['bytes count == 0', 'regex "id.:(\\\\d)" == "7"', 'regex "Mug" exists', 'regex "Cup" not exists'],
    ...['url startsWith "http://"', 'url endsWith "/none"', 'url not contains "?"', 'version == "1.1"'],
    ...['version == "2"', 'ip startsWith "127."', 'ip == "192.0.2.1"', 'ip not contains "::"'],
    ...['md5 == hex,00000000000000000000000000000000;'],
    ...['xpath "string(//body)" contains "Mug"', 'xpath "//li" count == 0', 'xpath "//body" exists'],
  ].map((text) => ({ text, of: 'header' })),
];

const subjects: Readonly<Record<string, string>> = {
  'd.name': 'name',
  'd.id': 'id',
  'd.nil': 'nil',
  'd.tags': 'tags',
  'd.empty': 'empty',
  'd.obj': 'obj',
  'd.items[1].n': 'items',
  'd.obj.deep.z': 'obj',
};

const matchers = [
  ...[
    "to.equal('Mug')",
    'to.equal(7)',
    'to.eql(1)',
    "to.eql(['a', 'b'])",
    'to.be.null',
    'to.exist',
    'to.be.true',
  ],
  ...[
    'to.be.undefined',
    'to.be.ok',
    'to.be.empty',
    "to.be.a('string')",
    "to.be.an('array')",
    "to.be.a('number')",
  ],
  ...["to.be.an('object')", "to.include('a')", 'to.match(/^M/)', 'to.be.above(6)', 'to.be.at.least(7)'],
  ...[
    'to.be.below(8)',
    'to.be.at.most(7)',
    'to.have.lengthOf(2)',
    "to.have.property('k')",
    "to.have.property('k', 1)",
  ],
  ...["to.be.oneOf(['Mug', 7])", 'to.deep.include({ k: 1 })', 'to.have.length.above(1)'],
];

/** Scripts of Postman: an expectation of chai on a value of the answer, its opposite, and its own words. */
export const postmanScripts: readonly Assertion[] = [
  ...Object.entries(subjects).flatMap(([subject, of]) =>
    matchers.flatMap((matcher) =>
      [matcher, matcher.replace(/^to\./, 'to.not.')].map((one) => ({
        text: `const d = pm.response.json();\npm.test('t', () => { pm.expect(${subject}).${one}; });`,
        of,
      })),
    ),
  ),
  ...[
    'pm.response.to.have.status(200);',
    "pm.response.to.have.status('OK');",
    'pm.response.to.be.ok;',
    'pm.response.to.be.success;',
    'pm.response.to.be.json;',
    'pm.response.to.be.withBody;',
    "pm.response.to.have.header('X-A');",
    "pm.response.to.have.header('X-A', 'one');",
    "pm.response.to.not.have.header('X-Debug');",
    "pm.expect(pm.response.headers.get('X-A')).to.equal('one');",
    "pm.expect(pm.response.headers.get('Content-Type')).to.include('json');",
    "pm.expect(pm.response.text()).to.include('Mug');",
    "pm.expect(pm.response.text()).to.not.include('error');",
    'pm.expect(pm.response.code).to.be.oneOf([200, 201]);',
    'pm.expect(pm.response.code).to.equal(200);',
    'pm.expect(pm.response.code).to.not.equal(404);',
    "pm.response.to.have.jsonBody('name');",
    'pm.response.to.have.jsonBody();',
    "pm.response.to.not.have.jsonBody('error');",
    "pm.expect(pm.cookies.has('sid')).to.be.true;",
    'pm.expect(pm.response.responseSize).to.be.above(10);',
    'pm.expect(pm.response.json()).to.not.be.empty;',
    "pm.expect(pm.response.json()).to.have.all.keys('name', 'id');",
    "pm.expect(pm.response.json()).to.be.an('object');",
    "pm.expect(pm.response.json()).to.have.property('tags').that.is.an('array');",
    'pm.expect(pm.response.json().tags.length).to.equal(2);',
    'pm.expect(pm.response.json().name.length).to.be.above(2);',
  ].map((line) => ({ text: `pm.test('t', () => { ${line} });`, of: 'header' })),
];
