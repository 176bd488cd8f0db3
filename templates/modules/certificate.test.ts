import { expect, it } from 'vitest';
import { type Certified, certificate } from '../testing/paypal';
import { certifiedKey } from './certificate';

const NOW = Date.parse('2026-11-21T08:30:00Z');
const key = async (change: Certified = {}, now = NOW) => certifiedKey(await certificate(change), '.paypal.com', now);

it('finds the key, which can be imported', async () => {
  const spki = (await key()) ?? new Uint8Array();
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const imported = await crypto.subtle.importKey('spki', spki.slice(), algorithm, true, ['verify']);
  expect((imported.algorithm as { modulusLength: number }).modulusLength).toBe(2048);
});

it('takes the first of a chain, and white space of any kind', async () => {
  const pem = await certificate();
  const other = await certificate({ name: 'another.example' });
  expect(certifiedKey(`${pem}${other}`, '.paypal.com', NOW)).toEqual(await key());
  expect(certifiedKey(pem.replaceAll('\n', '\r\n'), '.paypal.com', NOW)).toEqual(await key());
});

it.each<[string, Certified, number]>([
  ['another name', { name: 'messageverificationcerts.paypal.com.evil.example' }, NOW],
  ['a name that only looks like it', { name: 'evilpaypal.com' }, NOW],
  ['one that is over', { until: '20261121082959Z' }, NOW],
  ['one that has not begun', { from: '261121083001Z' }, NOW],
  ['one of the last century', { from: '500101000000Z', until: '19991231235959Z' }, NOW],
  ['a time that is none', { from: 'yesterday' }, NOW],
])('refuses %s', async (_, change, now) => expect(await key(change, now)).toBeUndefined());

it('is valid to the second', async () => {
  const change = { from: '261121083000Z', until: '20261121083000Z' };
  expect(await key(change)).toBeDefined();
  expect(await key(change, NOW + 1000)).toBeUndefined();
});

it('refuses what is no certificate, wherever it is cut or changed', async () => {
  const whole = (await certificate()).replace(/-----[A-Z ]+-----|\s/g, '');
  const bytes = Uint8Array.from(atob(whole), (character) => character.charCodeAt(0));
  const read = (der: Uint8Array) => {
    const base64 = btoa(String.fromCharCode(...der));
    return certifiedKey(`-----BEGIN CERTIFICATE-----${base64}-----END CERTIFICATE-----`, '.paypal.com', NOW);
  };
  expect(read(bytes)).toBeDefined();
  for (let length = 1; length < bytes.length; length += 1) expect(read(bytes.slice(0, length))).toBeUndefined();
  for (let index = 0; index < bytes.length; index += 1) expect(() => read(bytes.with(index, 0xff))).not.toThrow();
  for (const text of ['', '<html>', '-----BEGIN CERTIFICATE-----!-----END CERTIFICATE-----']) {
    expect(certifiedKey(text, '.paypal.com', NOW)).toBeUndefined();
  }
});
