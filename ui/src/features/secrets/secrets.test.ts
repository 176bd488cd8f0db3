import { describe, expect, it } from 'vitest';
import type { BindingStatus } from '../../ipc/generated/bindings';
import { ScriptedBackend, wireError } from '../../testing/scripted';
import { SecretsState } from './secrets.svelte';

const KEY = { tenant: 'a', adapter: 'b' };

function binding(set: boolean): BindingStatus {
  return {
    name: 'NOTION_TOKEN',
    kind: 'secret_text',
    required: true,
    description: '',
    set,
    changed_at: null,
    fingerprint: null,
    value: null,
  };
}

describe('SecretsState', () => {
  it('counts required bindings without a value', async () => {
    const secrets = new SecretsState(new ScriptedBackend().on('secret_list', () => ({ bindings: [binding(false)] })));
    await secrets.open(KEY);
    expect(secrets.missing.map(({ name }) => name)).toEqual(['NOTION_TOKEN']);
  });

  it('hands a value on and keeps no trace of it', async () => {
    const value = 'example-notion-token';
    const backend = new ScriptedBackend()
      .on('secret_list', () => ({ bindings: [binding(false)] }))
      .on('secret_set', () => ({ bindings: [binding(true)] }));
    const secrets = new SecretsState(backend);
    await secrets.open(KEY);
    await expect(secrets.set('NOTION_TOKEN', value)).resolves.toBe(true);
    expect(backend.asked('secret_set')).toEqual([{ ...KEY, name: 'NOTION_TOKEN', value }]);
    expect(secrets.missing).toEqual([]);
    expect(JSON.stringify([secrets.bindings, secrets.done, secrets.error, secrets.busy])).not.toContain(value);
  });

  it('ties a refusal to its binding', async () => {
    const backend = new ScriptedBackend()
      .on('secret_list', () => ({ bindings: [binding(false)] }))
      .on('secret_set', () => {
        throw wireError('secret.no_keychain');
      });
    const secrets = new SecretsState(backend);
    await secrets.open(KEY);
    await expect(secrets.set('NOTION_TOKEN', 'x')).resolves.toBe(false);
    expect(secrets.errorName).toBe('NOTION_TOKEN');
    expect(secrets.error?.code).toBe('secret.no_keychain');
    expect(secrets.busy).toBeNull();
  });
});
