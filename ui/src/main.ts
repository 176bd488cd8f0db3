import { mount } from 'svelte';
import App from './App.svelte';
import { AppState } from './app.svelte';
import { openBackend } from './ipc/connect';
import './styles/tokens.css';
import { strings } from './strings';
import { Theme } from './theme.svelte';

// The content policy forbids more than the page needs; a violation is a bug that would otherwise stay silent in WebKit.
document.addEventListener('securitypolicyviolation', (violation) => {
  console.error(`Content policy: ${violation.violatedDirective} blocked ${violation.blockedURI}`);
});

const target = document.querySelector<HTMLElement>('#app') ?? document.body;

try {
  const backend = await openBackend();
  await backend.connect();
  mount(App, { target, props: { app: new AppState(backend), backend, theme: new Theme() } });
} catch (error) {
  // Without its host the window has nothing to show but why.
  target.textContent = `${strings.fatal}: ${error instanceof Error ? error.message : String(error)}`;
}
