import { ConfigProvider, theme } from 'antd'
import type { Locale } from 'antd/es/locale'
import { type ReactNode, useSyncExternalStore } from 'react'
import { antdTheme } from './tokens.ts'

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    changed => {
      const list = matchMedia(query)
      list.addEventListener('change', changed)
      return () => list.removeEventListener('change', changed)
    },
    () => matchMedia(query).matches,
  )
}

/** Three panes stand side by side from here on; below, they become three steps. */
export const useWide = (): boolean => useMedia('(min-width: 1100px)')
export const usePhone = (): boolean => useMedia('(max-width: 767px)')

export function HouseTheme(props: { locale: Locale; children: ReactNode }) {
  const isDark = useMedia('(prefers-color-scheme: dark)')
  const still = useMedia('(prefers-reduced-motion: reduce)')
  const algorithm = isDark ? theme.darkAlgorithm : theme.defaultAlgorithm
  return (
    <ConfigProvider
      locale={props.locale}
      theme={antdTheme(isDark, !still, algorithm)}
      button={{ autoInsertSpace: false }}
    >
      {props.children}
    </ConfigProvider>
  )
}
