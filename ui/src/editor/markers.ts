import type { Diagnostic } from '../ipc/generated/bindings';
import { monaco } from './monaco';
import { models } from './models';

/** Owner of the markers that the check in Rust makes; TypeScript's own have other owners. */
const OWNER = 'patchbay';

/** A finding of the TypeScript service in the file on the screen. */
export interface TypeProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly code: string;
  readonly grave: boolean;
}

/** Puts the findings of the check where they belong, and takes away those of the check before. */
export function setDiagnostics(paths: readonly string[], diagnostics: readonly Diagnostic[]): void {
  for (const path of paths) {
    const model = models.model(path);
    if (!model) continue;
    const markers = diagnostics.filter((diagnostic) => diagnostic.file === path).map(marker);
    monaco.editor.setModelMarkers(model, OWNER, markers);
  }
}

/** What TypeScript says about the adapter's files, errors and warnings only. */
export function typeProblems(): TypeProblem[] {
  return monaco.editor
    .getModelMarkers({})
    .filter((found) => found.owner !== OWNER && found.severity >= monaco.MarkerSeverity.Warning)
    .flatMap((found) => {
      const file = models.path(found.resource);
      if (file === null) return [];
      const code = typeof found.code === 'string' ? found.code : (found.code?.value ?? '');
      return [
        {
          file,
          line: found.startLineNumber,
          column: found.startColumn,
          message: found.message,
          code,
          grave: found.severity === monaco.MarkerSeverity.Error,
        },
      ];
    });
}

function marker(diagnostic: Diagnostic): monaco.editor.IMarkerData {
  const { range, help, message } = diagnostic;
  return {
    severity: diagnostic.severity === 'error' ? monaco.MarkerSeverity.Error : monaco.MarkerSeverity.Warning,
    message: help === null ? message : `${message}\n${help}`,
    code: diagnostic.rule,
    source: OWNER,
    startLineNumber: range.start_line,
    startColumn: range.start_column,
    endLineNumber: range.end_line,
    endColumn: range.end_column,
  };
}
