import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/**
 * Contracts are zod schemas with a few plain tables beside them. The screen needs the types, which cost nothing, and
 * the tables; so each contract is run here, once, and only what is plain data goes into the bundle. The server has
 * checked every answer against the schema before sending it.
 */
const contractTables: Plugin = {
  name: 'contract-tables',
  enforce: 'pre',
  async load(id) {
    if (!/\/src\/(?:\w+\/)+contract\.ts$/.test(id)) return null
    const contract: Record<string, unknown> = await import(id)
    const plain = Object.entries(contract).filter(([, value]) => isPlain(value))
    return plain.map(([name, value]) => `export const ${name} = ${JSON.stringify(value)}`).join('\n')
  },
}

function isPlain(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'object' && value !== null && !('_zod' in value))
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [contractTables, react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'esnext',
    sourcemap: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 900,
  },
  server: {
    port: 5173,
    proxy: { '/api': { target: 'http://127.0.0.1:8080', changeOrigin: false } },
  },
})
