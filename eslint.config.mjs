// The fences of docs/architecture.md: who may import whom, how large a file may grow.
import boundaries from 'eslint-plugin-boundaries'
import tseslint from 'typescript-eslint'

const elements = [
  { type: 'domain', pattern: 'app/domain/**', mode: 'full' },
  { type: 'contract', pattern: 'app/contract/**', mode: 'full' },
  { type: 'services', pattern: 'app/services/**', mode: 'full' },
  { type: 'engine-client', pattern: 'app/engine/engine-client*.ts', mode: 'full' },
  { type: 'engine-supervisor', pattern: 'app/engine/engine-supervisor*.ts', mode: 'full' },
  { type: 'engine', pattern: 'app/engine/**', mode: 'full' },
  { type: 'host', pattern: 'app/host/**', mode: 'full' },
  { type: 'preload', pattern: 'main/preload/**', mode: 'full' },
  { type: 'main', pattern: 'main/**', mode: 'full' },
  { type: 'renderer', pattern: 'renderer/**', mode: 'full' },
  { type: 'test', pattern: 'test/**', mode: 'full' },
]

const ENGINE = ['engine', 'engine-client', 'engine-supervisor']
const may = {
  domain: ['domain'],
  contract: ['domain', 'contract'],
  services: ['domain', 'contract', 'services', 'engine-client'],
  engine: ['domain', 'contract', ...ENGINE],
  'engine-client': ['domain', 'contract', ...ENGINE],
  'engine-supervisor': ['domain', 'contract', ...ENGINE],
  host: ['domain', 'contract', 'services', 'host', 'engine-client', 'engine-supervisor'],
  main: ['domain', 'contract', 'services', 'host', 'main', 'engine-client', 'engine-supervisor'],
  preload: ['contract', 'preload'],
  renderer: ['domain', 'contract', 'renderer'],
  test: ['domain', 'contract', 'services', ...ENGINE, 'host', 'main', 'preload', 'renderer', 'test'],
}

const electronOnlyInMain = {
  name: 'electron',
  message: 'Only main/ may know Electron: pass what you need as an argument from main/.',
}

export default tseslint.config(
  { ignores: ['build/**', 'dist/**', '.cache/**', 'node_modules/**', 'models/**', 'training/**', 'native/**'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked],
    plugins: { boundaries },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'boundaries/elements': elements,
      'import/resolver': { typescript: { project: './tsconfig.json', noWarnOnMultipleProjects: true } },
    },
    rules: {
      'boundaries/element-types': [
        'error',
        {
          default: 'disallow',
          rules: Object.entries(may).map(([from, allow]) => ({ from, allow })),
        },
      ],
      'no-restricted-imports': ['error', { paths: [electronOnlyInMain] }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
      'max-lines': ['error', { max: 500 }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  { files: ['main/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    // Configuration files of tools that ask for a default export.
    files: ['vitest.config.ts', 'renderer/vite.config.ts'],
    rules: { 'no-restricted-exports': 'off' },
  },
)
