import { describe, expect, it, vi } from 'vitest';
import { airtableError, installAirtable } from '../../../testing/airtable';
import { answerOf, collectLog } from '../../../testing/deliver';
import { UNCLEAR, atCall, silence } from '../../../testing/fetch';
import { TEAMS_TOKEN, teamsHeaders, teamsMessage, teamsRequest } from '../../../testing/teams';
import { gzipped, inPieces } from '../../../testing/transport';
import adapter from './adapter';
import type { Env } from './env';

const env: Env = {
  TEAMS_SECURITY_TOKEN: TEAMS_TOKEN,
  AIRTABLE_TOKEN: 'example-airtable-token',
  AIRTABLE_BASE_ID: 'appEXAMPLE0000001',
  AIRTABLE_TABLE_ID: 'tblEXAMPLE0000001',
  MAPPING: {
    Message: '{text}',
    Severity: { type: 'singleSelect', value: '{text | regex:"severity=(\\w+)" | lower | default:"normal"}' },
    'Teams message': '{conversation.id}/{id}',
  },
};
const TABLE = `${env.AIRTABLE_BASE_ID}/${env.AIRTABLE_TABLE_ID}`;
const SAVED = `Saved: https://airtable.com/${TABLE}/`;

const logged = collectLog();

async function deliver(body: unknown, change: Partial<Env> = {}) {
  return answerOf(adapter, await teamsRequest(body), { ...env, ...change });
}

it('makes a record out of a message and replies with its link', async () => {
  const { calls, records } = installAirtable();
  const { status, body } = await deliver(teamsMessage('1'));
  expect([status, body]).toEqual([200, { type: 'message', text: `${SAVED}${records[0]?.id}` }]);
  expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([`PATCH https://api.airtable.com/v0/${TABLE}`]);
  expect(calls[0]?.headers.get('authorization')).toBe('Bearer example-airtable-token');
  expect(records[0]?.fields).toEqual({
    Message: 'pump 3 leaks severity=high',
    Severity: 'high',
    'Teams message': '19:example@thread.tacv2;messageid=1/1',
  });
});

it('writes one log line, without text, token or secret', async () => {
  installAirtable();
  await deliver(teamsMessage('2'));
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatch(/^teams: 2: created rec\w+$/);
});

it('hdr-missing: refuses a forged request without calling Airtable', async () => {
  const { calls } = installAirtable();
  const { headers, url } = await teamsRequest(teamsMessage('3'));
  const forgeries = [
    new Request(url, { method: 'POST', body: '{}' }),
    new Request(url, { method: 'POST', headers, body: '{}' }),
  ];
  for (const forged of forgeries) expect((await answerOf(adapter, forged, env)).status).toBe(401);
  expect(calls).toEqual([]);
});

it('loop-two: says nothing to a bot, and asks for a text where there is none', async () => {
  const { calls } = installAirtable();
  const answer = (await adapter.fetch(
    await teamsRequest(teamsMessage('4', { from: { id: '28:b' } })),
    env,
  )) as Response;
  expect([answer.status, await answer.text()]).toEqual([200, '']);
  const { body } = await deliver(teamsMessage('5', { text: '<at>Logbook</at>&nbsp;\n' }));
  expect(body).toEqual({ type: 'message', text: 'Write after my name what I am to save.' });
  expect(calls).toEqual([]);
});

