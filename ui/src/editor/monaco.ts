/**
 * Monaco as Patchbay uses it: which features and languages are in, how its workers start, what TypeScript knows. This
 * module and what it imports weigh several megabytes, so it is only ever loaded by `import()`.
 */
import * as monaco from 'monaco-editor/editor';
import 'monaco-editor/features/register.all';
import 'monaco-editor/languages/definitions/ini/register';
import 'monaco-editor/languages/definitions/javascript/register';
import 'monaco-editor/languages/definitions/markdown/register';
import 'monaco-editor/languages/definitions/typescript/register';
import 'monaco-editor/languages/features/json/register';
import * as typescript from 'monaco-editor/languages/features/typescript/register';
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import JsonWorker from 'monaco-editor/languages/features/json/json.worker?worker';
import TypeScriptWorker from 'monaco-editor/languages/features/typescript/ts.worker?worker';
import workersTypes from '@cloudflare/workers-types/index.d.ts?raw';

// Left to itself the editor worker starts from a `blob:` address, which the content policy forbids without a word.
self.MonacoEnvironment = {
  getWorker(_workerId: string, label: string): Worker {
    if (label === 'typescript' || label === 'javascript') return new TypeScriptWorker();
    if (label === 'json') return new JsonWorker();
    return new EditorWorker();
  },
};

// TypeScript's own number for module resolution as bundlers do it; the declarations that come with Monaco end at 2.
const BUNDLER_RESOLUTION = 100 as typescript.ModuleResolutionKind;

for (const defaults of [typescript.typescriptDefaults, typescript.javascriptDefaults]) {
  defaults.setCompilerOptions({
    target: typescript.ScriptTarget.ESNext,
    module: typescript.ModuleKind.ESNext,
    moduleResolution: BUNDLER_RESOLUTION,
    lib: ['lib.esnext.d.ts'],
    strict: true,
    noEmit: true,
    allowJs: true,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    isolatedModules: true,
    skipLibCheck: true,
    types: [],
  });
  defaults.setDiagnosticsOptions({
    // Syntax is reported by the check in Rust; twice would be noise.
    noSyntaxValidation: true,
    onlyVisible: true,
  });
  defaults.setEagerModelSync(true);
  defaults.addExtraLib(workersTypes, 'file:///node_modules/@cloudflare/workers-types/index.d.ts');
}

monaco.editor.defineTheme('patchbay-light', {
  base: 'vs',
  inherit: true,
  rules: [],
  colors: {
    'editor.background': '#ffffff',
    'editorGutter.background': '#ffffff',
    'editorLineNumber.foreground': '#6b7673',
  },
});
monaco.editor.defineTheme('patchbay-dark', {
  base: 'vs-dark',
  inherit: true,
  rules: [],
  colors: {
    'editor.background': '#191e1d',
    'editorGutter.background': '#191e1d',
    'editorLineNumber.foreground': '#84918d',
  },
});

export { monaco, typescript };
