import { DatePicker, Switch } from 'antd'
import dayjs from 'dayjs'
import 'dayjs/locale/zh-cn'
import { useEffect, useState } from 'react'
import type { Head } from '../../api/types.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { Kbd } from '../../ui/keys.tsx'
import { dayOf, exactTime, hourMinute, startOfDay } from '../../ui/time-words.ts'
import type { ConversationAddress } from './address.ts'

type Props = {
  head: Head
  address: ConversationAddress
  change: (part: ConversationAddress) => void
  day: (by: 1 | -1) => Promise<unknown>
  toDay: (day: string) => Promise<unknown>
  members: { open: boolean; toggle: () => void }
}

const MINUTE = 60_000
/** The picker of a day to go to keeps none. */
const NO_DAY: dayjs.Dayjs | null = null as dayjs.Dayjs | null
export const minuteWords = (at: number): string => exactTime(at).slice(0, 16)
/** The picker thinks in the browser's zone, we in the institution's: it is handed and gives wall-clock times. */
const toWall = (at: number) => dayjs(`${dayOf(at)} ${hourMinute(at)}`)
const fromWall = (wall: dayjs.Dayjs): number =>
  startOfDay(wall.format('YYYY-MM-DD')) + (wall.hour() * 60 + wall.minute()) * MINUTE

/** As of when: a slider from the first message to the last, the exact minute, and the way back to now. */
export function MomentBar({ head, address, change, day, toDay, members }: Props) {
  const { at, known } = address
  const away = { around: undefined, msgid: undefined }
  const set = (moment: number | undefined) =>
    change({ ...away, at: moment, known: moment === undefined ? undefined : known })
  return (
    <div className="moment-bar">
      <div className="moment-line">
        <span className={`moment-now${at === undefined ? '' : ' then'}`}>
          {at === undefined ? t('moment.now') : t('moment.until', { time: minuteWords(at) })}
        </span>
        <Slider head={head} at={at} set={set} />
        <DatePicker
          size="small"
          className="moment-pick"
          showTime={{ format: 'HH:mm' }}
          format="YYYY-MM-DD HH:mm"
          value={at === undefined ? null : toWall(at)}
          placeholder={t('moment.pick')}
          aria-label={t('moment.pick')}
          onChange={value => set(value ? fromWall(value) + MINUTE - 1 : undefined)}
        />
        {at === undefined ? null : (
          <>
            <span className="moment-known" title={t('moment.knownWhy')}>
              <Switch
                size="small"
                checked={known === 'then'}
                aria-label={t('moment.known')}
                onChange={on => change({ ...away, known: on ? 'then' : undefined })}
              />
              {t('moment.known')}
            </span>
            <button type="button" className="btn small" onClick={() => set(undefined)}>
              {t('moment.back')}
            </button>
          </>
        )}
        <span className="grow" />
        <span className="moment-days">
          <button
            type="button"
            className="btn small"
            onClick={() => void day(-1)}
            title={t('go.previousDay')}
          >
            <Icon name="up" size={14} /> <Kbd>P</Kbd>
          </button>
          <DatePicker
            size="small"
            className="moment-day"
            placeholder={t('go.day')}
            aria-label={t('go.day')}
            value={NO_DAY}
            onChange={value => value && void toDay(value.format('YYYY-MM-DD'))}
          />
          <button type="button" className="btn small" onClick={() => void day(1)} title={t('go.nextDay')}>
            <Icon name="down" size={14} /> <Kbd>N</Kbd>
          </button>
        </span>
        <button
          type="button"
          className="btn small"
          aria-expanded={members.open}
          title={t(members.open ? 'members.hide' : 'members.show')}
          onClick={members.toggle}
        >
          <Icon name="person" size={14} />
          <span className="members-word">{t(members.open ? 'members.hide' : 'members.show')}</span>{' '}
          <Kbd>M</Kbd>
        </button>
      </div>
      {at === undefined ? null : <p className="moment-note">{t('moment.note', { time: minuteWords(at) })}</p>}
    </div>
  )
}

/** Moves freely and asks once the hand rests: each look is in the trail. */
function Slider({
  head,
  at,
  set,
}: {
  head: Head
  at: number | undefined
  set: (at: number | undefined) => void
}) {
  const { first, last } = head
  const [value, setValue] = useState(at ?? last ?? 0)
  useEffect(() => setValue(at ?? last ?? 0), [at, last])
  if (first === null || last === null || last - first < MINUTE) return null
  const end = Math.ceil(last / MINUTE) * MINUTE
  const settle = () => {
    if (value !== (at ?? last)) set(value >= end ? undefined : value)
  }
  return (
    <input
      type="range"
      className="moment-slide"
      min={Math.floor(first / MINUTE) * MINUTE}
      max={end}
      step={MINUTE}
      value={value}
      aria-label={t('moment.slide')}
      aria-valuetext={minuteWords(value)}
      title={minuteWords(value)}
      onChange={event => setValue(Number(event.target.value))}
      onPointerUp={settle}
      onKeyUp={settle}
    />
  )
}