describe('one record per message', () => {
  it('dup-seq: when it comes twice', async () => {
    const { records } = installAirtable();
    await deliver(teamsMessage('10'));
    const { body } = await deliver(teamsMessage('10'));
    expect(body.text).toBe(`Already saved: https://airtable.com/${TABLE}/${records[0]?.id}`);
    expect(records).toHaveLength(1);
  });

  it('dup-par, retry-overlap: when it comes ten times at once', async () => {
    const { records } = installAirtable();
    const answers = await Promise.all(Array.from({ length: 10 }, () => deliver(teamsMessage('11'))));
    expect(records).toHaveLength(1);
    expect(answers.filter(({ body }) => String(body.text).startsWith(SAVED))).toHaveLength(1);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });

  it('tells messages of two conversations apart that have the same id', async () => {
    const { records } = installAirtable();
    await deliver(teamsMessage('12'));
    await deliver(teamsMessage('12', { conversation: { id: '19:other@thread.tacv2' } }));
    expect(records).toHaveLength(2);
  });

  it('5xx-applied: when Airtable wrote it but answered 500', async () => {
    const { calls, records } = installAirtable((_, number) => {
      if (number !== 1) return undefined;
      records.push({
        id: 'recWRITTENALLTHESAME',
        fields: { 'Teams message': '19:example@thread.tacv2;messageid=13/13' },
      });
      return airtableError(500, 'SERVER_ERROR');
    });
    expect((await deliver(teamsMessage('13'))).body.text).toContain('Already saved: ');
    expect([calls.length, records.length]).toEqual([2, 1]);
  });
});

describe('when Airtable fails', () => {
  const told = async (id: string) => {
    const { status, body } = await deliver(teamsMessage(id));
    expect([status, body.type]).toEqual([200, 'message']);
    return body.text;
  };

  it('tells the person after how long to try again', async () => {
    installAirtable(atCall(1, () => airtableError(429, 'RATE_LIMIT_REACHED')));
    expect(await told('20')).toBe(
      'Not done. Airtable answered 429 RATE_LIMIT_REACHED: Later. Mention me again in 30 seconds.',
    );
  });

  it('passes a Retry-After on', async () => {
    installAirtable(atCall(1, () => airtableError(429, 'RATE_LIMIT_REACHED', { 'retry-after': '60' })));
    expect(await told('21')).toContain('Mention me again in 60 seconds.');
  });

  it.each(UNCLEAR)('cut-json, 204-json: tells the person after %s', async (_, answer) => {
    installAirtable(answer);
    expect(await told('22')).toMatch(/^Not done\. Airtable .* Mention me again in 5 seconds\.$/);
  });

  it('answers before Teams stops waiting', async () => {
    installAirtable(silence);
    const started = Date.now();
    expect(await told('23')).toContain('Airtable did not answer in time');
    expect(Date.now() - started).toBeLessThan(4900);
  });

  it('tells what has to be corrected, and no secret', async () => {
    installAirtable(atCall(1, () => airtableError(401, 'AUTHENTICATION_REQUIRED')));
    const text = await told('24');
    expect(text).toContain('Check AIRTABLE_TOKEN');
    expect(`${text}${logged.join()}`).not.toContain('example-airtable-token');
  });

  it('redirect-host: follows no redirect with the token', async () => {
    const { calls } = installAirtable(() => Response.redirect('https://evil.example/', 307));
    expect(await told('25')).toContain('Airtable answered 307');
    expect(calls).toHaveLength(1);
    expect(vi.mocked(fetch).mock.calls[0]?.[1]?.redirect).toBe('manual');
  });
});

it.each<[Partial<Env>, string]>([
  [{ TEAMS_SECURITY_TOKEN: '' }, 'TEAMS_SECURITY_TOKEN is not set'],
  [{ AIRTABLE_TABLE_ID: '' }, 'AIRTABLE_TABLE_ID is not set'],
  [{ MAPPING: { Message: '{text}' } }, 'The mapping has no text field for {conversation.id}/{id}'],
  [{ MAPPING: { ...env.MAPPING, Team: '{team.nope}' } }, 'reads {team.nope}, which this event does not have'],
])('says which setting is wrong: %j', async (change, message) => {
  const { calls } = installAirtable();
  expect((await deliver(teamsMessage('30'), change)).body.text).toContain(message);
  expect(calls).toEqual([]);
});

