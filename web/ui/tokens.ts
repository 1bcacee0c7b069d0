import type { ThemeConfig } from 'antd'

/** The one place where colours are named; CSS reads them as variables, Ant Design as theme tokens. */
const light = {
  ground: '#F4F5F7',
  sheet: '#FFFFFF',
  line: '#E3E6EA',
  'line-soft': '#EEF0F3',
  edge: '#CBD2DA',
  ink: '#1D2733',
  ink2: '#5A6673',
  faint: '#8B95A1',
  action: '#1F4E79',
  'action-tint': '#EAF1F8',
  'action-edge': '#BBD0E4',
  'on-action': '#FFFFFF',
  seal: '#C0392B',
  p0: '#C0392B',
  p1: '#C9731A',
  p2: '#9A7B1F',
  p3: '#5F7482',
  good: '#2E7D5B',
  'good-tint': '#EDF6F1',
  'good-edge': '#C9E2D5',
  'good-ink': '#256A4C',
  'warn-ink': '#8A4B0C',
  'warn-tint': '#FCF3EA',
  'warn-edge': '#EBCFB2',
  staff: '#DCEBFA',
  'staff-edge': '#C9DEF3',
  customer: '#FFFFFF',
  recalled: '#F6F9FC',
  'recalled-edge': '#9FB3C7',
  hit: '#FCE9D9',
  avatar: '#DCE3EA',
  'avatar-ink': '#3D4D5C',
  'avatar-staff': '#CFE0F0',
}
type Palette = Record<keyof typeof light, string>

const dark: Palette = {
  ground: '#14181D',
  sheet: '#1C2229',
  line: '#2C343D',
  'line-soft': '#262D35',
  edge: '#46515D',
  ink: '#E6EAEE',
  ink2: '#A7B1BC',
  faint: '#76818D',
  action: '#6FA8DC',
  'action-tint': '#22313F',
  'action-edge': '#3B566F',
  'on-action': '#0E1A26',
  seal: '#C0392B',
  p0: '#E2695C',
  p1: '#E59A4C',
  p2: '#CBAA4B',
  p3: '#8FA5B4',
  good: '#5DB58C',
  'good-tint': '#1B2E27',
  'good-edge': '#2F5244',
  'good-ink': '#8AD0AF',
  'warn-ink': '#E8B37E',
  'warn-tint': '#33281C',
  'warn-edge': '#5C452C',
  staff: '#22384E',
  'staff-edge': '#2F4A65',
  customer: '#242C35',
  recalled: '#1D262F',
  'recalled-edge': '#566B80',
  hit: '#4C3423',
  avatar: '#36414D',
  'avatar-ink': '#C4CED8',
  'avatar-staff': '#2B4661',
}

const FONT =
  '"PingFang SC","HarmonyOS Sans SC","Microsoft YaHei","Noto Sans SC","Noto Sans CJK SC",sans-serif'

function variables(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')
}

/** CSS variables for both schemes; called once, before the first paint. */
export function paintVariables(): void {
  const style = document.createElement('style')
  style.textContent = `:root{--font:${FONT};${variables(light)}}@media (prefers-color-scheme:dark){:root{${variables(dark)}}}`
  document.head.append(style)
}

/** The same tokens for Ant Design. `algorithm` is handed in so that this file imports only types. */
export function antdTheme(
  isDark: boolean,
  motion: boolean,
  algorithm: NonNullable<ThemeConfig['algorithm']>,
): ThemeConfig {
  const palette = isDark ? dark : light
  return {
    algorithm,
    token: {
      colorPrimary: palette.action,
      colorLink: palette.action,
      colorInfo: palette.action,
      colorSuccess: palette.good,
      colorWarning: palette.p1,
      colorError: palette.p0,
      colorTextBase: palette.ink,
      colorBgBase: palette.sheet,
      colorText: palette.ink,
      colorTextSecondary: palette.ink2,
      colorTextTertiary: palette.ink2,
      colorTextPlaceholder: palette.ink2,
      colorBorder: palette.edge,
      colorBorderSecondary: palette.line,
      colorBgContainer: palette.sheet,
      colorBgElevated: palette.sheet,
      colorBgLayout: palette.ground,
      borderRadius: 6,
      fontSize: 14,
      fontFamily: FONT,
      controlHeight: 32,
      motion,
    },
    components: {
      Button: {
        primaryShadow: 'none',
        defaultShadow: 'none',
        primaryColor: palette['on-action'],
        colorPrimary: palette.action,
      },
    },
  }
}
