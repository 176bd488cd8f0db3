import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  HistoryDelivery,
  HistoryPage,
  HistorySearchRequest,
  InboxWebhook,
  Trace,
} from '../../ipc/generated/bindings';
import { deferred, ScriptedBackend, wireError } from '../../testing/scripted';
import { HistoryState } from './history.svelte';

function delivery(number: number, change: Partial<HistoryDelivery> = {}): HistoryDelivery {
  return {
    delivery: `d${number}`,
    tenant: 'a',
    adapter: 'b',
    run: null,
    sample: 'message',
    origin: 'sample',
    against: 'live',
    provider: 'slack',
    event: null,
    sender: null,
    environment: 'production',
    region: 'eu',
    started_at: '2026-11-21T00:00:00Z',
    answered: true,
    status: 200,
    outcome: 'ok',
    duration_ms: 1,
    as_expected: null,
    outbound_calls: 0,
    request_bytes: 1,
    answer_bytes: 1,
    has_contents: true,
    ...change,
  };
}

/** What is kept, newest first, as pages of three. */
function kept(deliveries: () => HistoryDelivery[]): (request: HistorySearchRequest) => HistoryPage {
  return ({ before }) => {
    const all = deliveries();
    const from = before === undefined ? 0 : all.findIndex((each) => each.delivery === before) + 1;
    const page = all.slice(from, from + 3);
    return { deliveries: page, next: from + 3 < all.length ? (page.at(-1)?.delivery ?? null) : null };
  };
}

const ids = (history: HistoryState) => history.deliveries.map((each) => each.delivery);

describe('HistoryState', () => {
  let all: HistoryDelivery[];
  let backend: ScriptedBackend;
  let history: HistoryState;

  beforeEach(() => {
    all = [7, 6, 5, 4, 3, 2, 1].map((number) => delivery(number));
    backend = new ScriptedBackend()
      .on(
        'history_search',
        kept(() => all),
      )
      .on('replay_show', ({ delivery: id }) => ({ summary: { delivery: id } }) as Trace);
    history = new HistoryState(backend);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('reads page after page until there are no more', async () => {
    await history.search();
    expect([ids(history), history.hasMore]).toEqual([['d7', 'd6', 'd5'], true]);
    await Promise.all([history.more(), history.more()]);
    expect(ids(history)).toEqual(['d7', 'd6', 'd5', 'd4', 'd3', 'd2']);
    await history.more();
    expect([ids(history).at(-1), history.hasMore]).toEqual(['d1', false]);
    await history.more();
    expect(backend.asked('history_search')).toHaveLength(3);
  });

  it('sends the conditions that say something', async () => {
    Object.assign(history.conditions, { text: ' order 17 ', status: '5xx', tenant: 'a' });
    expect(history.narrowed).toBe(true);
    await history.search();
    expect(backend.asked('history_search')).toEqual([{ text: 'order 17', status: '5xx', tenant: 'a', limit: 500 }]);
    await history.widen();
    expect(backend.asked('history_search').at(-1)).toEqual({ limit: 500 });
  });

  it('searches once when somebody has stopped typing', async () => {
    vi.useFakeTimers();
    history.searchSoon();
    history.searchSoon();
    await vi.advanceTimersByTimeAsync(1000);
    expect(backend.asked('history_search')).toHaveLength(1);
  });

  it('puts new deliveries above the ones that were read, and keeps those', async () => {
    await history.search();
    await history.more();
    all = [delivery(9), delivery(8), ...all];
    await history.refresh();
    expect(ids(history)).toEqual(['d9', 'd8', 'd7', 'd6', 'd5', 'd4', 'd3', 'd2']);
    await history.more();
    expect(ids(history).at(-1)).toBe('d1');
  });

  it('begins anew where more came than fit on a page', async () => {
    await history.search();
    await history.more();
    all = [13, 12, 11, 10].map((number) => delivery(number)).concat(all);
    await history.refresh();
    expect(ids(history)).toEqual(['d13', 'd12', 'd11']);
    await history.more();
    expect(ids(history)).toEqual(['d13', 'd12', 'd11', 'd10', 'd7', 'd6']);
  });

  it('brings a delivery in line that was answered meanwhile', async () => {
    all = [delivery(1, { answered: false, status: null })];
    await history.search();
    all = [delivery(1)];
    await history.refresh();
    expect(history.deliveries[0]).toMatchObject({ answered: true, status: 200 });
  });

  it('leaves the list alone when nothing is new', async () => {
    await history.search();
    const before = history.deliveries;
    await history.refresh();
    expect(history.deliveries).toBe(before);
  });

  it('does not mix the pages of two searches', async () => {
    await history.search();
    const slow = deferred<HistoryPage>();
    backend.on('history_search', () => slow.promise);
    const late = history.more();
    backend.on('history_search', () => ({ deliveries: [delivery(42)], next: null }));
    await history.search();
    slow.resolve({ deliveries: [delivery(4)], next: null });
    await late;
    expect(ids(history)).toEqual(['d42']);
  });

  it('says what cannot be looked for, and does not go on asking', async () => {
    backend.on('history_search', () => {
      throw wireError('replay.invalid_query');
    });
    await history.search();
    await history.refresh();
    expect([history.error?.code, history.deliveries]).toEqual(['replay.invalid_query', []]);
    expect(backend.asked('history_search')).toHaveLength(1);
  });

  it('shows the delivery that was picked last, or why it is gone', async () => {
    await history.show('d7');
    expect(history.trace?.summary.delivery).toBe('d7');
    backend.on('replay_show', () => {
      throw wireError('replay.contents_dropped');
    });
    await history.show('d6');
    expect([history.trace, history.traceError?.code]).toEqual([null, 'replay.contents_dropped']);
  });

  it('shows at once what arrives while somebody watches', async () => {
    vi.useFakeTimers();
    const stop = history.watch();
    await vi.advanceTimersByTimeAsync(0);
    all = [delivery(8), ...all];
    const webhook = { delivery: 'd8' } as InboxWebhook;
    backend.emit({ kind: 'webhook_received', ...webhook });
    backend.emit({ kind: 'webhook_answered', ...webhook });
    await vi.advanceTimersByTimeAsync(200);
    expect(ids(history)[0]).toBe('d8');
    expect(backend.asked('history_search')).toHaveLength(2);
    stop();
  });

  it('looks for what is new only as long as somebody watches', async () => {
    vi.useFakeTimers();
    const stop = history.watch();
    await vi.advanceTimersByTimeAsync(2500);
    expect(backend.asked('history_search')).toHaveLength(2);
    stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(backend.asked('history_search')).toHaveLength(2);
  });
});