describe('hostile messages', () => {
  const save = async (text: string) => {
    const { records } = installAirtable();
    const id = crypto.randomUUID();
    await deliver(teamsMessage(id, { text: `<at>Logbook</at> ${text}` }));
    return records[0]?.fields.Message;
  };

  it.each([
    ['emoji-zwj', '👩‍👩‍👧‍👦 🇵🇱 👍🏽 e\u0301 \u202eRTL\u202c'],
    ['inj-sheet', '=HYPERLINK("https://evil.example","x")'],
    ['inj-soql', `' OR Name LIKE '% {Teams message}`],
  ])('%s: keeps the text as it is', async (_, text) => expect(await save(text)).toBe(text));

  it('nul: leaves out what Airtable refuses', async () => expect(await save('a\0b\ud800')).toBe('ab\ufffd'));

  it('size-1mb: cuts a text to what Airtable takes', async () => {
    expect(Array.from(String(await save('x'.repeat(1_048_576))))).toHaveLength(100_000);
  });

  it('size-25mb: refuses what no person writes, before anything is computed', async () => {
    const { calls } = installAirtable();
    const request = new Request('https://x.example/', { method: 'POST', body: 'x'.repeat(25 * 1024 * 1024) });
    expect((await answerOf(adapter, request, env)).status).toBe(413);
    expect(calls).toEqual([]);
  });

  const send = async (body: string) =>
    answerOf(
      adapter,
      new Request('https://x.example/', { method: 'POST', body, headers: await teamsHeaders(body) }),
      env,
    );

  it('deep-10k, int-2p53, num-extreme, wide: takes what it does not read', async () => {
    const { records } = installAirtable();
    const odd = `"deep":${'['.repeat(10_000)}${']'.repeat(10_000)},"big":9007199254740993,"huge":1e400,"wide":[${'0,'.repeat(100_000)}0]`;
    const { status } = await send(JSON.stringify(teamsMessage('40')).replace('{', `{${odd},`));
    expect([status, records.length]).toEqual([200, 1]);
  });

  it('dup-keys: the last one counts', async () => {
    const { records } = installAirtable();
    await send(JSON.stringify(teamsMessage('41')).replace('"text"', '"text":"first","text"'));
    expect(records[0]?.fields.Message).toBe('pump 3 leaks severity=high');
  });

  it('latin1-charset, utf16-charset: reads the bytes as UTF-8, whatever the header says', async () => {
    const { records } = installAirtable();
    const text = JSON.stringify(teamsMessage('42', { text: 'café' }));
    const headers = { ...(await teamsHeaders(text)), 'content-type': 'application/json; charset=iso-8859-1' };
    await answerOf(adapter, new Request('https://x.example/', { method: 'POST', body: text, headers }), env);
    expect(records[0]?.fields.Message).toBe('café');
    const bytes = new Uint8Array(Array.from(text).flatMap((letter) => [letter.charCodeAt(0), 0]));
    const wide = { ...(await teamsHeaders(bytes)), 'content-type': 'application/json; charset=utf-16' };
    const answer = await answerOf(
      adapter,
      new Request('https://x.example/', { method: 'POST', body: bytes, headers: wide }),
      env,
    );
    expect([answer.status, records.length]).toEqual([400, 1]);
  });

  it('chunked, hdr-case: takes bytes in pieces, and headers in any case', async () => {
    const { records } = installAirtable();
    const bytes = new TextEncoder().encode(JSON.stringify(teamsMessage('43', { text: 'café 👩‍👩‍👧‍👦' })));
    const headers = { AUTHORIZATION: (await teamsHeaders(bytes)).authorization };
    const { status } = await answerOf(adapter, inPieces(bytes, headers), env);
    expect([status, records[0]?.fields.Message]).toEqual([200, 'café 👩‍👩‍👧‍👦']);
  });

  it('gzip: refuses a compressed body after verifying it, and inflates nothing', async () => {
    const { calls } = installAirtable();
    const bytes = await gzipped(JSON.stringify(teamsMessage('44')));
    const headers = { ...(await teamsHeaders(bytes)), 'content-encoding': 'gzip' };
    const request = new Request('https://x.example/', { method: 'POST', body: bytes, headers });
    expect((await answerOf(adapter, request, env)).status).toBe(400);
    expect(calls).toEqual([]);
  });

  it('methods: takes POST only', async () => {
    const { calls } = installAirtable();
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await answerOf(adapter, new Request('https://x.example/', { method }), env)).status).toBe(405);
    }
    expect(calls).toEqual([]);
  });
});
