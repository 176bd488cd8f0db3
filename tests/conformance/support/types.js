// JSON values against the types of an official SDK, judged by the TypeScript compiler: every field that a type requires
// is there, no field has another type, and none has a name that the SDK does not know.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import ts from 'typescript';

const FILE = join(import.meta.dirname, 'answers.ts');

const OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
};

/** `values` are pairs of a type's name, as it stands behind `sdk.`, and a value. */
export function assertTypes(sdk, values) {
  const declarations = values.map(([type, value], index) => `export const v${index}: ${named(type)} = ${json(value)};`);
  const source = [`import type * as sdk from '${sdk}';`, SHAPES, ...declarations].join('\n');
  assert.deepEqual(complaints(source), [], `the types of ${sdk} hold`);
}

/** For an SDK that declares everything an answer can ever have: what is there has to have the type. */
export const part = (type) => ({ part: type });

// `Wire` is a type as its values stand in JSON, where a member of an enumeration is a text.
const SHAPES = `
type Wire<T> = T extends string ? \`\${T}\` : T extends (infer Item)[] ? Wire<Item>[]
  : T extends object ? { [Key in keyof T]: Wire<T[Key]> } : T;
type Part<T> = T extends (infer Item)[] ? Part<Item>[] : T extends object ? { [Key in keyof T]?: Part<T[Key]> } : T;
`;

const named = (type) => (typeof type === 'string' ? `Wire<sdk.${type}>` : `Part<sdk.${type.part}>`);

/** What the answer says on the wire; clients add fields that are not enumerable or not JSON. */
const json = (value) => JSON.stringify(value, null, 1);

/** Declarations of the SDKs and of the language, which stay the same from one judgement to the next. */
const parsed = new Map();

function complaints(source) {
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => name === FILE || fileExists.call(host, name);
  host.readFile = (name) => (name === FILE ? source : readFile.call(host, name));
  host.getSourceFile = (name, version, ...rest) => {
    if (name === FILE) return ts.createSourceFile(name, source, version);
    if (!parsed.has(name)) parsed.set(name, getSourceFile.call(host, name, version, ...rest));
    return parsed.get(name);
  };
  const program = ts.createProgram([FILE], OPTIONS, host);
  const lines = source.split('\n');
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    const line = file?.fileName === FILE ? file.getLineAndCharacterOfPosition(start).line : undefined;
    return line === undefined ? text : `${lines[line].slice(0, 120)}: ${text}`;
  });
}
