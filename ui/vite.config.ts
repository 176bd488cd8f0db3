import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  // The desktop shell and the bridge both serve the built page from their root.
  build: {
    target: 'es2023',
    // Monaco's TypeScript worker alone is 7 MB; it is a local asset, loaded when the first editor opens.
    chunkSizeWarningLimit: 8000,
  },
  worker: { format: 'es' },
  server: { port: 1420, strictPort: true },
  clearScreen: false,
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
