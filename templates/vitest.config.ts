import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['modules/*.test.ts', 'adapters/**/*.test.ts', 'platform/**/*.test.ts'] },
});
