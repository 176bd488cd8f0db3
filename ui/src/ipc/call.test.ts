import { describe, expect, it } from 'vitest';
import { ScriptedBackend, wireError } from '../testing/scripted';
import { call, IpcError, toIpcError } from './call';

describe('call', () => {
  it('sends the request of the table and gives its answer back', async () => {
    const backend = new ScriptedBackend().on('template_list', () => ({ templates: [] }));
    await expect(call(backend, 'template_list', null)).resolves.toEqual({ templates: [] });
    expect(backend.requests).toEqual([{ command: 'template_list', request: null }]);
  });

  it('keeps code, causes and hints of a refusal', async () => {
    const refusal = { ...wireError('tenant.unknown', 'No tenant `x`'), causes: ['not there'], hints: ['add it'] };
    const backend = new ScriptedBackend().on('workspace_overview', () => {
      throw refusal;
    });
    const error = await call(backend, 'workspace_overview', null).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IpcError);
    expect(error).toMatchObject({ ...refusal });
  });

  it('says that the core is gone when the host rejects with something else', () => {
    const error = toIpcError(new TypeError('Failed to fetch'));
    expect(error.code).toBe('internal.bug');
    expect(error.causes).toEqual(['Failed to fetch']);
  });

  it('does not take a half-formed object for an error of the core', () => {
    expect(toIpcError({ code: 'tenant.unknown' }).code).toBe('internal.bug');
  });
});
