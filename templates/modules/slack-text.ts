/** Slack's message text as a person reads it: `<url|label>` becomes `label (url)`, `&lt;` becomes `<`. */
export function plainText(text: string): string {
  const named = text.replace(/<([^<>|\s]+)(?:\|([^<>]*))?>/g, (_, target: string, label: string | undefined) => {
    if (target.startsWith('#') || target.startsWith('@')) return `${target[0]}${label || target.slice(1)}`;
    // `<!channel>`, `<!subteam^S1|@team>`: without the mark they cannot call anybody.
    if (target.startsWith('!')) return label || `@${target.slice(1)}`;
    return label && label !== target ? `${label} (${target})` : target;
  });
  // `&amp;` last: `&amp;lt;` is the text `&lt;`.
  return named.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
