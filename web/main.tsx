import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import type { Locale } from 'antd/es/locale'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queries } from './api/queries.ts'
import { loadWords } from './i18n/index.ts'
import { router } from './routes.tsx'
import './ui/base.css'
import { HouseTheme } from './ui/theme.tsx'
import { Toasts } from './ui/toast.tsx'
import { paintVariables } from './ui/tokens.ts'

async function antdLocale(language: 'zh-CN' | 'en'): Promise<Locale> {
  const found =
    language === 'en' ? await import('antd/es/locale/en_US') : await import('antd/es/locale/zh_CN')
  return found.default
}

async function start(): Promise<void> {
  paintVariables()
  const locale = await antdLocale(await loadWords())
  const root = document.getElementById('root')
  if (!root) throw new Error('index.html has no #root')
  createRoot(root).render(
    <StrictMode>
      <HouseTheme locale={locale}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
          <Toasts />
        </QueryClientProvider>
      </HouseTheme>
    </StrictMode>,
  )
}

void start()
