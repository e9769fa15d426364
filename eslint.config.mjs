// The fences of docs/architecture.md: who may import whom, how large a file may grow.
import boundaries from 'eslint-plugin-boundaries'
import tseslint from 'typescript-eslint'

const element = (type, pattern) => ({ type, pattern, partialMatch: false })
const elements = [
  element('domain', 'app/domain/**'),
  element('contract', 'app/contract/**'),
  element('services', 'app/services/**'),
  element('engine', 'app/engine/**'),
  element('host', 'app/host/**'),
  element('preload', 'main/preload/**'),
  element('main', 'main/**'),
  element('renderer', 'renderer/**'),
  element('scripts', 'scripts/**'),
  element('training', 'training/data/**'),
  element('test', 'test/**'),
]

// What the engine shows to others: its client to all, what starts it to those that own the process.
const files = [
  { category: 'engine-client', pattern: 'app/engine/engine-client*.ts' },
  { category: 'engine-start', pattern: 'app/engine/engine-{supervisor,libraries}*.ts' },
]

const may = {
  domain: ['domain'],
  contract: ['domain', 'contract'],
  services: ['domain', 'contract', 'services'],
  engine: ['domain', 'contract', 'engine'],
  host: ['domain', 'contract', 'services', 'host'],
  // The preload's channel names are both sides' business.
  main: ['domain', 'contract', 'services', 'host', 'main', 'preload'],
  preload: ['contract', 'preload'],
  renderer: ['domain', 'contract', 'renderer'],
  scripts: ['scripts'],
  training: ['domain', 'contract', 'services', 'training'],
  test: elements.map(({ type }) => type),
}
const mayFiles = {
  services: ['engine-client'],
  host: ['engine-client', 'engine-start'],
  main: ['engine-client', 'engine-start'],
}
const policies = Object.entries(may).map(([from, types]) => ({
  from: { element: { type: from } },
  allow: [
    { to: { element: { types: { anyOf: types } } } },
    ...(mayFiles[from] ?? []).map((category) => ({ to: { file: { categories: category } } })),
  ],
}))

const electronOnlyInMain = {
  name: 'electron',
  message: 'Only main/ may know Electron: pass what you need as an argument from main/.',
}

export default tseslint.config(
  {
    ignores: ['build/**', 'dist/**', '.cache/**', 'node_modules/**', 'models/**', 'native/**'],
  },
  {
    files: ['**/*.ts', '**/*.tsx', 'scripts/**/*.mjs'],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { boundaries },
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts', 'renderer/vite.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    settings: {
      'boundaries/elements': elements,
      'boundaries/files': files,
      // Imports are written without extension; this is all the resolving that relative ones need.
      'import/resolver': { node: { extensions: ['.ts', '.tsx', '.mjs'] } },
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies,
        },
      ],
      'no-restricted-imports': ['error', { paths: [electronOnlyInMain] }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
      'max-lines': ['error', { max: 500 }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  { files: ['main/**/*.ts', 'test/unit/main/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    // Components take actions out of the store one by one; the store's actions never use `this`.
    files: ['renderer/**/*.{ts,tsx}'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    // Configuration files of tools that ask for a default export.
    files: ['vitest.config.ts', 'renderer/vite.config.ts', 'scripts/vitest-closing-reporter.mjs'],
    rules: { 'no-restricted-exports': 'off' },
  },
)
