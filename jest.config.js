/** Tests run as native ES modules; swc only strips the types, `npm run types` checks them. */
export default {
  rootDir: '.',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: process.env['TEST_REAL'] ? [] : ['<rootDir>/test/real/'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  maxWorkers: 2,
  // Modules of finished files are not let go by vm modules: a worker that ran 200 files would reach the limit of its heap.
  workerIdleMemoryLimit: '1500MB',
  testTimeout: 120_000,
};
