import { describe, expect, it } from 'vitest';
import { ScriptedBackend } from '../../testing/scripted';
import { parseHeaders, RoutesState } from './routes.svelte';

describe('parseHeaders', () => {
  it.each([
    [
      'x-customer-id: a\n\n  x-script-id :b ',
      [
        ['x-customer-id', 'a'],
        ['x-script-id', 'b'],
      ],
    ],
    ['referer: http://a/b:c', [['referer', 'http://a/b:c']]],
    ['no colon here', [['no colon here', '']]],
    ['', []],
  ])('reads %j', (lines, headers) => {
    expect(parseHeaders(lines)).toEqual(headers);
  });
});

describe('RoutesState', () => {
  it('asks with trimmed url and parsed headers', async () => {
    const decision = {
      matched: false,
      service: null,
      script: null,
      tenant: null,
      adapter: null,
      environment: 'production',
      binding: null,
      namespace: null,
      path: null,
      problem: null,
      notes: [],
      rules: [],
    };
    const backend = new ScriptedBackend().on('route_test', () => decision);
    const routes = new RoutesState(backend);
    await routes.test(' http://gateway.do/ ', 'a: b');
    expect(backend.asked('route_test')).toEqual([{ url: 'http://gateway.do/', headers: [['a', 'b']] }]);
    expect(routes.decision).toEqual(decision);
  });
});
