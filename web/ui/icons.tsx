/** Line icons of the house, drawn on a 16-unit grid; nothing is fetched. */
const PATHS = {
  alert: 'M8 2a4 4 0 0 0-4 4v3l-1.2 2h10.4L12 9V6a4 4 0 0 0-4-4zM6.5 13.4h3',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9zM10.3 10.3L13.5 13.5',
  rules: 'M8 4c-1.5-1-3.5-1.3-5.5-1v9.5c2-.3 4 0 5.5 1c1.5-1 3.5-1.3 5.5-1V3c-2-.3-4 0-5.5 1zM8 4v9.5',
  system: 'M2 5h6M11 5h3M2 11h3M8 11h6M9.5 3.5v3M6.5 9.5v3',
  seal: 'M3.5 2.5h9v11h-9zM6 6.2l1.5 1.6L10.4 5M5.5 10.500h5',
  folder: 'M2 4h4.500l1.500 1.800h6V13H2z',
  back: 'M10 3L5 8l5 5',
  up: 'M8 13V3M4 7l4-4 4 4',
  down: 'M8 3v10M4 9l4 4 4-4',
  close: 'M4 4l8 8M12 4l-8 8',
  eye: 'M1.5 8C3 5.2 5.2 3.8 8 3.8s5 1.4 6.5 4.2C13 10.8 10.8 12.2 8 12.2S3 10.8 1.5 8zM8 6.2a1.8 1.8 0 1 0 0 3.6a1.8 1.8 0 0 0 0-3.6z',
  file: 'M4 2h5.5L12.5 5v9H4zM9.5 2v3h3M6 9h4.5M6 11.5h3',
  image: 'M2.5 3h11v10h-11zM2.5 11l3.2-3.4 2.6 2.6 2-2 3.2 3M10.5 5.6a.9.9 0 1 0 0 1.8a.9.9 0 0 0 0-1.8z',
  video: 'M2.5 4h8v8h-8zM10.5 7l3-2v6l-3-2z',
  link: 'M6.8 9.2a2.5 2.5 0 0 0 3.6 0l2-2a2.5 2.5 0 0 0-3.6-3.6l-.8.8M9.2 6.8a2.5 2.5 0 0 0-3.6 0l-2 2a2.5 2.5 0 0 0 3.6 3.6l.8-.8',
  pin: 'M8 2a4.2 4.2 0 0 0-4.2 4.2C3.8 9.4 8 14 8 14s4.2-4.6 4.2-7.8A4.2 4.2 0 0 0 8 2zM8 4.8a1.5 1.5 0 1 0 0 3a1.5 1.5 0 0 0 0-3z',
  person: 'M8 2.5a2.6 2.6 0 1 0 0 5.2a2.6 2.6 0 0 0 0-5.2zM3 13.5c.4-2.8 2.4-4 5-4s4.6 1.2 5 4',
  packet: 'M3.5 2h9v12h-9zM3.5 5.5c2.8 2 6.2 2 9 0M8 6v2.5',
  chats: 'M2.5 3h11v7.5H8L5 13v-2.5H2.5zM5 5.6h6M5 7.9h4',
  calendar: 'M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3',
  phone:
    'M4 2.5l2 .4.8 2.8L5.5 7c.8 1.6 1.9 2.7 3.5 3.5l1.3-1.3 2.8.8.4 2c-.2.9-.9 1.4-1.8 1.3C6.600 12.800 3.200 9.400 2.700 4.300 2.600 3.400 3.100 2.700 4 2.500z',
  list: 'M5.500 4h8M5.500 8h8M5.500 12h8M2.500 4h.1M2.500 8h.1M2.500 12h.1',
  app: 'M2.500 2.500h4.500v4.500h-4.500zM9 2.500h4.500v4.500H9zM2.500 9h4.500v4.500h-4.500zM9 9h4.500v4.500H9z',
  archive: 'M2.5 3h11v3h-11zM3.5 6v7.5h9V6M6.5 8.5h3',
  out: 'M9.500 3H3.500v10h6M7 8h7M11.500 5.500L14 8l-2.500 2.500',
}
export type IconName = keyof typeof PATHS

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
