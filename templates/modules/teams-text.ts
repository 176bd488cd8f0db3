// The text of a Teams message as a person reads it.

/**
 * Without the mention of the webhook itself, whose name is `own`; other mentions become `@Name`. Teams writes spaces
 * and signs of HTML as `&nbsp;`, `&lt;` also in plain text.
 */
export function plainText(text: string, own: string): string {
  const [before = '', ...rest] = text.split('<at>');
  const parts = rest.map((part) => {
    const end = part.indexOf('</at>');
    if (end === -1) return `<at>${decoded(part)}`;
    const name = decoded(part.slice(0, end));
    return `${name === own ? '' : `@${name}`}${decoded(part.slice(end + '</at>'.length))}`;
  });
  return [decoded(before), ...parts].join('').replaceAll('\r\n', '\n').trim();
}

function decoded(text: string): string {
  const signs = [
    ['&nbsp;', ' '],
    ['&lt;', '<'],
    ['&gt;', '>'],
    ['&quot;', '"'],
    ['&#39;', "'"],
    // Last: `&amp;lt;` is the text `&lt;`.
    ['&amp;', '&'],
  ] as const;
  return signs.reduce((result, [written, sign]) => result.replaceAll(written, sign), text);
}
