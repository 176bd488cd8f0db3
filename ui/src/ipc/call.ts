import type { Backend } from './backend';
import type { CommandMap, ErrorCode, WireError } from './generated/bindings';

/** An error of a command: its code decides how it is shown, its causes and hints say the rest. */
export class IpcError extends Error {
  readonly code: ErrorCode;
  readonly causes: readonly string[];
  readonly hints: readonly string[];

  constructor(wire: WireError) {
    super(wire.message);
    this.name = 'IpcError';
    this.code = wire.code;
    this.causes = wire.causes;
    this.hints = wire.hints;
  }
}

/** Runs one command of the table; request and answer are typed by its row. Rejects with an `IpcError` and nothing else. */
export async function call<C extends keyof CommandMap>(
  backend: Backend,
  command: C,
  request: CommandMap[C][0],
): Promise<CommandMap[C][1]> {
  try {
    return (await backend.invoke(command, request)) as CommandMap[C][1];
  } catch (reason) {
    throw toIpcError(reason);
  }
}

/** Makes an `IpcError` of an error that came inside an answer or an event. */
export function fromWire(wire: WireError): IpcError {
  return new IpcError(wire);
}

/** Whatever a host rejected with, as an `IpcError`. Something that is no `WireError` means that the host itself is gone. */
export function toIpcError(reason: unknown): IpcError {
  if (reason instanceof IpcError) return reason;
  if (isWireError(reason)) return new IpcError(reason);
  return new IpcError({
    code: 'internal.bug',
    message: 'The core of Patchbay did not answer',
    causes: [reason instanceof Error ? reason.message : String(reason)],
    hints: ['Close the window and open it again'],
  });
}

function isWireError(reason: unknown): reason is WireError {
  return (
    typeof reason === 'object' &&
    reason !== null &&
    typeof (reason as WireError).code === 'string' &&
    typeof (reason as WireError).message === 'string' &&
    Array.isArray((reason as WireError).causes) &&
    Array.isArray((reason as WireError).hints)
  );
}
