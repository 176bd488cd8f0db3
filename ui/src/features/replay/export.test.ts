import { beforeEach, describe, expect, it } from 'vitest';
import { ScriptedBackend, wireError } from '../../testing/scripted';
import { ExportState } from './export.svelte';

describe('ExportState', () => {
  let backend: ScriptedBackend;
  let exports: ExportState;

  beforeEach(() => {
    backend = new ScriptedBackend().on('replay_export_save', ({ output }) => ({ output, deliveries: 1 }));
    exports = new ExportState(backend);
    exports.open('run-1', '/workspace');
  });

  it('names the file after the run and its format until a person names it', () => {
    expect(exports.output).toBe('/workspace/run-1.html');
    exports.choose('otel');
    expect(exports.output).toBe('/workspace/run-1.otel.json');
    exports.rename('/tmp/mine');
    exports.choose('har');
    expect(exports.output).toBe('/tmp/mine');
  });

  it('has the core write the file and says where it is', async () => {
    await exports.save();
    expect(backend.asked('replay_export_save')).toEqual([
      { export: { id: 'run-1', format: 'html' }, output: '/workspace/run-1.html' },
    ]);
    expect(exports.saved).toBe('/workspace/run-1.html');
  });

  it('says why nothing was written', async () => {
    backend.on('replay_export_save', () => {
      throw wireError('replay.export');
    });
    await exports.save();
    expect([exports.saved, exports.error?.code, exports.saving]).toEqual(['', 'replay.export', false]);
  });
});
